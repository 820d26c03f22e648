//! How inputs and outputs of the file lie in the graph.

use super::constant;
use super::view::View;
use crate::data::Array;

/// How an input or output of the file lies in the graph.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placement {
    /// Its name, in the file and in the graph.
    pub name: String,
    /// Its shape in the file, a dynamic batch being 1.
    pub shape: Vec<usize>,
    /// For each extent in the graph the axis of the file that it is; none for an extent of 1 that the file does not have.
    pub axes: Vec<Option<usize>>,
}

impl Placement {
    pub(super) fn of(name: &str, view: &View) -> Self {
        Self { name: name.to_owned(), shape: view.shape(), axes: view.apart().1 }
    }

    /// Whether the graph has the file's shape and order.
    #[must_use]
    pub fn is_as_in_file(&self) -> bool {
        self.axes.iter().copied().eq((0..self.shape.len()).map(Some))
    }

    /// What the graph takes for an array that the file's input takes; none for an array of another shape.
    #[must_use]
    pub fn to_graph(&self, array: &Array) -> Option<Array> {
        if array.shape() != self.shape {
            return None;
        }
        let axes: Vec<usize> = self.axes.iter().flatten().copied().collect();
        let moved = constant::transpose(array, &axes);
        let shape: Vec<usize> = self.axes.iter().map(|axis| axis.map_or(1, |axis| self.shape[axis])).collect();
        Some(constant::reshape(&moved, &shape))
    }

    /// What the file's output is for an array that the graph's output is; none for an array of another shape.
    #[must_use]
    pub fn to_file(&self, array: &Array) -> Option<Array> {
        let axes: Vec<usize> = self.axes.iter().flatten().copied().collect();
        let shape: Vec<usize> = self.axes.iter().map(|axis| axis.map_or(1, |axis| self.shape[axis])).collect();
        if array.shape() != shape {
            return None;
        }
        let moved: Vec<usize> = axes.iter().map(|&axis| self.shape[axis]).collect();
        let mut back = vec![0; axes.len()];
        axes.iter().enumerate().for_each(|(place, &axis)| back[axis] = place);
        Some(constant::transpose(&constant::reshape(array, &moved), &back))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_and_back() {
        let placement =
            Placement { name: "x".into(), shape: vec![1, 2, 3], axes: vec![Some(0), None, Some(2), Some(1)] };
        let array = Array::new([1, 2, 3], (0..6).collect::<Vec<i32>>()).unwrap();
        let there = placement.to_graph(&array).unwrap();
        assert_eq!((there.shape(), there.elements()), (&[1, 1, 3, 2][..], &vec![0, 3, 1, 4, 2, 5].into()));
        assert_eq!(placement.to_file(&there), Some(array));
        assert!(!placement.is_as_in_file());
        assert_eq!(placement.to_graph(&there), None, "another shape");
    }
}
