//! Opening a payload's text: it is written anew while it is read, with what is sealed in it opened.

use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::borrow::Cow;
use std::fmt;

use super::{ERASED, PRIVATE, Place, SEALED, SealError, open_one, step_to};
use crate::PersonKey;

/// As [`super::open_payload`], of a payload that may hold markers.
pub(super) fn open(payload: &str, key: &PersonKey, place: Place<'_>) -> Result<String, SealError> {
    let opened = Vec::with_capacity(payload.len());
    let mut rewriting = Rewriting { key, place, opened, pointer: String::new(), failure: None };
    let mut json = serde_json::Deserializer::from_str(payload);
    let read = (&mut rewriting).deserialize(&mut json).and_then(|()| json.end());
    match (read, rewriting.failure) {
        (_, Some(failure)) => Err(failure),
        (Err(error), None) => Err(SealError::NotJson(error)),
        (Ok(()), None) => String::from_utf8(rewriting.opened)
            .map_err(|error| SealError::NotJson(serde_json::Error::custom(error))),
    }
}

/// A payload on its way from sealed to open.
struct Rewriting<'a> {
    key: &'a PersonKey,
    place: Place<'a>,
    opened: Vec<u8>,
    /// Where it is read.
    pointer: String,
    /// Why reading was given up, where the text's being no JSON is not the reason.
    failure: Option<SealError>,
}

/// A member's name, or a text: a copy only where it is written with escapes.
#[derive(Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

impl Rewriting<'_> {
    fn put<E: serde::de::Error>(&mut self, value: &impl Serialize) -> Result<(), E> {
        serde_json::to_writer(&mut self.opened, value).map_err(E::custom)
    }

    /// Gives up: serde's error says nothing, the reason is kept.
    fn fail<E: serde::de::Error>(&mut self, reason: impl FnOnce(String) -> SealError) -> E {
        self.failure = Some(reason(self.pointer.clone()));
        E::custom("not opened")
    }

    /// The value of a marker, which is the only member of its object.
    fn marked<'de, A: MapAccess<'de>>(&mut self, name: &str, members: &mut A) -> Result<(), A::Error> {
        let value: Value = members.next_value()?;
        if members.next_key::<IgnoredAny>()?.is_some() {
            return Err(self.malformed());
        }
        match (name, value) {
            (SEALED, Value::String(text)) => self.open(&text),
            (PRIVATE, clear) => self.put_marked(PRIVATE, &clear),
            (ERASED, Value::Bool(true)) => self.put_marked(ERASED, &true),
            _ => Err(self.malformed()),
        }
    }

    fn open<E: serde::de::Error>(&mut self, text: &str) -> Result<(), E> {
        match self.key {
            PersonKey::Known(key) => {
                let clear = open_one(text, key, self.place, &self.pointer);
                // it was made longer with spaces
                let clear = clear.as_ref().map(|clear| clear.trim_ascii_end()).filter(|clear| is_json(clear));
                let Some(clear) = clear else {
                    return Err(self.fail(|pointer| SealError::NotOpened { pointer }));
                };
                self.opened.extend_from_slice(b"{\"$private\":");
                self.opened.extend_from_slice(clear);
                self.opened.push(b'}');
                Ok(())
            }
            PersonKey::Destroyed => self.put_marked(ERASED, &true),
            PersonKey::Absent => self.put_marked(SEALED, &text),
        }
    }

    fn put_marked<E: serde::de::Error>(&mut self, name: &str, value: &impl Serialize) -> Result<(), E> {
        self.opened.push(b'{');
        self.put(&name)?;
        self.opened.push(b':');
        self.put(value)?;
        self.opened.push(b'}');
        Ok(())
    }

    fn malformed<E: serde::de::Error>(&mut self) -> E {
        self.fail(|pointer| SealError::Malformed { pointer })
    }
}

/// Whether it is a value in JSON.
fn is_json(text: &[u8]) -> bool {
    str::from_utf8(text).is_ok_and(|text| serde_json::from_str::<IgnoredAny>(text).is_ok())
}

impl<'de> DeserializeSeed<'de> for &mut Rewriting<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for &mut Rewriting<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a value in JSON")
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<(), E> {
        self.put(&())
    }

    fn visit_bool<E: serde::de::Error>(self, value: bool) -> Result<(), E> {
        self.put(&value)
    }

    fn visit_i64<E: serde::de::Error>(self, value: i64) -> Result<(), E> {
        self.put(&value)
    }

    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<(), E> {
        self.put(&value)
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<(), E> {
        self.put(&value)
    }

    fn visit_str<E: serde::de::Error>(self, value: &str) -> Result<(), E> {
        self.put(&value)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let length = self.pointer.len();
        self.opened.push(b'[');
        let mut index = 0_usize;
        loop {
            let begun = self.opened.len();
            if index > 0 {
                self.opened.push(b',');
            }
            step_to(&mut self.pointer, &index.to_string());
            let item = items.next_element_seed(&mut *self)?;
            self.pointer.truncate(length);
            if item.is_none() {
                self.opened.truncate(begun);
                break;
            }
            index += 1;
        }
        self.opened.push(b']');
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        let length = self.pointer.len();
        let begun = self.opened.len();
        self.opened.push(b'{');
        while let Some(Text(name)) = members.next_key()? {
            let first = self.opened.len() == begun + 1;
            if [PRIVATE, SEALED, ERASED].contains(&name.as_ref()) {
                if !first {
                    return Err(self.malformed());
                }
                self.opened.truncate(begun);
                return self.marked(&name, &mut members);
            }
            if !first {
                self.opened.push(b',');
            }
            self.put(&name)?;
            self.opened.push(b':');
            step_to(&mut self.pointer, &name);
            members.next_value_seed(&mut *self)?;
            self.pointer.truncate(length);
        }
        self.opened.push(b'}');
        Ok(())
    }
}
