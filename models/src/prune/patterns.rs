//! Patterns in which weights become 0.

use std::fmt;
use std::num::NonZeroUsize;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::graph::Op;

/// Which weights become 0 together. Outputs are the rows of a layer's weights; inputs are its columns, the input channels of
/// each place of a convolution's window by themselves. What is left over at the ends is a smaller block.
///
/// | text | pattern |
/// | --- | --- |
/// | `unstructured` | each weight by itself; shrinks the compressed file, and no layer runs faster for it |
/// | `kernels` | what Mote's kernels skip: 16x2 in dense layers, 8x2 in convolutions, single weights elsewhere |
/// | `16x1` | blocks of 16 outputs and 1 input; any other two numbers likewise |
/// | `2:4` | of any 4 inputs in a row 2 stay; any other two numbers likewise. The pattern alone says how many weights go |
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Pattern {
    /// Each weight by itself.
    #[default]
    Unstructured,
    /// The blocks that kernels skip, by layer.
    Kernels,
    /// Blocks of `outputs` x `inputs`.
    Block {
        /// Rows of a block.
        outputs: NonZeroUsize,
        /// Columns of a block.
        inputs: NonZeroUsize,
    },
    /// Of `of` inputs in a row `keep` stay.
    Keep {
        /// Weights that stay.
        keep: NonZeroUsize,
        /// Of so many.
        of: NonZeroUsize,
    },
}

/// What a pattern makes of one layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cut {
    /// Blocks of rows x columns.
    Blocks([usize; 2]),
    /// Of `of` columns in a row `keep` stay.
    Keep { keep: usize, of: usize },
}

impl Pattern {
    /// What it makes of a layer. Each output of a depthwise convolution has its own input: there are no blocks in it.
    pub(super) fn cut(self, op: &Op) -> Cut {
        let single = Cut::Blocks([1, 1]);
        match (self, op) {
            (Pattern::Unstructured, _) | (_, Op::DepthwiseConv2d { .. }) => single,
            (Pattern::Kernels, Op::FullyConnected { .. }) => Cut::Blocks([16, 2]),
            (Pattern::Kernels, Op::Conv2d(_)) => Cut::Blocks([8, 2]),
            (Pattern::Kernels, _) => single,
            (Pattern::Block { outputs, inputs }, _) => Cut::Blocks([outputs.get(), inputs.get()]),
            (Pattern::Keep { keep, of }, _) => Cut::Keep { keep: keep.get(), of: of.get() },
        }
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Pattern::Unstructured => f.write_str("unstructured"),
            Pattern::Kernels => f.write_str("kernels"),
            Pattern::Block { outputs, inputs } => write!(f, "{outputs}x{inputs}"),
            Pattern::Keep { keep, of } => write!(f, "{keep}:{of}"),
        }
    }
}

impl FromStr for Pattern {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let pair = |separator: char| {
            let (a, b) = text.split_once(separator)?;
            Some((a.parse().ok()?, b.parse().ok()?))
        };
        match text {
            "unstructured" => return Ok(Pattern::Unstructured),
            "kernels" => return Ok(Pattern::Kernels),
            _ => {}
        }
        if let Some((outputs, inputs)) = pair('x') {
            return Ok(Pattern::Block { outputs, inputs });
        }
        match pair(':') {
            Some((keep, of)) if keep < of => Ok(Pattern::Keep { keep, of }),
            _ => Err(format!("expected unstructured, kernels, blocks like 16x2 or shares like 2:4, found {text}")),
        }
    }
}

impl TryFrom<String> for Pattern {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Pattern> for String {
    fn from(pattern: Pattern) -> Self {
        pattern.to_string()
    }
}

/// A layer's weights as rows of outputs and columns of inputs: where each stands in memory.
#[derive(Debug, Clone, Copy)]
pub(super) struct Matrix {
    /// Outputs.
    pub(super) rows: usize,
    /// Elements from one output to the next.
    pub(super) row_stride: usize,
    /// Stretches of columns that blocks do not reach across: the places of a window.
    pub(super) stretches: usize,
    /// Columns of a stretch.
    pub(super) columns: usize,
    /// Elements from one column to the next.
    pub(super) column_stride: usize,
}

impl Matrix {
    /// Of weights whose first axis goes along outputs and last along inputs, or, for a depthwise convolution, whose last axis
    /// goes along outputs and whose inputs are the places of the window.
    pub(super) fn of(shape: &[usize], out_axis: usize) -> Self {
        let elements: usize = shape.iter().product();
        let rows = shape[out_axis];
        let each = elements / rows.max(1);
        match out_axis {
            0 => {
                let columns = shape.last().copied().unwrap_or(1);
                Self { rows, row_stride: each, stretches: each / columns.max(1), columns, column_stride: 1 }
            }
            _ => Self { rows, row_stride: 1, stretches: 1, columns: each, column_stride: rows },
        }
    }

    /// The places of the weights of each block, block by block.
    pub(super) fn blocks(&self, [outputs, inputs]: [usize; 2]) -> impl Iterator<Item = Vec<usize>> + use<> {
        let m = *self;
        let starts = |extent: usize, step: usize| (0..extent).step_by(step);
        starts(m.rows, outputs).flat_map(move |row| {
            (0..m.stretches).flat_map(move |stretch| {
                starts(m.columns, inputs).map(move |column| {
                    let rows = row..m.rows.min(row + outputs);
                    let columns = column..m.columns.min(column + inputs);
                    rows.flat_map(|r| columns.clone().map(move |c| m.place(r, stretch, c))).collect()
                })
            })
        })
    }

    fn place(&self, row: usize, stretch: usize, column: usize) -> usize {
        row * self.row_stride + stretch * self.columns * self.column_stride + column * self.column_stride
    }
}
