//! Sealing: what is about a person lies in the log encrypted under that person's key. Pure: no database, no randomness.
//!
//! The domain writes a private value as `{"$private": <clear>}`. Before the event is stored each of these becomes
//! `{"$sealed": "<base64url>"}`; when it is read, the clear value again, or `{"$erased": true}` once the key was destroyed.
//!
//! A sealed value is one version byte and the AES-256-GCM-SIV ciphertext of the clear value's JSON. The nonce is derived
//! from the place (aggregate type, id, sequence, JSON pointer of the field), which is also the associated data. So the same
//! story under the same keys repeats byte for byte, and a value moved to another event or field does not open. Where a
//! place is used twice with two texts (an append that lost a race and was decided again), the cipher is made for it:
//! nothing is told but whether the two are equal.
//!
//! Before encryption the JSON is padded with spaces to a multiple of 32 bytes: names up to eight characters, ID numbers and
//! phone numbers all have one length.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::{PersonKey, SealKey, aead};

mod opening;

/// Clear texts are padded to a multiple of this.
const PADDING_BYTES: usize = 32;
/// First byte of whatever is sealed this way.
const VERSION: u8 = 1;
const PRIVATE: &str = "$private";
const SEALED: &str = "$sealed";
const ERASED: &str = "$erased";

/// Where an event's payload belongs: sealed values open nowhere else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place<'a> {
    /// Type of the aggregate.
    pub aggregate_type: &'a str,
    /// Id of the aggregate.
    pub aggregate_id: &'a str,
    /// Number of the event in its stream.
    pub sequence: u64,
}

/// Why a value could not be sealed or opened. Pointers are JSON pointers (RFC 6901); no variant holds the value.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SealError {
    /// The payload is not JSON.
    #[error("the payload is not JSON")]
    NotJson(#[source] serde_json::Error),
    /// A marker that stands beside other members, holds the wrong type or must not be there.
    #[error("the member at \"{pointer}\" is not a well-formed private value")]
    Malformed {
        /// Where in the payload.
        pointer: String,
    },
    /// A private number with a fraction or beyond 64 bits: its text could change on the way.
    #[error("the private value at \"{pointer}\" holds a number that is not an integer")]
    Number {
        /// Where in the payload.
        pointer: String,
    },
    /// Another key, another place, or altered.
    #[error("the sealed value at \"{pointer}\" does not open with this key at this place")]
    NotOpened {
        /// Where in the payload, or the label of the bytes.
        pointer: String,
    },
    /// Beyond what the cipher takes.
    #[error("the value at \"{pointer}\" is too long to be sealed")]
    TooLong {
        /// Where in the payload, or the label of the bytes.
        pointer: String,
    },
}

/// Seals every `{"$private": …}` of an event's payload. A payload without markers is returned as it is; any other comes
/// back canonical: members sorted, no spaces.
///
/// # Errors
/// When the payload is not JSON, a private value holds a fraction, or a marker is malformed: `{"$sealed": …}` is, as what
/// was sealed elsewhere would never open here. `{"$erased": true}` stays as it is.
pub fn seal_payload(payload: &str, key: &SealKey, place: Place<'_>) -> Result<String, SealError> {
    if !may_hold_markers(payload) {
        return Ok(payload.to_owned());
    }
    let mut value = serde_json::from_str(payload).map_err(SealError::NotJson)?;
    seal_value(&mut value, &mut String::new(), key, place)?;
    Ok(value.to_string())
}

/// Opens every `{"$sealed": …}` of an event's payload into `{"$private": …}`. With a destroyed key each becomes
/// `{"$erased": true}`, with an absent one it stays sealed. The text is rewritten as it is read, without a tree of it: a rebuild
/// opens every event of the log.
///
/// # Errors
/// When the payload is not JSON, a marker is malformed, or a value does not open.
pub fn open_payload(payload: &str, key: &PersonKey, place: Place<'_>) -> Result<String, SealError> {
    if !may_hold_markers(payload) || *key == PersonKey::Absent {
        return Ok(payload.to_owned());
    }
    opening::open(payload, key, place)
}

/// Seals a file or other bytes under a label that names what they are (person and digest, say). The same bytes under the
/// same key and label give the same result.
///
/// # Errors
/// When the bytes are too many for the cipher (64 GiB).
pub fn seal_bytes(key: &SealKey, label: &str, clear: &[u8]) -> Result<Vec<u8>, SealError> {
    let place = place_bytes("zhicheng sealed bytes 1", &[label.as_bytes()]);
    let sealed = aead::encrypt(key.bytes(), &nonce(&place), &place, clear)
        .ok_or_else(|| SealError::TooLong { pointer: label.to_owned() })?;
    Ok([&[VERSION], sealed.as_slice()].concat())
}

