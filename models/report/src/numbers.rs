//! Numbers as people read them.

use std::time::Duration;

/// `53.9 kB`; thousands are 1000, as file managers and data sheets count.
#[must_use]
pub fn bytes(n: u64) -> String {
    scaled(n as f64, "B", 1000)
}

/// `2.66 M`.
#[must_use]
pub fn count(n: u64) -> String {
    scaled(n as f64, "", 1000).trim_end().to_owned()
}

/// `1.94 GMAC/s`.
#[must_use]
pub fn rate(per_second: f64, unit: &str) -> String {
    scaled(per_second, &format!("{unit}/s"), 1)
}

/// `1.23 ms`.
#[must_use]
pub fn duration(time: Duration) -> String {
    let seconds = time.as_secs_f64();
    let (value, unit) = match seconds {
        s if s >= 1.0 => (s, "s"),
        s if s >= 1e-3 => (s * 1e3, "ms"),
        s => (s * 1e6, "µs"),
    };
    format!("{} {unit}", three_digits(value))
}

/// `90.84 %`.
#[must_use]
pub fn percent(fraction: f64) -> String {
    format!("{:.2} %", fraction * 100.0)
}

/// `1x49x10x1`; `scalar` without axes.
#[must_use]
pub fn extents(shape: &[u32]) -> String {
    match shape {
        [] => "scalar".into(),
        _ => shape.iter().map(u32::to_string).collect::<Vec<_>>().join("x"),
    }
}

/// A share that may be all but nothing: `< 0.01 %`; nothing for 0.
#[must_use]
pub fn small_percent(fraction: f64) -> String {
    match fraction {
        0.0 => String::new(),
        f if f < 5e-5 => "< 0.01 %".into(),
        f => percent(f),
    }
}

/// Names of layers as people know them: of those that a converter joined by `;` when it fused layers the first, without the
/// folder that more than half of them share.
#[must_use]
pub fn layer_names<'a>(names: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let first = |name: &'a str| name.split(';').next().unwrap_or(name);
    let names: Vec<&str> = names.into_iter().map(first).collect();
    let folder = |name: &'a str| name.split_inclusive('/').next().filter(|folder| folder.ends_with('/'));
    let in_folder = |folder: &str| names.iter().filter(|name| name.starts_with(folder)).count();
    let shared = names.iter().filter_map(|name| folder(name)).find(|folder| 2 * in_folder(folder) > names.len());
    let short = |name: &&str| shared.and_then(|folder| name.strip_prefix(folder)).unwrap_or(name).to_owned();
    names.iter().map(short).collect()
}

/// The value with the prefix that leaves at most three digits before the point; whole numbers below `whole` as they are.
fn scaled(value: f64, unit: &str, whole: u32) -> String {
    if value < f64::from(whole) {
        return format!("{value} {unit}");
    }
    let mut value = value;
    let mut prefixes = ["", "k", "M", "G", "T"].iter().peekable();
    while value >= 999.5 && prefixes.len() > 1 {
        value /= 1000.0;
        prefixes.next();
    }
    let prefix = prefixes.next().copied().unwrap_or_default();
    format!("{} {prefix}{unit}", three_digits(value))
}

/// Three digits, or as many as stand before the point.
pub(super) fn three_digits(value: f64) -> String {
    match value {
        v if v >= 99.95 => format!("{v:.0}"),
        v if v >= 9.995 => format!("{v:.1}"),
        v => format!("{v:.2}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_three_digits_and_their_unit() {
        let cases = [
            (bytes(0), "0 B"),
            (bytes(999), "999 B"),
            (bytes(1000), "1.00 kB"),
            (bytes(53_936), "53.9 kB"),
            (bytes(325_124), "325 kB"),
            (bytes(999_600), "1.00 MB"),
            (bytes(3_000_000_000_000_000), "3000 TB"),
            (count(12), "12"),
            (count(2_656_768), "2.66 M"),
            (rate(1.94e9, "MAC"), "1.94 GMAC/s"),
            (rate(0.0, "MAC"), "0 MAC/s"),
            (duration(Duration::from_nanos(850)), "0.85 µs"),
            (duration(Duration::from_micros(12_345)), "12.3 ms"),
            (duration(Duration::from_secs(90)), "90.0 s"),
            (percent(0.90837), "90.84 %"),
            (small_percent(0.0), ""),
            (small_percent(1e-7), "< 0.01 %"),
            (small_percent(0.012), "1.20 %"),
        ];
        for (found, expected) in cases {
            assert_eq!(found, expected);
        }
    }

    #[test]
    fn layers_lose_what_they_share_and_what_was_fused_into_them() {
        for (names, expected) in [
            (&["net/relu;net/bn", "net/pool/max", "out"][..], &["relu", "pool/max", "out"][..]),
            (&["a/x", "b/y"], &["a/x", "b/y"]),
            (&["conv", "/x"], &["conv", "/x"]),
            (&[], &[]),
        ] {
            assert_eq!(layer_names(names.iter().copied()), expected, "{names:?}");
        }
    }
}
