//! `CALL_ONCE`, `VAR_HANDLE`, `READ_VARIABLE`, `ASSIGN_VARIABLE`: values that stay between runs.
//!
//! Which handle means which variable is worked out when the model is loaded (`load/variables.rs`), and so are the subgraphs
//! that `CALL_ONCE` runs: those two are checked here and never run as steps.

use super::Prepared;
use crate::dtype::DType;
use crate::node::{Node, Refused};

/// Runs another subgraph when the state is put to its start.
pub(super) fn call_once(node: &Node<'_>) -> Result<Prepared, Refused> {
    node.arity(0..=0, 0)?;
    Ok(not_a_step())
}

/// Gives the handle of the variable that its options name.
pub(super) fn var_handle(node: &Node<'_>) -> Result<Prepared, Refused> {
    node.arity(0..=0, 1)?;
    node.expect_dtype("an output", node.output(0)?, DType::Resource)?;
    Ok(not_a_step())
}

fn not_a_step() -> Prepared {
    Prepared::new("none", |_| Ok(()))
}

/// Copies the variable of handle 0 to the output.
pub(super) fn read_variable(node: &Node<'_>) -> Result<Prepared, Refused> {
    node.arity(1..=1, 1)?;
    handle(node)?;
    value(node, node.output(0)?.dtype)?;
    Ok(Prepared::new("copy", |io| {
        let (y, variable) = (io.take_output::<u8>(0), io.take_variable::<u8>(0));
        y.copy_from_slice(variable);
        Ok(())
    }))
}

/// Copies input 1 to the variable of handle 0.
pub(super) fn assign_variable(node: &Node<'_>) -> Result<Prepared, Refused> {
    node.arity(2..=2, 0)?;
    handle(node)?;
    value(node, node.input(1)?.dtype)?;
    Ok(Prepared::new("copy", |io| {
        let x = io.input::<u8>(1);
        io.take_variable::<u8>(0).copy_from_slice(x);
        Ok(())
    }))
}

fn handle(node: &Node<'_>) -> Result<(), Refused> {
    node.expect_dtype("a handle as input 0", node.input(0)?, DType::Resource)
}

fn value(node: &Node<'_>, dtype: DType) -> Result<(), Refused> {
    match dtype {
        DType::Resource => Err(node.invalid(format_args!("a value"), format_args!("{}, a handle", dtype.name()))),
        _ => Ok(()),
    }
}
