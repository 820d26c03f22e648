//! What a sample is drawn as, by its extents.

/// What a sample is drawn as. Its numbers come as levels from 0 to 255, in C order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Picture {
    /// A grey image.
    Grey {
        /// Pixels across.
        width: usize,
        /// Pixels down.
        height: usize,
    },
    /// A colour image.
    Colour {
        /// Pixels across.
        width: usize,
        /// Pixels down.
        height: usize,
        /// Whether red, green and blue come one plane after the other, and not pixel by pixel.
        planes: bool,
    },
    /// Features over time, a spectrogram for instance: time goes to the right, the first feature is at the bottom.
    Features {
        /// Steps of time.
        steps: usize,
        /// Features of each.
        features: usize,
    },
    /// Numbers over time, one line for each channel.
    Wave {
        /// Steps of time.
        steps: usize,
        /// Numbers of each.
        channels: usize,
    },
    /// A row of a table: a bar for each number.
    Bars {
        /// How many.
        count: usize,
    },
}

/// More numbers than this in a row are a wave.
const MOST_BARS: usize = 64;
/// More numbers than this at each step of time are features.
const MOST_LINES: usize = 6;
/// Fewer steps than this are no wave.
const FEWEST_STEPS: usize = 16;

impl Picture {
    /// Of a sample of these extents.
    #[must_use]
    pub fn of(shape: &[usize]) -> Self {
        // Axes of one element say nothing.
        let axes: Vec<usize> = shape.iter().copied().filter(|&axis| axis != 1).collect();
        match axes[..] {
            [height, width, 3] => Picture::Colour { width, height, planes: false },
            [3, height, width] => Picture::Colour { width, height, planes: true },
            [height, width] if height == width => Picture::Grey { width, height },
            [steps, channels] if channels <= MOST_LINES && steps >= FEWEST_STEPS => Picture::Wave { steps, channels },
            [steps, features] => Picture::Features { steps, features },
            [] => Picture::Bars { count: 1 },
            [count] if count <= MOST_BARS => Picture::Bars { count },
            [steps] => Picture::Wave { steps, channels: 1 },
            // What has more axes is cut along the last one.
            [.., features] => Picture::Features { steps: axes.iter().product::<usize>() / features.max(1), features },
        }
    }

    /// What it is, for people.
    #[must_use]
    pub fn label(self) -> String {
        match self {
            Picture::Grey { width, height } => format!("grey image of {width} by {height}"),
            Picture::Colour { width, height, .. } => format!("colour image of {width} by {height}"),
            Picture::Features { steps, features } => format!("{features} features over {steps} steps"),
            Picture::Wave { steps, channels: 1 } => format!("signal of {steps} steps"),
            Picture::Wave { steps, channels } => format!("{channels} signals of {steps} steps"),
            Picture::Bars { count } => format!("row of {count} numbers"),
        }
    }

    /// Pixels across and down, for what is drawn of pixels.
    #[must_use]
    pub fn extents(self) -> Option<(usize, usize)> {
        match self {
            Picture::Grey { width, height } | Picture::Colour { width, height, .. } => Some((width, height)),
            Picture::Features { steps, features } => Some((steps, features)),
            Picture::Wave { .. } | Picture::Bars { .. } => None,
        }
    }

    /// Its pixels, red, green, blue and opacity, row by row; none for what is drawn of lines and bars, and for levels that are not as
    /// many as its numbers.
    #[must_use]
    pub fn pixels(self, levels: &[u8]) -> Option<Vec<u8>> {
        let (width, height) = self.extents()?;
        let pixel = |x: usize, y: usize| -> Option<[u8; 3]> {
            Some(match self {
                Picture::Grey { .. } => [*levels.get(y * width + x)?; 3],
                Picture::Colour { planes: false, .. } => *levels.as_chunks::<3>().0.get(y * width + x)?,
                Picture::Colour { planes: true, .. } => {
                    let plane = |k: usize| levels.get((k * height + y) * width + x).copied();
                    [plane(0)?, plane(1)?, plane(2)?]
                }
                Picture::Features { features, .. } => ramp(*levels.get(x * features + (height - 1 - y))?),
                Picture::Wave { .. } | Picture::Bars { .. } => return None,
            })
        };
        let places = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
        let opaque = |[red, green, blue]: [u8; 3]| [red, green, blue, u8::MAX];
        let pixels: Option<Vec<[u8; 4]>> = places.map(|(x, y)| pixel(x, y).map(opaque)).collect();
        pixels.map(|pixels| pixels.concat())
    }

    /// Its lines, each as points of an SVG polyline in a box of 100 by 100; none for what is drawn otherwise. Of more steps than can be
    /// told apart there, the least and the greatest number of each stretch stay.
    #[must_use]
    pub fn lines(self, levels: &[u8]) -> Vec<String> {
        let Picture::Wave { steps, channels } = self else { return Vec::new() };
        (0..channels)
            .map(|channel| {
                let line: Vec<u8> = levels.iter().skip(channel).step_by(channels.max(1)).take(steps).copied().collect();
                points(&line)
            })
            .collect()
    }

