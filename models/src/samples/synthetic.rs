//! Seeded input for measurements.

use mote_abi::Tensor;

/// The same pseudo-random bytes for the same tensor each time: small reals for floats, any pattern for integers.
#[must_use]
pub fn input(tensor: &Tensor) -> Vec<u8> {
    let mut state = u64::from(tensor.index) + 1;
    let mut next = move || {
        // xorshift64, Marsaglia 2003, "Xorshift RNGs", shifts 13, 7, 17.
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    match tensor.dtype.as_str() {
        "float32" => (0..tensor.elements()).flat_map(|_| unit(next()).to_le_bytes()).collect(),
        "bool" => (0..tensor.elements()).map(|_| (next() >> 63) as u8).collect(),
        // Wide integers are sizes, places or counts to a model: keep them small.
        "int32" | "int64" => vec![0; tensor.bytes as usize],
        _ => (0..tensor.bytes).map(|_| (next() >> 56) as u8).collect(),
    }
}

/// From -1 up to 1.
fn unit(bits: u64) -> f32 {
    (bits >> 40) as f32 / (1 << 23) as f32 - 1.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tensor(dtype: &str, size: u64) -> Tensor {
        Tensor {
            index: 3,
            name: String::new(),
            dtype: dtype.into(),
            shape: vec![1, 100],
            scale_bits: None,
            zero_point: None,
            bytes: 100 * size,
        }
    }

    #[test]
    fn it_fills_the_tensor_with_values_that_it_may_hold() {
        for (dtype, size) in [("int8", 1), ("int16", 2), ("float32", 4), ("bool", 1), ("int32", 4)] {
            let bytes = input(&tensor(dtype, size));
            assert_eq!(bytes.len() as u64, 100 * size, "{dtype}");
            assert_eq!(bytes, input(&tensor(dtype, size)), "{dtype}");
        }
        let reals = input(&tensor("float32", 4));
        assert!(reals.as_chunks().0.iter().all(|&b| (-1.0..1.0).contains(&f32::from_le_bytes(b))));
        assert!(input(&tensor("bool", 1)).iter().all(|&b| b < 2));
        let distinct: std::collections::BTreeSet<_> = input(&tensor("int8", 1)).into_iter().collect();
        assert!(distinct.len() > 50);
    }
}
