//! The colours of plots and page, each for light and for dark.
//!
//! Plots are drawn in the light colours. The dark ones are a style sheet that finds each shape by its light colour, which
//! is why no two roles share one.

use std::fmt::Write as _;

/// What a colour says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// Text, axes.
    Ink,
    /// Secondary text, tick labels.
    Muted,
    /// Grid lines, borders.
    Grid,
    /// The page.
    Ground,
    /// The first thing that is compared.
    First,
    /// The second.
    Second,
    /// What is good: a winner, a front.
    Good,
    /// What is too much: clipped, over a limit.
    Bad,
}

impl Role {
    const ALL: [Role; 8] =
        [Role::Ink, Role::Muted, Role::Grid, Role::Ground, Role::First, Role::Second, Role::Good, Role::Bad];

    /// Its name in the style sheet.
    fn name(self) -> &'static str {
        match self {
            Role::Ink => "ink",
            Role::Muted => "muted",
            Role::Grid => "grid",
            Role::Ground => "ground",
            Role::First => "first",
            Role::Second => "second",
            Role::Good => "good",
            Role::Bad => "bad",
        }
    }

    /// On light and on dark ground. Text reaches a contrast of 4.5 on its ground, marks reach 3 (WCAG 2.2, 1.4.3 and
    /// 1.4.11).
    const fn colours(self) -> (u32, u32) {
        match self {
            Role::Ink => (0x1f_2328, 0xe6_edf3),
            Role::Muted => (0x59_636e, 0x9a_a4af),
            Role::Grid => (0xd8_dee4, 0x30_363d),
            Role::Ground => (0xff_ffff, 0x0d_1117),
            Role::First => (0x25_6abf, 0x4c_9aff),
            Role::Second => (0xc4_5413, 0xf0_883e),
            Role::Good => (0x1a_7f37, 0x3f_b950),
            Role::Bad => (0xcf_222e, 0xf8_5149),
        }
    }

    /// The colour that plots are drawn in.
    pub(super) fn colour(self) -> String {
        format!("#{:06x}", self.colours().0)
    }
}

/// The style sheet's colours: variables for the page, and rules that turn plots dark.
pub(super) fn style() -> String {
    let mut light = String::new();
    let mut dark = String::new();
    let mut plots = String::new();
    for role in Role::ALL {
        let (on_light, on_dark) = role.colours();
        let name = role.name();
        // Writing to a string does not fail.
        let _ = write!(light, "--{name}:#{on_light:06x};");
        let _ = write!(dark, "--{name}:#{on_dark:06x};");
        let _ = writeln!(plots, "svg [fill=\"#{on_light:06x}\"]{{fill:#{on_dark:06x}}}");
        let _ = writeln!(plots, "svg [stroke=\"#{on_light:06x}\"]{{stroke:#{on_dark:06x}}}");
    }
    format!(
        ":root{{color-scheme:light dark;{light}}}\n@media (prefers-color-scheme:dark){{\n:root{{{dark}}}\n{plots}}}\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Relative luminance of sRGB, WCAG 2.2.
    fn luminance(colour: u32) -> f64 {
        let [_, red, green, blue] = colour.to_be_bytes();
        let linear = |v: u8| match f64::from(v) / 255.0 {
            v if v <= 0.04045 => v / 12.92,
            v => ((v + 0.055) / 1.055).powf(2.4),
        };
        0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)
    }

    fn contrast(a: u32, b: u32) -> f64 {
        let (a, b) = (luminance(a) + 0.05, luminance(b) + 0.05);
        a.max(b) / a.min(b)
    }

    #[test]
    fn text_and_marks_stand_out_from_both_grounds() {
        let (light, dark) = Role::Ground.colours();
        for (role, least) in [
            (Role::Ink, 4.5),
            (Role::Muted, 4.5),
            (Role::First, 3.0),
            (Role::Second, 3.0),
            (Role::Good, 3.0),
            (Role::Bad, 3.0),
        ] {
            let (on_light, on_dark) = role.colours();
            assert!(contrast(on_light, light) >= least, "{role:?} on light: {}", contrast(on_light, light));
            assert!(contrast(on_dark, dark) >= least, "{role:?} on dark: {}", contrast(on_dark, dark));
        }
    }

    #[test]
    fn a_light_colour_names_its_role() {
        for (k, a) in Role::ALL.iter().enumerate() {
            for b in &Role::ALL[k + 1..] {
                assert_ne!(a.colours().0, b.colours().0, "{a:?}, {b:?}");
            }
        }
    }
}
