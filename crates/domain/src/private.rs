//! What is about a natural person travels in events marked as private, so that the log can seal it under that
//! person's key (architecture.md, Personal data).

use crate::ids::PersonId;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Error as _, MapAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;
use std::borrow::Cow;
use std::marker::PhantomData;

/// The marker of a value in clear.
pub const PRIVATE: &str = "$private";
/// The marker of a value sealed under its person's key.
pub const SEALED: &str = "$sealed";
/// The marker of a value whose key was destroyed.
pub const ERASED: &str = "$erased";

/// Takes what is private out of an event's JSON, as if its key were gone.
pub fn erase(value: &mut Value) {
    match value {
        Value::Object(members) if members.len() == 1 && members.contains_key(PRIVATE) => {
            *value = serde_json::json!({ ERASED: true });
        }
        Value::Object(members) => members.values_mut().for_each(erase),
        Value::Array(items) => items.iter_mut().for_each(erase),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// A value about the person whom the stream is about.
///
/// In JSON it is `{"$private": value}` in memory, `{"$sealed": "…"}` in the log and `{"$erased": true}` once the
/// person's key is gone. Rules treat what is not known as absent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Private<T> {
    /// In clear, for those who hold the key.
    Known(T),
    /// As it lies in the log.
    Sealed(String),
    /// Gone with its key.
    Erased,
}

impl<T> Private<T> {
    /// The value, where it is known.
    pub fn known(&self) -> Option<&T> {
        match self {
            Self::Known(value) => Some(value),
            Self::Sealed(_) | Self::Erased => None,
        }
    }

    /// Another value made of it, where it is known.
    pub fn map_ref<U>(&self, make: impl FnOnce(&T) -> U) -> Private<U> {
        match self {
            Self::Known(value) => Private::Known(make(value)),
            Self::Sealed(text) => Private::Sealed(text.clone()),
            Self::Erased => Private::Erased,
        }
    }
}

impl<T> From<T> for Private<T> {
    fn from(value: T) -> Self {
        Self::Known(value)
    }
}

impl<T: Default> Default for Private<T> {
    fn default() -> Self {
        Self::Known(T::default())
    }
}

impl<T: Serialize> Serialize for Private<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(1))?;
        match self {
            Self::Known(value) => map.serialize_entry(PRIVATE, value)?,
            Self::Sealed(text) => map.serialize_entry(SEALED, text)?,
            Self::Erased => map.serialize_entry(ERASED, &true)?,
        }
        map.end()
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Private<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Marked<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Marked<T> {
            type Value = Private<T>;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a private, sealed or erased value")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let marker: Option<Cow<'de, str>> = map.next_key()?;
                match marker.as_deref() {
                    Some(PRIVATE) => Ok(Private::Known(map.next_value()?)),
                    Some(SEALED) => Ok(Private::Sealed(map.next_value()?)),
                    Some(ERASED) => map.next_value::<bool>().map(|_| Private::Erased),
                    Some(other) => Err(A::Error::unknown_field(other, &[PRIVATE, SEALED, ERASED])),
                    None => Err(A::Error::missing_field(PRIVATE)),
                }
            }
        }
        deserializer.deserialize_map(Marked(PhantomData))
    }
}

impl<T: JsonSchema> JsonSchema for Private<T> {
    fn schema_name() -> Cow<'static, str> {
        format!("Private_{}", T::schema_name()).into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let value = generator.subschema_for::<T>();
        json_schema!({
            "description": "about a natural person: in clear, sealed under that person's key, or erased with it",
            "oneOf": [
                {"type": "object", "properties": {PRIVATE: value}, "required": [PRIVATE], "additionalProperties": false},
                {"type": "object", "properties": {SEALED: {"type": "string"}}, "required": [SEALED], "additionalProperties": false},
                {"type": "object", "properties": {ERASED: {"const": true}}, "required": [ERASED], "additionalProperties": false},
            ]
        })
    }
}

/// A value that is about a person where there is one: private then, and in clear where it is about nobody, since no key
/// could seal it (an account of a job, an operation on no case).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum PerhapsPrivate<T> {
    /// About a person.
    Private(Private<T>),
    /// About nobody.
    Open(T),
}

impl<T> PerhapsPrivate<T> {
    /// The value, private where there is a person.
    pub fn about(person: Option<PersonId>, value: T) -> Self {
        match person {
            Some(_) => Self::Private(Private::Known(value)),
            None => Self::Open(value),
        }
    }

    /// The value, where it is known.
    pub fn known(&self) -> Option<&T> {
        match self {
            Self::Private(value) => value.known(),
            Self::Open(value) => Some(value),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_form_reads_back() {
        for value in [Private::Known("欧阳·𠮷".to_owned()), Private::Sealed("q83v".into()), Private::Erased]
        {
            let text = serde_json::to_string(&value).unwrap();
            assert_eq!(serde_json::from_str::<Private<String>>(&text).unwrap(), value);
        }
        assert!(serde_json::from_str::<Private<String>>("{}").is_err());
    }

    #[test]
    fn what_is_about_nobody_stands_in_clear() {
        let person = Some(PersonId::default());
        for (value, text) in [
            (PerhapsPrivate::about(person, "离职".to_owned()), r#"{"$private":"离职"}"#),
            (PerhapsPrivate::about(None, "停机".to_owned()), r#""停机""#),
            (PerhapsPrivate::Private(Private::Sealed("q83v".into())), r#"{"$sealed":"q83v"}"#),
        ] {
            assert_eq!(serde_json::to_string(&value).unwrap(), text);
            assert_eq!(serde_json::from_str::<PerhapsPrivate<String>>(text).unwrap(), value);
        }
        let object = PerhapsPrivate::about(person, serde_json::json!({"reason": "期满"}));
        let text = serde_json::to_string(&object).unwrap();
        assert_eq!(serde_json::from_str::<PerhapsPrivate<serde_json::Value>>(&text).unwrap(), object);
    }
}
