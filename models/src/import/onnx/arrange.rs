//! Values in another order or under another shape: reshaped where that is enough, transposed where it is not, rearranged at once
//! where they are known.

use super::importer::Importer;
use super::refusal::{Outcome, invalid, over};
use super::view::View;
use crate::graph::{Op, ValueId};

impl Importer<'_> {
    /// The view with these extents in memory. Reshapes if the elements lie in that order already, else transposes; constants
    /// are rearranged at once.
    pub(super) fn arrange(&mut self, view: &View, dims: &[Vec<usize>]) -> Outcome<View> {
        let (from, to) = (view.order(), view.without_ones(&dims.concat()));
        let wanted: Vec<usize> = dims.iter().map(|dim| view.extent(dim)).collect();
        let places: Vec<usize> = to.iter().filter_map(|f| from.iter().position(|g| g == f)).collect();
        if places.len() != from.len() {
            return Err(invalid("every factor of a tensor once", format!("{dims:?}")));
        }
        let mut value = view.value;
        if from != to {
            // Neighbours that stay neighbours move as one.
            let mut runs: Vec<(usize, usize)> = Vec::new();
            for (k, &place) in places.iter().enumerate() {
                let extent = view.extent(&[to[k]]);
                match runs.last_mut() {
                    Some((_, product)) if k > 0 && place == places[k - 1] + 1 => *product *= extent,
                    _ => runs.push((place, extent)),
                }
            }
            let mut sorted = runs.clone();
            sorted.sort_unstable();
            let shape: Vec<usize> = sorted.iter().map(|&(_, extent)| extent).collect();
            let axes: Vec<usize> = runs.iter().filter_map(|run| sorted.iter().position(|other| other == run)).collect();
            value = self.reshape(value, &shape)?;
            value = self.transpose(value, &axes)?;
        }
        let value = self.reshape(value, &wanted)?;
        Ok(view.with_dims(value, dims.to_vec()))
    }

    /// The view as the file has it.
    pub(super) fn plain(&mut self, view: &View) -> Outcome<View> {
        self.arrange(view, &view.plain_dims())
    }

    /// The view with an extent in memory for each axis, and for each extent its axis.
    pub(super) fn apart(&mut self, view: &View) -> Outcome<(View, Vec<Option<usize>>)> {
        let (dims, axes) = view.apart();
        Ok((self.arrange(view, &dims)?, axes))
    }

    /// The same, and which extent an axis is.
    pub(super) fn apart_along(&mut self, view: &View, axis: usize) -> Outcome<(View, Vec<Option<usize>>, usize)> {
        let (view, axes) = self.apart(view)?;
        let place = axes.iter().position(|&a| a == Some(axis)).ok_or_else(|| invalid("an axis of its own", "none"))?;
        Ok((view, axes, place))
    }

    /// A value under another shape of as many elements.
    pub(super) fn reshape(&mut self, value: ValueId, shape: &[usize]) -> Outcome<ValueId> {
        if self.graph.value(value).shape == shape {
            return Ok(value);
        }
        let source = self.sources.get(&value).copied().unwrap_or(value);
        if self.graph.value(source).shape == shape {
            return Ok(source);
        }
        let key = (source, false, shape.to_vec());
        if let Some(&made) = self.made.get(&key) {
            return Ok(made);
        }
        let made = if let Some(constant) = self.known.get(&source).cloned() {
            self.add_constant(&constant.reshaped(shape))?
        } else {
            let made = self.emit_reshape(source, shape)?;
            self.sources.insert(made, source);
            made
        };
        self.made.insert(key, made);
        Ok(made)
    }

    /// The shape stands in an input, as interpreters want it, but for scalars, whose shape has no elements.
    fn emit_reshape(&mut self, value: ValueId, shape: &[usize]) -> Outcome<ValueId> {
        let extents = shape.iter().map(|&d| i32::try_from(d)).collect::<Result<Vec<i32>, _>>();
        let extents = extents.map_err(|_| over("extents within 31 bits", format!("{shape:?}")))?;
        let op = Op::Reshape { shape: extents };
        if shape.is_empty() {
            return self.emit_moving(op, &[value], 0);
        }
        let operand = self.add_integers(&[shape.len()], shape)?;
        self.emit_moving(op, &[value, operand], 0)
    }

    /// A value whose axis `k` is what was axis `axes[k]`.
    fn transpose(&mut self, value: ValueId, axes: &[usize]) -> Outcome<ValueId> {
        let key = (value, true, axes.to_vec());
        if let Some(&made) = self.made.get(&key) {
            return Ok(made);
        }
        let made = if let Some(constant) = self.known.get(&value).cloned() {
            self.add_constant(&constant.transposed(axes))?
        } else {
            let permutation = self.add_integers(&[axes.len()], axes)?;
            self.emit_moving(Op::Transpose, &[value, permutation], 0)?
        };
        self.made.insert(key, made);
        Ok(made)
    }

    /// A copy under the same shape, for a result that must be a value of its own.
    pub(super) fn copy(&mut self, value: ValueId) -> Outcome<ValueId> {
        let shape = self.graph.value(value).shape.clone();
        self.emit_reshape(value, &shape)
    }
}
