//! Resource variables: which handle tensors mean which variable, and how many bytes it has.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use crate::dtype::DType;
use crate::error::{Error, ErrorKind, Place};
use crate::model::{Model, Operator, Subgraph, Tensor};
use crate::ops::OpCode;

/// The variables of a model.
#[derive(Debug, Default)]
pub(crate) struct Variables {
    /// Bytes of each.
    pub(crate) bytes: Vec<usize>,
    /// The byte that each is first filled with.
    pub(crate) fills: Vec<u8>,
    /// (subgraph, handle tensor) -> variable.
    handles: BTreeMap<(usize, usize), usize>,
}

impl Variables {
    /// Finds the variables of a model: `VAR_HANDLE`s with one container and name mean one variable, and the tensors that
    /// are read from it or assigned to it tell its bytes.
    pub(crate) fn collect(model: &Model<'_>) -> Result<Self, Error> {
        let mut ids: BTreeMap<(String, String), usize> = BTreeMap::new();
        let mut handles = BTreeMap::new();
        for (g, subgraph) in model.subgraphs.iter().enumerate() {
            for operator in &subgraph.operators {
                if OpCode::of(operator) == Some(OpCode::VarHandle)
                    && let (Some(options), &[output]) = (operator.options, operator.outputs.as_slice())
                {
                    let key = (options.string(0)?.into_owned(), options.string(1)?.into_owned());
                    let next = ids.len();
                    handles.insert((g, output), *ids.entry(key).or_insert(next));
                }
            }
        }
        let mut variables = Self { bytes: alloc::vec![0; ids.len()], fills: alloc::vec![0; ids.len()], handles };
        for (g, subgraph) in model.subgraphs.iter().enumerate() {
            for operator in &subgraph.operators {
                let value = match OpCode::of(operator) {
                    Some(OpCode::ReadVariable) => operator.outputs.first().copied(),
                    Some(OpCode::AssignVariable) => operator.inputs.get(1).copied().flatten(),
                    _ => None,
                };
                if let (Some(value), Some(handle)) = (value, operator.inputs.first().copied().flatten()) {
                    variables.size(g, subgraph, operator, handle, value)?;
                    if let (Some(OpCode::AssignVariable), Some(v)) = (OpCode::of(operator), variables.of(g, handle)) {
                        variables.fills[v] = zero_byte(&subgraph.tensors[value]);
                    }
                }
            }
        }
        Ok(variables)
    }

    /// The variable that a handle tensor means.
    pub(crate) fn of(&self, subgraph: usize, tensor: usize) -> Option<usize> {
        self.handles.get(&(subgraph, tensor)).copied()
    }

    fn size(
        &mut self,
        g: usize,
        subgraph: &Subgraph<'_>,
        operator: &Operator<'_>,
        handle: usize,
        value: usize,
    ) -> Result<(), Error> {
        let Some(variable) = self.of(g, handle) else { return Ok(()) };
        let bytes = subgraph.tensors[value].bytes()?;
        match self.bytes[variable] {
            0 => self.bytes[variable] = bytes,
            known if known == bytes => {}
            known => {
                return Err(Error::new(
                    ErrorKind::Invalid,
                    Place::Node { index: operator.index, op: OpCode::of(operator).map_or("?", OpCode::name).into() },
                    format_args!("a value of {known} bytes, as elsewhere for this variable"),
                    format_args!("{bytes} bytes"),
                ));
            }
        }
        Ok(())
    }
}

/// The byte that a variable is first filled with. As TensorFlow Lite Micro: it starts as real zero, which for `int8` is its zero
/// point; other types are symmetric.
pub(crate) fn zero_byte(tensor: &Tensor<'_>) -> u8 {
    let zero_point = tensor.quant.as_ref().filter(|_| tensor.dtype == Some(DType::I8)).map_or(0, |q| q.zero_points[0]);
    zero_point.to_le_bytes()[0]
}
