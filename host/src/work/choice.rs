//! Values of options by the names that their serde types have, so that the command line and recipes speak alike.

use std::collections::BTreeMap;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use serde::de::DeserializeOwned;
use serde::de::value::{Error, StrDeserializer};

/// Parses one of `names`; help and completions list them.
pub fn one_of<T: DeserializeOwned + Clone + Send + Sync + 'static>(
    names: &'static [&'static str],
) -> impl TypedValueParser<Value = T> {
    PossibleValuesParser::new(names).try_map(|name: String| T::deserialize(StrDeserializer::<Error>::new(&name)))
}

/// `NAME:KEY=VALUE`: one field of what the node of this name does otherwise. Names may contain any of these characters; the
/// last colon counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Override {
    name: String,
    key: String,
    value: String,
}

impl std::str::FromStr for Override {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parts = text.rsplit_once(':').and_then(|(name, rest)| Some((name, rest.split_once('=')?)));
        match parts {
            Some((name, (key, value))) if !name.is_empty() => {
                Ok(Self { name: name.into(), key: key.into(), value: value.into() })
            }
            _ => Err("expected NAME:KEY=VALUE, for example conv1:calibration=mse".into()),
        }
    }
}

/// All overrides, gathered by name. A value is taken as JSON where it is (numbers, truth values), else as text.
pub fn overrides<T: DeserializeOwned>(given: &[Override]) -> Result<BTreeMap<String, T>, String> {
    let mut fields: BTreeMap<&str, serde_json::Map<String, serde_json::Value>> = BTreeMap::new();
    for Override { name, key, value } in given {
        let value = serde_json::from_str(value).unwrap_or_else(|_| serde_json::Value::String(value.clone()));
        fields.entry(name).or_default().insert(key.clone(), value);
    }
    let layer = |(name, fields): (&str, serde_json::Map<_, _>)| {
        let layer = serde_json::from_value(fields.into()).map_err(|e| format!("{name}: {e}"))?;
        Ok((name.to_owned(), layer))
    };
    fields.into_iter().map(layer).collect()
}

/// `64KiB`, `1MB`, `800 kB`, `4096`: bytes.
pub fn size(text: &str) -> Result<u64, String> {
    let wrong = || "expected bytes, for example 65536, 64KiB or 1.5MB".to_owned();
    let text = text.trim();
    let digits = text.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let factor = match unit.trim().to_ascii_lowercase().as_str() {
        "" | "b" => 1.0,
        "k" | "kb" => 1e3,
        "m" | "mb" => 1e6,
        "kib" => 1024.0,
        "mib" => 1024.0 * 1024.0,
        _ => return Err(wrong()),
    };
    let bytes = number.parse::<f64>().map_err(|_| wrong())? * factor;
    if (1.0..1e15).contains(&bytes) { Ok(bytes as u64) } else { Err(wrong()) }
}

/// `0.5`, `50%`: a share from 0 to 1.
pub fn share(text: &str) -> Result<f64, String> {
    let wrong = || "expected a share from 0 to 1, or from 0% to 100%".to_owned();
    let text = text.trim();
    let value = match text.strip_suffix('%') {
        Some(percent) => percent.trim().parse::<f64>().map(|p| p / 100.0),
        None => text.parse(),
    };
    value.ok().filter(|v| (0.0..=1.0).contains(v)).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[test]
    fn sizes_have_units_of_both_kinds() {
        for (text, bytes) in [
            ("4096", 4096),
            ("64KiB", 65_536),
            ("64 kib", 65_536),
            ("1MB", 1_000_000),
            ("1.5mib", 1_572_864),
            ("800kB", 800_000),
            ("12 B", 12),
            ("2k", 2000),
        ] {
            assert_eq!(size(text), Ok(bytes), "{text}");
        }
        for text in ["", "KiB", "0", "-1", "1e3", "64 parsecs", "1.2.3", "9999999999999999MB"] {
            assert!(size(text).is_err(), "{text}");
        }
    }

    #[test]
    fn shares_are_fractions_or_per_cent() {
        for (text, value) in [("0.5", 0.5), ("50%", 0.5), ("0", 0.0), ("1", 1.0), ("12.5 %", 0.125)] {
            assert_eq!(share(text), Ok(value), "{text}");
        }
        for text in ["", "50", "101%", "-0.1", "NaN", "half"] {
            assert!(share(text).is_err(), "{text}");
        }
    }

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
    #[derive(Default)]
    struct Layer {
        method: String,
        sparsity: Option<f64>,
    }

    #[test]
    fn overrides_of_one_name_are_one() {
        let given: Vec<Override> =
            ["a/b:c:method=mse", "a/b:c:sparsity=0.5", "d:sparsity=1"].iter().map(|t| t.parse().unwrap()).collect();
        let layers: BTreeMap<String, Layer> = overrides(&given).unwrap();
        assert_eq!(layers["a/b:c"], Layer { method: "mse".into(), sparsity: Some(0.5) });
        assert_eq!(layers["d"].sparsity, Some(1.0));
        for text in ["", "a", "a:b", "a=b", ":a=b"] {
            assert!(text.parse::<Override>().is_err(), "{text}");
        }
        let unknown = overrides::<Layer>(&["a:speed=1".parse().unwrap()]).unwrap_err();
        assert!(unknown.contains("a: unknown field `speed`") && unknown.contains("sparsity"), "{unknown}");
    }
}
