//! A small square for each of many, in rows.

/// Side of a square and the gap after it, in units of the drawing.
const SIDE: usize = 9;
const PITCH: usize = 11;

/// Squares in a row at most.
const ROW: usize = 32;

/// Squares in rows. All of one shade are one path, so that thousands of them are few elements.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Strip {
    /// Extents of the drawing.
    pub width: usize,
    /// Likewise.
    pub height: usize,
    /// The path of each shade that occurs, in the shades' order.
    pub paths: Vec<(usize, String)>,
}

impl Strip {
    /// A square for each shade, in order.
    #[must_use]
    pub fn of(shades: &[usize]) -> Self {
        let mut paths: Vec<(usize, String)> = Vec::new();
        for (k, &shade) in shades.iter().enumerate() {
            let (x, y) = (k % ROW * PITCH, k / ROW * PITCH);
            let square = format!("M{x} {y}h{SIDE}v{SIDE}h-{SIDE}z");
            match paths.iter_mut().find(|(of, _)| *of == shade) {
                Some((_, path)) => path.push_str(&square),
                None => paths.push((shade, square)),
            }
        }
        paths.sort_unstable();
        let extent = |squares: usize| (squares * PITCH).saturating_sub(PITCH - SIDE);
        Self { width: extent(shades.len().min(ROW)), height: extent(shades.len().div_ceil(ROW)), paths }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn squares_of_one_shade_are_one_path() {
        let strip = Strip::of(&[1, 0, 1]);
        assert_eq!((strip.width, strip.height), (31, 9));
        assert_eq!(strip.paths, [(0, "M11 0h9v9h-9z".to_owned()), (1, "M0 0h9v9h-9zM22 0h9v9h-9z".to_owned())]);
        let many = Strip::of(&vec![0; 100]);
        assert_eq!((many.width, many.height, many.paths.len()), (350, 42, 1));
        assert_eq!(Strip::of(&[]), Strip { width: 0, height: 0, paths: vec![] });
    }
}
