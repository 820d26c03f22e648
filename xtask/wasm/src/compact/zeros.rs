//! Zeros that are written to locals which are zero still. Locals begin so, of which the compiler makes no use: it sets what it will
//! return to zero at the beginning of most functions that can fail, and again behind each of their checks.

use std::collections::HashSet;

use wasmparser::{FunctionBody, Operator};

use super::functions::unknown;
use crate::error::BuildError;

/// Where the instructions lie in the module that write such a zero: each `i32.const 0`, and the `local.set` behind it.
pub(super) fn needless(body: &FunctionBody<'_>, parameters: u32) -> Result<HashSet<usize>, BuildError> {
    let (mut needless, mut written) = (HashSet::new(), HashSet::new());
    // Of each open block, whether it is a loop: what is written further down in one may have been written already.
    let mut loops = Vec::new();
    let mut zero = None;
    for operator in body.get_operators_reader()?.into_iter_with_offsets() {
        let (operator, at) = operator?;
        match operator {
            Operator::Loop { .. } => loops.push(true),
            Operator::Block { .. } | Operator::If { .. } => loops.push(false),
            Operator::Try { .. } | Operator::TryTable { .. } => return Err(unknown("exceptions")),
            Operator::End => {
                loops.pop();
            }
            Operator::LocalTee { local_index } => {
                written.insert(local_index);
            }
            Operator::LocalSet { local_index } => match zero {
                Some(zero)
                    if local_index >= parameters && !written.contains(&local_index) && !loops.contains(&true) =>
                {
                    needless.extend([zero, at]);
                }
                _ => {
                    written.insert(local_index);
                }
            },
            _ => {}
        }
        zero = matches!(operator, Operator::I32Const { value: 0 }).then_some(at);
    }
    Ok(needless)
}
