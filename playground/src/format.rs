//! Numbers for people.

use mote_models::metrics::Estimate;

/// Bytes, in units of 1000 as disks and downloads have them, with three figures.
#[must_use]
pub fn bytes(count: u64) -> String {
    scaled(count, &["B", "kB", "MB", "GB"])
}

/// A count, with three figures and k, M or G from a thousand on.
#[must_use]
pub fn count(count: u64) -> String {
    scaled(count, &["", "k", "M", "G"]).trim_end().to_string()
}

/// A count with all its figures, in groups of three.
#[must_use]
pub fn grouped(count: u64) -> String {
    let figures = count.to_string();
    let mut text = String::with_capacity(figures.len() * 4 / 3);
    for (place, figure) in figures.chars().enumerate() {
        if place > 0 && (figures.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(figure);
    }
    text
}

/// Milliseconds, with three figures; microseconds below one.
#[must_use]
pub fn millis(millis: f64) -> String {
    let (value, unit) = if millis < 1.0 { (millis * 1000.0, "µs") } else { (millis, "ms") };
    format!("{} {unit}", three_figures(value))
}

/// Energy given in nanojoules, with three figures.
#[must_use]
pub fn joules(nano: f64) -> String {
    let (value, unit) = match nano {
        n if n >= 1e6 => (n / 1e6, "mJ"),
        n if n >= 1e3 => (n / 1e3, "µJ"),
        n => (n, "nJ"),
    };
    format!("{} {unit}", three_figures(value))
}

/// A share in per cent with one decimal.
#[must_use]
pub fn percent(share: f64) -> String {
    format!("{:.1} %", share * 100.0)
}

/// The ends of a share's interval in per cent.
#[must_use]
pub fn interval(share: Estimate) -> String {
    format!("{:.1}–{:.1} %", share.low * 100.0, share.high * 100.0)
}

/// Extents, `1 × 8 × 8 × 1`.
#[must_use]
pub fn shape(extents: &[u32]) -> String {
    match extents {
        [] => "scalar".into(),
        _ => extents.iter().map(u32::to_string).collect::<Vec<_>>().join(" × "),
    }
}

/// Extents without units between them, `8 × 8`.
#[must_use]
pub fn extents(extents: &[usize]) -> String {
    match extents {
        [] => "one number".into(),
        _ => extents.iter().map(usize::to_string).collect::<Vec<_>>().join(" × "),
    }
}

/// A real number of any size, with three digits that say something.
#[must_use]
pub fn real(value: f64) -> String {
    match value.abs() {
        0.0 => "0".into(),
        size if (1e-3..1e6).contains(&size) => {
            let decimals = (2.0 - size.log10().floor()).clamp(0.0, 5.0) as usize;
            format!("{value:.decimals$}")
        }
        _ => format!("{value:.2e}"),
    }
}

/// A name for files: its ASCII letters and digits in lower case, `-` for each run of others between them.
#[must_use]
pub fn slug(text: &str) -> String {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_ascii_lowercase).collect::<Vec<_>>().join("-")
}

fn scaled(count: u64, units: &[&str]) -> String {
    let mut value = count as f64;
    let mut unit = 0;
    // 999.5 would be shown as 1000.
    while value >= 999.5 && unit + 1 < units.len() {
        value /= 1000.0;
        unit += 1;
    }
    let value = if unit == 0 { format!("{value:.0}") } else { three_figures(value) };
    format!("{value} {}", units[unit])
}

fn three_figures(value: f64) -> String {
    let decimals = match value {
        v if v >= 99.95 => 0,
        v if v >= 9.995 => 1,
        _ => 2,
    };
    format!("{value:.decimals$}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_three_figures_and_their_unit() {
        for (count, text) in [(0, "0 B"), (999, "999 B"), (1000, "1.00 kB"), (12_345, "12.3 kB"), (999_600, "1.00 MB")]
        {
            assert_eq!(bytes(count), text);
        }
        for (number, text) in [(7, "7"), (999_499, "999 k"), (7_489_664, "7.49 M")] {
            assert_eq!(count(number), text);
        }
        for (number, text) in [(0, "0"), (999, "999"), (1000, "1,000"), (1_234_567, "1,234,567")] {
            assert_eq!(grouped(number), text);
        }
        for (time, text) in [(0.0214, "21.4 µs"), (0.9, "900 µs"), (1.0, "1.00 ms"), (1234.5, "1234 ms")] {
            assert_eq!(millis(time), text);
        }
    }

    #[test]
    fn names_of_files_are_plain() {
        let cases = [("Digits, float int8", "digits-float-int8"), ("a_b  50 % zeros", "a-b-50-zeros"), ("../é", "")];
        for (text, slug_of_it) in cases {
            assert_eq!(slug(text), slug_of_it);
        }
    }

    #[test]
    fn shares_and_shapes() {
        let share = Estimate { value: 0.9, low: 0.596, high: 0.982 };
        assert_eq!((percent(share.value), interval(share)), ("90.0 %".into(), "59.6–98.2 %".into()));
        assert_eq!((shape(&[1, 8, 8, 1]), shape(&[])), ("1 × 8 × 8 × 1".into(), "scalar".into()));
        assert_eq!((extents(&[49, 10]), extents(&[])), ("49 × 10".into(), "one number".into()));
        for (value, text) in
            [(0.0, "0"), (-1.0, "-1.00"), (0.0123456, "0.0123"), (12345.6, "12346"), (1.5e-7, "1.50e-7")]
        {
            assert_eq!(real(value), text);
        }
    }
}
