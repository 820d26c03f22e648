//! `CAST`.

use super::Prepared;
use super::elementwise::operands;
use crate::kernels::scalar::cast;
use crate::node::{Node, Refused};

/// Between any two types of numbers; the options repeat what the tensors say.
pub(super) fn prepare(node: &Node<'_>) -> Result<Prepared, Refused> {
    let (x, y) = operands(node)?;
    let (x_bytes, y_bytes) = (x.dtype.size(), y.dtype.size());
    let (Some(read), Some(write)) = (cast::reader(x.dtype), cast::writer(y.dtype)) else {
        return Err(node.unsupported_types("float32, bool or integers of 8 to 64 bits"));
    };
    Ok(Prepared::new("scalar cast", move |io| {
        let x = io.input::<u8>(0);
        for (x, y) in x.chunks_exact(x_bytes).zip(io.output::<u8>(0).chunks_exact_mut(y_bytes)) {
            write(read(x), y);
        }
        Ok(())
    }))
}
