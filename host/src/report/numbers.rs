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
        ];
        for (found, expected) in cases {
            assert_eq!(found, expected);
        }
    }
}
