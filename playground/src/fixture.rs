//! Small values that the tests of several features begin with.

use mote_abi::{Description, Tensor};
use mote_models::judge::{Accuracy, Energy, Size};

use crate::pipeline::{Judged, Survey};
use crate::shrink::Split;

/// A tensor, of scale 1 where it holds int8.
pub(crate) fn tensor(dtype: &str, shape: &[u32]) -> Tensor {
    Tensor {
        index: 0,
        name: "x".into(),
        dtype: dtype.into(),
        shape: shape.to_vec(),
        scale_bits: (dtype == "int8").then(|| 1f32.to_bits()),
        zero_point: (dtype == "int8").then_some(0),
        bytes: 4,
    }
}

/// A model of these inputs and outputs, which tells of no operators.
pub(crate) fn description(inputs: Vec<Tensor>, outputs: Vec<Tensor>) -> Description {
    Description {
        name: String::new(),
        inputs,
        outputs,
        arena_bytes: 8,
        arena_lower_bound: 8,
        state_bytes: 0,
        weight_bytes: 0,
        file_bytes: 4,
        ops: Vec::new(),
    }
}

/// So many samples without classes.
pub(crate) fn survey(samples: usize, labelled: bool) -> Survey {
    Survey { split: Split::of(samples), labelled }
}

/// A model that is so good, and small.
pub(crate) fn judged(accuracy: Option<Accuracy>) -> Judged {
    let size = Size { weights: None, macs: 9, file_bytes: 4, gzip_bytes: 3, arena_bytes: 8, arena_lower_bound: 8 };
    let energy = Energy { macs_nj: 1.0, weights_nj: 1.0, activations_nj: 1.0 };
    Judged { size, energy, fits: Vec::new(), accuracy, latency: None }
}
