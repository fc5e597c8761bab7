//! Exact decimals with two places: scores, weights and factors. Events hold no floating-point number.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::Visitor;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;
use std::borrow::Cow;

/// A decimal number in hundredths. On the wire it is read from a number or a text; in events it is a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Hundredths(pub i64);

/// The largest absolute value accepted from outside, in whole units.
pub const UNITS_MAX: i64 = 1_000_000_000;

impl Hundredths {
    /// One.
    pub const ONE: Self = Self(100);

    /// A whole number.
    pub const fn whole(units: i64) -> Self {
        Self(units * 100)
    }

    /// As a JSON number: 12 and 12.5. The shortest text that reads back as the number has its two decimals.
    #[must_use]
    pub fn number(self) -> Value {
        if self.0 % 100 == 0 {
            return (self.0 / 100).into();
        }
        self.to_string().parse::<f64>().map_or(Value::Null, Value::from)
    }

    /// Reads `12`, `12.5` or `12.50`.
    pub fn parse(text: &str) -> Option<Self> {
        let (sign, digits) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
        let (units, decimals) = digits.split_once('.').unwrap_or((digits, ""));
        if units.is_empty() || decimals.len() > 2 || (digits.contains('.') && decimals.is_empty()) {
            return None;
        }
        if !units.bytes().chain(decimals.bytes()).all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let units: i64 = units.parse().ok()?;
        let cents: i64 = format!("{decimals:0<2}").parse().ok()?;
        (units <= UNITS_MAX).then(|| Self(sign * (units * 100 + cents)))
    }
}

/// Makes numbers of the decimals under these names, at any depth of an answer: they were given as numbers, and only events
/// hold them as texts. A value that is no such decimal stays as it is.
#[must_use]
pub fn as_numbers(value: Value, names: &[&str]) -> Value {
    match value {
        Value::Object(members) => Value::Object(
            members
                .into_iter()
                .map(|(name, member)| match member {
                    Value::String(text) if names.contains(&name.as_str()) => {
                        let number = Hundredths::parse(&text).map(Hundredths::number);
                        (name, number.unwrap_or(Value::String(text)))
                    }
                    other => (name, as_numbers(other, names)),
                })
                .collect(),
        ),
        Value::Array(items) => items.into_iter().map(|item| as_numbers(item, names)).collect(),
        other @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_)) => other,
    }
}

impl std::fmt::Display for Hundredths {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let (units, cents) = (self.0.unsigned_abs() / 100, self.0.unsigned_abs() % 100);
        match cents {
            0 => write!(f, "{sign}{units}"),
            _ if cents % 10 == 0 => write!(f, "{sign}{units}.{}", cents / 10),
            _ => write!(f, "{sign}{units}.{cents:02}"),
        }
    }
}

impl Serialize for Hundredths {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Hundredths {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Number;
        impl Visitor<'_> for Number {
            type Value = Hundredths;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a number with at most two decimals")
            }
            fn visit_i64<E: serde::de::Error>(self, value: i64) -> Result<Hundredths, E> {
                Hundredths::parse(&value.to_string()).ok_or_else(|| E::custom("number out of range"))
            }
            fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<Hundredths, E> {
                Hundredths::parse(&value.to_string()).ok_or_else(|| E::custom("number out of range"))
            }
            fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Hundredths, E> {
                Hundredths::parse(&value.to_string()).ok_or_else(|| E::custom("more than two decimals"))
            }
            fn visit_str<E: serde::de::Error>(self, value: &str) -> Result<Hundredths, E> {
                Hundredths::parse(value).ok_or_else(|| E::custom("not a number with at most two decimals"))
            }
        }
        deserializer.deserialize_any(Number)
    }
}

impl JsonSchema for Hundredths {
    fn schema_name() -> Cow<'static, str> {
        "Hundredths".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"description": "a number with at most two decimals", "type": ["number", "string"]})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_and_writes_two_decimals_exactly() {
        for (text, value) in [("87.5", 8_750), ("0.07", 7), ("-3", -300), ("100", 10_000)] {
            assert_eq!(Hundredths::parse(text), Some(Hundredths(value)));
            assert_eq!(Hundredths(value).to_string(), text);
        }
        for refused in ["", ".5", "1.", "1.234", "1e3", "９", "99999999999"] {
            assert_eq!(Hundredths::parse(refused), None, "{refused}");
        }
        let answer = |text: &str| Hundredths::parse(text).unwrap().number().to_string();
        assert_eq!(
            ["100", "92.5", "0.07", "-3", "999999999.99"].map(answer),
            ["100", "92.5", "0.07", "-3", "999999999.99"]
        );
        assert_eq!(serde_json::from_str::<Hundredths>("87.25").unwrap(), Hundredths(8_725));
        assert_eq!(serde_json::to_string(&Hundredths(8_725)).unwrap(), "\"87.25\"");
    }

    #[test]
    fn only_named_decimals_become_numbers() {
        let given =
            serde_json::json!({"scoring": [{"item": "100", "max": "92.5", "weight": "100"}], "max": "many"});
        let answered =
            serde_json::json!({"scoring": [{"item": "100", "max": 92.5, "weight": 100}], "max": "many"});
        assert_eq!(as_numbers(given, &["max", "weight"]), answered);
    }
}
