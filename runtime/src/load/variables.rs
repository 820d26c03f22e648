//! Resource variables: which handle tensors mean which variable, and how many bytes it has.

use alloc::string::String;
use alloc::vec::Vec;

use super::operators::place;
use crate::dtype::DType;
use crate::error::{Error, ErrorKind};
use crate::model::{Model, Operator, Tensor};
use crate::ops::OpCode;

/// The variables of a model.
#[derive(Debug, Default)]
pub(crate) struct Variables {
    /// Bytes of each.
    pub(crate) bytes: Vec<usize>,
    /// The byte that each is first filled with.
    pub(crate) fills: Vec<u8>,
    /// For each tensor of each subgraph the variable that it is a handle of.
    handles: Vec<Vec<Option<usize>>>,
}

impl Variables {
    /// Finds the variables of a model: `VAR_HANDLE`s with one container and name mean one variable, and the tensors that
    /// are read from it or assigned to it tell its bytes.
    pub(crate) fn collect(model: &Model<'_>) -> Result<Self, Error> {
        let mut variables = Self::default();
        variables.name(model)?;
        variables.size(model)?;
        Ok(variables)
    }

    fn name(&mut self, model: &Model<'_>) -> Result<(), Error> {
        // Container and name of each variable so far, in order, and its index.
        let mut known: Vec<([String; 2], usize)> = Vec::new();
        for subgraph in &model.subgraphs {
            let handles = self.handles.push_mut(alloc::vec![None; subgraph.tensors.len()]);
            for operator in &subgraph.operators {
                if OpCode::of(operator) == Some(OpCode::VarHandle)
                    && let (Some(options), &[output]) = (operator.options, operator.outputs.as_slice())
                {
                    let name = [options.string(0)?, options.string(1)?];
                    let place = known.partition_point(|(other, _)| *other < name);
                    let variable = match known.get(place) {
                        Some((other, variable)) if *other == name => *variable,
                        _ => {
                            known.insert(place, (name, known.len()));
                            known.len() - 1
                        }
                    };
                    handles[output] = Some(variable);
                }
            }
        }
        self.bytes.resize(known.len(), 0);
        self.fills.resize(known.len(), 0);
        Ok(())
    }

    fn size(&mut self, model: &Model<'_>) -> Result<(), Error> {
        for (g, subgraph) in model.subgraphs.iter().enumerate() {
            for operator in &subgraph.operators {
                let code = OpCode::of(operator);
                let value = match code {
                    Some(OpCode::ReadVariable) => operator.outputs.first().copied(),
                    Some(OpCode::AssignVariable) => operator.inputs.get(1).copied().flatten(),
                    _ => None,
                };
                let handle = operator.inputs.first().copied().flatten();
                if let (Some(value), Some(variable)) = (value, handle.and_then(|handle| self.of(g, handle))) {
                    let value = &subgraph.tensors[value];
                    self.expect(operator, variable, value.bytes()?)?;
                    if code == Some(OpCode::AssignVariable) {
                        self.fills[variable] = zero_byte(value);
                    }
                }
            }
        }
        Ok(())
    }

    /// The variable that a handle tensor means.
    pub(crate) fn of(&self, subgraph: usize, tensor: usize) -> Option<usize> {
        self.handles[subgraph][tensor]
    }

    fn expect(&mut self, operator: &Operator<'_>, variable: usize, bytes: usize) -> Result<(), Error> {
        match self.bytes[variable] {
            0 => self.bytes[variable] = bytes,
            known if known == bytes => {}
            known => {
                return Err(Error::new(
                    ErrorKind::Invalid,
                    place(operator),
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