/// Opens what [`seal_bytes`] made with the same key and label.
///
/// # Errors
/// [`SealError::NotOpened`] if key, label or a single bit differs.
pub fn open_bytes(key: &SealKey, label: &str, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealError> {
    let place = place_bytes("zhicheng sealed bytes 1", &[label.as_bytes()]);
    decrypt(key, &place, sealed).ok_or_else(|| SealError::NotOpened { pointer: label.to_owned() })
}

/// Every marker begins with `"$`; written with escapes it holds a backslash and a u. Wrong only on the safe side.
fn may_hold_markers(payload: &str) -> bool {
    payload.contains("\"$") || payload.contains("\\u")
}

/// What the members of one object say about sealing; what is sealed already is malformed where something is sealed.
enum Marker<'a> {
    None,
    Private(&'a Value),
    Erased,
    Malformed,
}

fn marker(members: &Map<String, Value>) -> Marker<'_> {
    let marked = [PRIVATE, SEALED, ERASED].iter().any(|name| members.contains_key(*name));
    match members.iter().next() {
        Some((name, value)) if marked && members.len() == 1 => match (name.as_str(), value) {
            (PRIVATE, clear) => Marker::Private(clear),
            (ERASED, Value::Bool(true)) => Marker::Erased,
            _ => Marker::Malformed,
        },
        _ if marked => Marker::Malformed,
        _ => Marker::None,
    }
}

