//! What is about a natural person travels in events marked as private, so that the log can seal it under that
//! person's key (architecture.md, Personal data).

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Error as _, MapAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::borrow::Cow;
use std::marker::PhantomData;

/// The marker of a value in clear.
pub const PRIVATE: &str = "$private";
/// The marker of a value sealed under its person's key.
pub const SEALED: &str = "$sealed";
/// The marker of a value whose key was destroyed.
pub const ERASED: &str = "$erased";

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
}