    /// Heights of its bars, from 0 to 100; none for what is drawn otherwise.
    #[must_use]
    pub fn bars(self, levels: &[u8]) -> Vec<f64> {
        match self {
            Picture::Bars { .. } => levels.iter().map(|&level| f64::from(level) / 2.55).collect(),
            Picture::Grey { .. } | Picture::Colour { .. } | Picture::Features { .. } | Picture::Wave { .. } => {
                Vec::new()
            }
        }
    }
}

/// Stretches of a line that can be told apart.
const STRETCHES: usize = 100;

fn points(line: &[u8]) -> String {
    let last = line.len().saturating_sub(1).max(1) as f64;
    let point = |(step, level): (usize, u8)| {
        format!("{:.1},{:.1}", step as f64 / last * 100.0, 100.0 - f64::from(level) / 2.55)
    };
    let stretch = line.len().div_ceil(STRETCHES);
    let shown: Vec<String> = if stretch <= 2 {
        line.iter().copied().enumerate().map(point).collect()
    } else {
        let ends = |(k, levels): (usize, &[u8])| {
            let step = k * stretch;
            let (least, greatest) = levels.iter().fold((u8::MAX, 0), |(a, b), &level| (a.min(level), b.max(level)));
            [point((step, least)), point((step, greatest))]
        };
        line.chunks(stretch).enumerate().flat_map(ends).collect()
    };
    shown.join(" ")
}

/// From dark blue over green to light yellow, each lighter than the one before, so that it reads without colours too.
const RAMP: [[u8; 3]; 5] = [[13, 22, 48], [32, 78, 110], [34, 136, 120], [139, 192, 92], [250, 234, 150]];

fn ramp(level: u8) -> [u8; 3] {
    let place = f64::from(level) / 255.0 * (RAMP.len() - 1) as f64;
    let below = (place as usize).min(RAMP.len() - 2);
    let share = place - below as f64;
    std::array::from_fn(|k| {
        let (a, b) = (f64::from(RAMP[below][k]), f64::from(RAMP[below + 1][k]));
        (a + (b - a) * share).round() as u8
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extents_tell_what_a_sample_is() {
        for (name, shape, picture) in [
            ("digits", &[8, 8, 1][..], Picture::Grey { width: 8, height: 8 }),
            ("person detection", &[96, 96, 3], Picture::Colour { width: 96, height: 96, planes: false }),
            ("channels first", &[3, 32, 40], Picture::Colour { width: 40, height: 32, planes: true }),
            ("keywords", &[49, 10, 1], Picture::Features { steps: 49, features: 10 }),
            ("motion", &[128, 3], Picture::Wave { steps: 128, channels: 3 }),
            ("recording", &[16000], Picture::Wave { steps: 16000, channels: 1 }),
            ("row", &[1, 4], Picture::Bars { count: 4 }),
            ("one number", &[1], Picture::Bars { count: 1 }),
            ("frames", &[2, 5, 40], Picture::Features { steps: 10, features: 40 }),
        ] {
            assert_eq!(Picture::of(shape), picture, "{name}");
        }
    }

    #[test]
    fn images_keep_their_pixels_in_either_layout() {
        let grey = Picture::of(&[2, 2]);
        assert_eq!(grey.pixels(&[1, 2, 3, 4]).unwrap(), [1, 1, 1, 255, 2, 2, 2, 255, 3, 3, 3, 255, 4, 4, 4, 255]);
        let last = Picture::Colour { width: 2, height: 1, planes: false };
        let first = Picture::Colour { width: 2, height: 1, planes: true };
        let expected = [1, 2, 3, 255, 4, 5, 6, 255];
        assert_eq!(last.pixels(&[1, 2, 3, 4, 5, 6]).unwrap(), expected);
        assert_eq!(first.pixels(&[1, 4, 2, 5, 3, 6]).unwrap(), expected);
        assert_eq!(grey.pixels(&[1, 2, 3]), None, "too few numbers");
    }

    #[test]
    fn features_go_up_and_time_goes_right() {
        let pixels = Picture::Features { steps: 2, features: 3 }.pixels(&[0, 0, 255, 0, 0, 0]).unwrap();
        let (rows, top) = (pixels.len() / 8, &pixels[..8]);
        assert_eq!(
            (rows, &top[..3], &top[4..7]),
            (3, &RAMP[4][..], &RAMP[0][..]),
            "the last feature of the first step"
        );
    }

    #[test]
    fn a_ramp_grows_lighter_all_the_way() {
        let light = |level: u8| {
            let [red, green, blue] = ramp(level).map(f64::from);
            0.2126 * red + 0.7152 * green + 0.0722 * blue
        };
        assert!((0..255).all(|level| light(level + 1) >= light(level)));
    }

    #[test]
    fn a_wave_is_a_line_for_each_channel_and_a_long_one_keeps_its_peaks() {
        let two = Picture::Wave { steps: 3, channels: 2 }.lines(&[0, 255, 255, 0, 0, 255]);
        assert_eq!(two, ["0.0,100.0 50.0,0.0 100.0,100.0", "0.0,0.0 50.0,100.0 100.0,0.0"]);
        let mut long = vec![128; 16000];
        long[7003] = 255;
        let line = &Picture::of(&[16000]).lines(&long)[0];
        assert!(line.contains(",0.0") && line.split(' ').count() == 200, "{line}");
        assert_eq!(Picture::of(&[2]).bars(&[0, 255]), [0.0, 100.0]);
    }
}