/// Seals from the outside in; what is marked is not looked into, so nothing inside a private value is ever taken for a marker.
fn seal_value(
    value: &mut Value,
    pointer: &mut String,
    key: &SealKey,
    place: Place<'_>,
) -> Result<(), SealError> {
    let length = pointer.len();
    match value {
        Value::Object(members) => match marker(members) {
            Marker::None => {
                for (name, member) in members {
                    step_to(pointer, name);
                    seal_value(member, pointer, key, place)?;
                    pointer.truncate(length);
                }
            }
            Marker::Private(clear) => {
                let sealed = seal_one(clear, key, place, pointer)?;
                *value = sealed;
            }
            Marker::Erased => {}
            Marker::Malformed => return Err(SealError::Malformed { pointer: pointer.clone() }),
        },
        Value::Array(items) => {
            for (index, item) in items.iter_mut().enumerate() {
                step_to(pointer, &index.to_string());
                seal_value(item, pointer, key, place)?;
                pointer.truncate(length);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
    Ok(())
}

/// Lengthens a JSON pointer by a member.
fn step_to(pointer: &mut String, name: &str) {
    pointer.push('/');
    match name.contains(['~', '/']) {
        true => pointer.push_str(&name.replace('~', "~0").replace('/', "~1")),
        false => pointer.push_str(name),
    }
}

fn seal_one(clear: &Value, key: &SealKey, place: Place<'_>, pointer: &str) -> Result<Value, SealError> {
    if holds_fraction(clear) {
        return Err(SealError::Number { pointer: pointer.to_owned() });
    }
    let mut text = Zeroizing::new(clear.to_string().into_bytes());
    let padded = text.len().next_multiple_of(PADDING_BYTES);
    text.resize(padded, b' ');
    let place = field_place(place, pointer);
    let sealed = aead::encrypt(key.bytes(), &nonce(&place), &place, &text)
        .ok_or_else(|| SealError::TooLong { pointer: pointer.to_owned() })?;
    let text = URL_SAFE_NO_PAD.encode([&[VERSION], sealed.as_slice()].concat());
    Ok(json!({ SEALED: text }))
}

/// The clear value's JSON.
fn open_one(text: &str, key: &SealKey, place: Place<'_>, pointer: &str) -> Option<Zeroizing<Vec<u8>>> {
    let sealed = URL_SAFE_NO_PAD.decode(text).ok()?;
    decrypt(key, &field_place(place, pointer), &sealed)
}

fn decrypt(key: &SealKey, place: &[u8], sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    match sealed.split_first() {
        Some((&VERSION, sealed)) => aead::decrypt(key.bytes(), &nonce(place), place, sealed),
        _ => None,
    }
}

fn holds_fraction(value: &Value) -> bool {
    match value {
        Value::Number(number) => number.is_f64(),
        Value::Array(items) => items.iter().any(holds_fraction),
        Value::Object(members) => members.values().any(holds_fraction),
        Value::Null | Value::Bool(_) | Value::String(_) => false,
    }
}

fn field_place(place: Place<'_>, pointer: &str) -> Vec<u8> {
    place_bytes(
        "zhicheng sealed field 1",
        &[
            place.aggregate_type.as_bytes(),
            place.aggregate_id.as_bytes(),
            &place.sequence.to_be_bytes(),
            pointer.as_bytes(),
        ],
    )
}

/// Label and parts, each led by its length, so that no two places are written alike.
fn place_bytes(label: &str, parts: &[&[u8]]) -> Vec<u8> {
    let mut place = Vec::with_capacity(192);
    for part in std::iter::once(&label.as_bytes()).chain(parts) {
        place.extend_from_slice(&(part.len() as u64).to_be_bytes());
        place.extend_from_slice(part);
    }
    place
}

fn nonce(place: &[u8]) -> [u8; aead::NONCE_BYTES] {
    let digest = Sha256::digest(place);
    let mut nonce = [0; aead::NONCE_BYTES];
    nonce.copy_from_slice(&digest[..aead::NONCE_BYTES]);
    nonce
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const PLACE: Place<'static> =
        Place { aggregate_type: "person", aggregate_id: "0190a5e0-7a1c-7000-8000-000000000001", sequence: 3 };

    fn key() -> SealKey {
        SealKey::from_bytes([7; 32])
    }

    fn known() -> PersonKey {
        PersonKey::Known(key())
    }

    fn sealed(payload: &Value) -> String {
        seal_payload(&payload.to_string(), &key(), PLACE).unwrap()
    }

    #[test]
    fn rare_characters_and_middle_dots_open_as_they_were() {
        for name in ["𠮷田", "阿依古丽·买买提", "㛃", "", "李"] {
            let payload = json!({"name": {"$private": name}, "year": 2026});
            let stored = sealed(&payload);
            assert!(!stored.contains("private") && (name.is_empty() || !stored.contains(name)));
            assert_eq!(open_payload(&stored, &known(), PLACE).unwrap(), payload.to_string());
        }
    }

    #[test]
    fn a_story_repeats_byte_for_byte() {
        let stored = sealed(&json!({"name": {"$private": "𠮷·田"}, "phones": [{"$private": {"a/b": 1}}]}));
        assert_eq!(stored, VECTOR);
    }

    const VECTOR: &str = concat!(
        r#"{"name":{"$sealed":"Ae12lTmXB1OfPnOWnlKa5ES3jsvq2Od7_MoYiKfTltsz0813We76sT4tWiBifnImtw"},"#,
        r#""phones":[{"$sealed":"AWx8k-ag8O1e-LlzESs8qfzy3nftyLk8P3XW97PuHJnDMlT75vqKEvq6RTR9J4qz8g"}]}"#,
    );

    #[test]
    fn short_texts_have_one_length() {
        let lengths: std::collections::BTreeSet<_> =
            ["李", "欧阳震华", "430102199001011234", "13800001111", ""]
                .map(|text| sealed(&json!({"field": {"$private": text}})).len())
                .into();
        assert_eq!(lengths.len(), 1);
    }

    #[test]
    fn what_was_moved_does_not_open() {
        let stored = sealed(&json!({"name": {"$private": "张三"}, "other": {"$private": "张三"}}));
        for place in [
            Place { sequence: 4, ..PLACE },
            Place { aggregate_id: "0190a5e0-7a1c-7000-8000-000000000002", ..PLACE },
            Place { aggregate_type: "judge", ..PLACE },
        ] {
            assert!(matches!(
                open_payload(&stored, &known(), place),
                Err(SealError::NotOpened { pointer }) if pointer == "/name"
            ));
        }
        let mut swapped: Value = serde_json::from_str(&stored).unwrap();
        let name = swapped["name"].take();
        swapped["name"] = swapped["other"].take();
        swapped["other"] = name;
        assert!(open_payload(&swapped.to_string(), &known(), PLACE).is_err());
        let other_key = PersonKey::Known(SealKey::from_bytes([8; 32]));
        assert!(open_payload(&stored, &other_key, PLACE).is_err());
    }

    #[test]
    fn is_erased_with_a_destroyed_key_and_stays_sealed_with_an_absent_one() {
        let stored = sealed(&json!({"name": {"$private": "张三"}, "year": 2026}));
        assert_eq!(
            open_payload(&stored, &PersonKey::Destroyed, PLACE).unwrap(),
            r#"{"name":{"$erased":true},"year":2026}"#
        );
        assert_eq!(open_payload(&stored, &PersonKey::Absent, PLACE).unwrap(), stored);
    }

    #[test]
    fn a_payload_without_markers_is_not_touched() {
        let payload = r#"{ "b": 1e3, "a": 1 }"#;
        assert_eq!(seal_payload(payload, &key(), PLACE).unwrap(), payload);
        assert_eq!(open_payload(payload, &known(), PLACE).unwrap(), payload);
    }

    #[test]
    fn a_marker_written_with_escapes_is_sealed_too() {
        let stored = seal_payload(r#"{"name":{"\u0024private":"张三"}}"#, &key(), PLACE).unwrap();
        assert!(stored.contains(SEALED) && !stored.contains("张三"));
    }

    #[test]
    fn malformed_markers_are_refused() {
        for payload in [
            json!({"name": {"$private": "a", "more": 1}}),
            json!({"name": {"$sealed": "AAAA"}}),
            json!({"name": {"$erased": false}}),
            json!([{"$private": 1, "$sealed": "AAAA"}]),
        ] {
            assert!(matches!(
                seal_payload(&payload.to_string(), &key(), PLACE),
                Err(SealError::Malformed { .. })
            ));
        }
        let fraction = json!({"name": {"$private": [1.5]}}).to_string();
        assert!(matches!(seal_payload(&fraction, &key(), PLACE), Err(SealError::Number { .. })));
        assert!(matches!(seal_payload("{\"$", &key(), PLACE), Err(SealError::NotJson(_))));
    }

    #[test]
    fn what_is_malformed_does_not_open() {
        let stored = sealed(&json!({"$private": "张三"}));
        let text = stored.trim_start_matches(r#"{"$sealed":"#).trim_end_matches('}');
        for payload in [
            format!(r#"{{"name":{{"$sealed":{text},"more":1}}}}"#),
            format!(r#"{{"name":{{"and":1,"$sealed":{text}}}}}"#),
            format!(r#"{{"name":{{"$private":1,"$sealed":{text}}}}}"#),
            r#"{"name":{"$sealed":["AAAA"]}}"#.to_owned(),
            r#"{"name":{"$erased":false}}"#.to_owned(),
        ] {
            assert!(
                matches!(open_payload(&payload, &known(), PLACE), Err(SealError::Malformed { pointer }) if pointer == "/name"),
                "{payload}"
            );
        }
        assert_eq!(open_payload(&stored, &known(), PLACE).unwrap(), r#"{"$private":"张三"}"#);
        assert!(matches!(open_payload("{\"$", &known(), PLACE), Err(SealError::NotJson(_))));
        assert!(matches!(open_payload(&format!("{stored} 1"), &known(), PLACE), Err(SealError::NotJson(_))));
    }

    #[test]
    fn what_is_inside_a_private_value_is_never_taken_for_a_marker() {
        let payload = json!({"note": {"$private": {"$sealed": "AAAA", "inner": {"$private": 1}}}});
        let stored = sealed(&payload);
        assert_eq!(open_payload(&stored, &known(), PLACE).unwrap(), payload.to_string());
    }

    #[test]
    fn bytes_open_under_their_own_label_only() {
        let stored = seal_bytes(&key(), "material/1", b"%PDF-1.7").unwrap();
        assert_eq!(open_bytes(&key(), "material/1", &stored).unwrap().as_slice(), b"%PDF-1.7");
        assert!(open_bytes(&key(), "material/2", &stored).is_err());
        assert!(open_bytes(&SealKey::from_bytes([8; 32]), "material/1", &stored).is_err());
        for length in 0..stored.len() {
            assert!(open_bytes(&key(), "material/1", &stored[..length]).is_err());
        }
    }

    /// JSON without fractions, with private values anywhere.
    fn payloads() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<u64>().prop_map(Value::from),
            ".{0,40}".prop_map(Value::from),
            "[𠮷·张三李四\"\\\\\u{0}-\u{1f}]{0,12}".prop_map(Value::from),
        ];
        leaf.prop_recursive(5, 40, 5, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
                prop::collection::btree_map("[a-z~/·]{0,6}", inner.clone(), 0..5)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
                inner.prop_map(|clear| json!({ PRIVATE: clear })),
            ]
        })
    }

    proptest! {
        #[test]
        fn opening_gives_back_what_was_sealed(payload in payloads(), sequence in any::<u64>()) {
            let place = Place { sequence, ..PLACE };
            let text = payload.to_string();
            let stored = seal_payload(&text, &key(), place).unwrap();
            prop_assert!(!stored.contains("\"$private\":"));
            prop_assert_eq!(&open_payload(&stored, &known(), place).unwrap(), &text);
            prop_assert_eq!(seal_payload(&text, &key(), place).unwrap(), stored);
        }
    }
}
