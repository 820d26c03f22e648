//! Constants in TensorFlow Lite's sparse encoding, where that is smaller.
//!
//! Only the last dimension is sparse, as in compressed sparse rows: for each place of the dimensions before it the encoding
//! lists which inputs have a weight that is not 0. With blocks it lists blocks of outputs x inputs, in which zeros are stored
//! too. All the forms of [`BLOCKS`] are tried; the smallest wins, and the earlier of equal ones.

use crate::tflite::{SparseLevel, Sparsity};

/// Outputs x inputs of a block. The larger are those that kernels can skip.
const BLOCKS: [[usize; 2]; 9] = [[1, 1], [1, 4], [1, 16], [4, 1], [8, 1], [16, 1], [4, 4], [8, 2], [16, 2]];

/// What the file grows by for each sparse constant besides its elements and indices, at most: the tables of the encoding, and a
/// `DENSIFY` with its output.
const TABLE_BYTES: usize = 400;

/// A constant's stored elements, and where they belong.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Sparse {
    pub(super) stored: Vec<u8>,
    pub(super) sparsity: Sparsity,
}

/// The smallest encoding of elements of `size` bytes; none when the dense form is no larger, or there are no two dimensions.
///
/// What counts as 0 is an element whose bytes are all 0, so nothing is lost.
pub(super) fn encode(shape: &[usize], dense: &[u8], size: usize) -> Option<Sparse> {
    let forms = BLOCKS.iter().filter_map(|&block| blocked(shape, dense, size, block));
    let (bytes, smallest) = forms.min_by_key(|(bytes, _)| *bytes)?;
    // An empty buffer would say that there is no constant.
    (bytes + TABLE_BYTES < dense.len() && !smallest.stored.is_empty()).then_some(smallest)
}

/// One form and its bytes; none when its blocks do not fill the shape.
fn blocked(shape: &[usize], dense: &[u8], size: usize, [tall, wide]: [usize; 2]) -> Option<(usize, Sparse)> {
    let (&[outputs, ref between @ ..], &inputs) = shape.split_last().map(|(last, rest)| (rest, last))? else {
        return None;
    };
    if outputs % tall != 0 || inputs % wide != 0 {
        return None;
    }
    let between_count: usize = between.iter().product();
    let (mut stored, mut segments, mut indices) = (Vec::new(), vec![0], Vec::new());
    for output in (0..outputs).step_by(tall) {
        for place in 0..between_count {
            for input in (0..inputs).step_by(wide) {
                let row = |a: usize| (((output + a) * between_count + place) * inputs + input) * size;
                let block = (0..tall).flat_map(|a| &dense[row(a)..row(a) + wide * size]);
                if block.clone().any(|&byte| byte != 0) {
                    stored.extend(block);
                    indices.push(number(input / wide));
                }
            }
            segments.push(number(indices.len()));
        }
    }
    let bytes = stored.len() + index_bytes(&segments) + index_bytes(&indices);
    let mut levels = vec![SparseLevel::Dense(extent(outputs / tall))];
    levels.extend(between.iter().map(|&d| SparseLevel::Dense(extent(d))));
    levels.push(SparseLevel::Sparse { segments, indices });
    let mut block_map = Vec::new();
    for (dimension, within) in [(0, tall), (shape.len() - 1, wide)] {
        if within > 1 {
            block_map.push(extent(dimension));
            levels.push(SparseLevel::Dense(extent(within)));
        }
    }
    let traversal_order = (0..extent(levels.len())).collect();
    Some((bytes, Sparse { stored, sparsity: Sparsity { traversal_order, block_map, levels } }))
}

/// Bytes of a list of indices in the narrowest type, padded as the file pads it.
fn index_bytes(indices: &[u32]) -> usize {
    let width = match indices.iter().max() {
        None | Some(0..=0xff) => 1,
        Some(0x100..=0xffff) => 2,
        Some(_) => 4,
    };
    (indices.len() * width).next_multiple_of(4)
}

fn number(n: usize) -> u32 {
    u32::try_from(n).expect("fewer than 2^32 elements")
}

fn extent(n: usize) -> i32 {
    i32::try_from(n).expect("extents below 2^31")
}
