//! The bytes of an event that are hashed, and the JSON that may be hashed at all.

use serde_json::Value;

/// What the canonical bytes begin with, so that no other use of the hash can be taken for an event.
pub const CANONICAL_TAG: &[u8; 16] = b"zhicheng.event.1";

/// The largest magnitude of an integer that every JSON reader agrees on: 2^53.
pub const INTEGER_MAGNITUDE_MAX: u64 = 1 << 53;

/// The part of an event that its leaf hash covers.
///
/// # The canonical bytes
///
/// In this order, with nothing between, before or after:
///
/// | bytes | what |
/// |---|---|
/// | 16 | the ASCII text `zhicheng.event.1` |
/// | 8 + n | aggregate type |
/// | 8 + n | aggregate id |
/// | 8 | sequence, signed, big-endian |
/// | 8 + n | event type |
/// | 8 + n | event version |
/// | 8 + n | payload |
/// | 8 + n | metadata |
///
/// where `8 + n` is the length of the text in bytes as an unsigned big-endian 64-bit number, followed by the text itself in
/// UTF-8. Payload and metadata are the JSON texts exactly as stored (`payload::text` in PostgreSQL), never parsed and written
/// again. The leaf hash is SHA-256 over one zero byte and these bytes (RFC 6962, section 2.1).
///
/// Position and time of recording are left out: they say where an event ended up, not what was decided. The command's own time
/// is covered, for it stands in the metadata.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CanonicalEvent<'a> {
    /// What kind of thing the event happened to.
    pub aggregate_type: &'a str,
    /// Which one it happened to.
    pub aggregate_id: &'a str,
    /// Place in its own stream, from 1.
    pub sequence: i64,
    /// What happened.
    pub event_type: &'a str,
    /// The version of the payload's shape.
    pub event_version: &'a str,
    /// JSON text as stored.
    pub payload: &'a str,
    /// JSON text as stored.
    pub metadata: &'a str,
}

impl CanonicalEvent<'_> {
    /// The canonical bytes, as described above.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.length());
        self.write(&mut bytes);
        bytes
    }

    /// How long the canonical bytes are.
    fn length(&self) -> usize {
        let texts = [
            self.aggregate_type,
            self.aggregate_id,
            self.event_type,
            self.event_version,
            self.payload,
            self.metadata,
        ];
        CANONICAL_TAG.len() + 8 + texts.iter().map(|text| 8 + text.len()).sum::<usize>()
    }

    fn write(&self, bytes: &mut Vec<u8>) {
        fn text(bytes: &mut Vec<u8>, text: &str) {
            bytes.extend_from_slice(&(text.len() as u64).to_be_bytes());
            bytes.extend_from_slice(text.as_bytes());
        }
        bytes.extend_from_slice(CANONICAL_TAG);
        text(bytes, self.aggregate_type);
        text(bytes, self.aggregate_id);
        bytes.extend_from_slice(&self.sequence.to_be_bytes());
        text(bytes, self.event_type);
        text(bytes, self.event_version);
        text(bytes, self.payload);
        text(bytes, self.metadata);
    }
}

/// Why a JSON text may not stand in the log.
#[derive(Debug, thiserror::Error)]
pub enum NotCanonical {
    /// It does not parse.
    #[error("not JSON")]
    Syntax(#[source] serde_json::Error),
    /// Readers disagree on how a fraction is written: write a text, or an integer of a smaller unit.
    #[error("the number {number} is a fraction or too large to be exact")]
    Fraction {
        /// The number as it was understood.
        number: String,
    },
    /// Beyond 2^53 some readers round: write a text.
    #[error("the integer {number} lies beyond 2^53")]
    Integer {
        /// The integer.
        number: String,
    },
    /// PostgreSQL stores U+0000 in `json`, and then fails each time somebody looks inside.
    #[error("a text holds the character U+0000")]
    Nul,
    /// Members out of order, or white space: the same facts could be written, and hashed, in two ways.
    #[error("not in the canonical form of RFC 8785")]
    Form,
}

/// Refuses JSON that two readers could understand differently: fractions, integers beyond 2^53, U+0000.
///
/// # Errors
///
/// The first reason found.
pub fn check_values(text: &str) -> Result<(), NotCanonical> {
    let value = serde_json::from_str(text).map_err(NotCanonical::Syntax)?;
    check_value(&value)
}

/// As [`check_values`], and also refuses JSON that could be written differently: it must be the form of RFC 8785 (members
/// sorted, no white space), so that writing the same facts again gives the same hash.
///
/// # Errors
///
/// The first reason found.
pub fn check_form(text: &str) -> Result<(), NotCanonical> {
    let value: Value = serde_json::from_str(text).map_err(NotCanonical::Syntax)?;
    check_value(&value)?;
    let written = value.to_string();
    if written == text { Ok(()) } else { Err(NotCanonical::Form) }
}

/// Whether a JSON text holds U+0000, raw or escaped: a cheap scan that needs no parsing.
#[must_use]
pub fn holds_nul(text: &str) -> bool {
    let bytes = text.as_bytes();
    if bytes.contains(&0) {
        return true;
    }
    // Most texts have no backslash at all.
    if !bytes.contains(&b'\\') {
        return false;
    }
    text.match_indices("\\u0000").any(|(at, _)| {
        // An even number of backslashes before this one means that it begins the escape.
        bytes[..at].iter().rev().take_while(|byte| **byte == b'\\').count() % 2 == 0
    })
}

fn check_value(value: &Value) -> Result<(), NotCanonical> {
    match value {
        Value::Null | Value::Bool(_) => Ok(()),
        Value::Number(number) => {
            let magnitude = number.as_i64().map(i64::unsigned_abs).or_else(|| number.as_u64());
            match magnitude {
                None => Err(NotCanonical::Fraction { number: number.to_string() }),
                Some(magnitude) if magnitude > INTEGER_MAGNITUDE_MAX => {
                    Err(NotCanonical::Integer { number: number.to_string() })
                }
                Some(_) => Ok(()),
            }
        }
        Value::String(text) => check_text(text),
        Value::Array(items) => items.iter().try_for_each(check_value),
        Value::Object(members) => members.iter().try_for_each(|(name, value)| {
            check_text(name)?;
            check_value(value)
        }),
    }
}

fn check_text(text: &str) -> Result<(), NotCanonical> {
    if text.contains('\0') { Err(NotCanonical::Nul) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde::Serialize;
    use serde_json::json;

    use super::*;
    use crate::merkle::leaf_hash;

    fn event() -> CanonicalEvent<'static> {
        CanonicalEvent {
            aggregate_type: "declaration",
            aggregate_id: "d1",
            sequence: 1,
            event_type: "declaration.submitted",
            event_version: "1",
            payload: r#"{"level":"副高级"}"#,
            metadata: r#"{"time":"2023-03-08T09:00:00Z"}"#,
        }
    }

    /// The vector for whoever writes a verifier in another language.
    #[test]
    fn the_bytes_are_those_of_the_table() {
        let expected = [
            b"zhicheng.event.1".as_slice(),
            b"\0\0\0\0\0\0\0\x0bdeclaration",
            b"\0\0\0\0\0\0\0\x02d1",
            b"\0\0\0\0\0\0\0\x01",
            b"\0\0\0\0\0\0\0\x15declaration.submitted",
            b"\0\0\0\0\0\0\0\x011",
            b"\0\0\0\0\0\0\0\x15",
            r#"{"level":"副高级"}"#.as_bytes(),
            b"\0\0\0\0\0\0\0\x1f",
            br#"{"time":"2023-03-08T09:00:00Z"}"#,
        ]
        .concat();
        assert_eq!(event().bytes(), expected);
        assert_eq!(
            hex::encode(leaf_hash(&expected)),
            "eb23a993713af93b914cbe5d1a3af6bc72c4c8136ad12c5a7f2dff5fb3d20518"
        );
    }

    #[test]
    fn text_cannot_move_from_one_field_to_the_next() {
        let one = CanonicalEvent { aggregate_type: "ab", aggregate_id: "c", ..event() };
        let other = CanonicalEvent { aggregate_type: "a", aggregate_id: "bc", ..event() };
        assert_ne!(one.bytes(), other.bytes());
    }

    #[test]
    fn refuses_what_readers_disagree_on() {
        for good in [r#"{"a":9007199254740992,"b":[-9007199254740992,true,null,"𠮷"]}"#, r#""\\u0000""#, "{}"]
        {
            check_values(good).unwrap();
            assert!(!holds_nul(good), "{good}");
        }
        for (bad, reason) in [
            (r#"{"a":1.5}"#, "fraction"),
            (r#"{"a":1.0}"#, "fraction"),
            (r#"{"a":1e3}"#, "fraction"),
            (r#"[9007199254740993]"#, "beyond"),
            (r#"[-9007199254740993]"#, "beyond"),
            (r#"[99999999999999999999]"#, "fraction"),
            (r#"{"a":"\u0000"}"#, "U+0000"),
            (r#"{"\u0000":1}"#, "U+0000"),
            (r#"{"a":"\\\u0000"}"#, "U+0000"),
            ("{", "not JSON"),
        ] {
            let error = check_values(bad).unwrap_err().to_string();
            assert!(error.contains(reason), "{bad}: {error}");
        }
        assert!(holds_nul(r#"{"a":"\u0000"}"#) && holds_nul(r#"{"a":"\\\u0000"}"#) && holds_nul("\0"));
    }

    #[test]
    fn refuses_what_could_be_written_differently() {
        check_form(r#"{"a":1,"b":{"c":[]}}"#).unwrap();
        for bad in [r#"{"b":1,"a":2}"#, r#"{"a": 1}"#, r#"{"a":1,"a":1}"#, r#"["\u4e00"]"#] {
            assert!(matches!(check_form(bad), Err(NotCanonical::Form)), "{bad}");
        }
    }

    /// Fails when some crate of the workspace turns on serde_json's `preserve_order` or `arbitrary_precision`, which would
    /// change the hash of everything written from then on.
    #[test]
    fn maps_stay_sorted_and_numbers_stay_plain() {
        let value: Value = serde_json::from_str(r#"{"b":1,"a":1e2}"#).unwrap();
        assert_eq!(value.to_string(), r#"{"a":100.0,"b":1}"#);
    }

    #[derive(Serialize)]
    struct Sorted {
        applicant: &'static str,
        level: Option<u8>,
        parts: Vec<Part>,
        year: i64,
    }

    #[derive(Serialize)]
    struct Part {
        index: u32,
        text: &'static str,
    }

    #[test]
    fn a_struct_with_sorted_fields_is_written_as_its_value_and_as_rfc_8785() {
        let it = Sorted {
            applicant: "欧阳·𠮷 \"\\\n\u{1}\u{7f}/",
            level: None,
            parts: vec![Part { index: 1, text: "" }],
            year: -9_007_199_254_740_992,
        };
        let written = serde_json::to_string(&it).unwrap();
        assert_eq!(written, serde_json::to_value(&it).unwrap().to_string());
        assert_eq!(written, serde_json_canonicalizer::to_string(&it).unwrap());
        check_form(&written).unwrap();
    }

    fn any_value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            (-(1i64 << 53)..=(1i64 << 53)).prop_map(Value::from),
            "\\PC*".prop_map(Value::from),
            "[\\x01-\\x7f]*".prop_map(Value::from),
        ];
        leaf.prop_recursive(3, 24, 5, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
                prop::collection::btree_map("[ -~]{0,6}", inner, 0..5).prop_map(|members| json!(members)),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_passes_is_written_as_rfc_8785(value in any_value()) {
            let written = value.to_string();
            check_form(&written).unwrap();
            prop_assert_eq!(&written, &serde_json_canonicalizer::to_string(&value).unwrap());
        }

        #[test]
        fn the_scan_for_nul_agrees_with_the_parser(text in "[\\\\u0a\"]{0,12}") {
            let json = format!("\"{text}\"");
            if let Ok(parsed) = serde_json::from_str::<String>(&json) {
                prop_assert_eq!(holds_nul(&json), parsed.contains('\0'));
            }
        }
    }
}
