//! From a [`Model`] to a [`Session`]: operators prepared in order, constants folded, memory planned.

mod memory;
mod operators;
mod shapes;
mod variables;

use alloc::vec::Vec;

use crate::error::{Error, ErrorKind, Place};
use crate::model::{Model, Tensor};
use crate::ops::OpCode;
use crate::program::{Call, Location};
use crate::quant::PerTensor;
use crate::read;
use crate::session::{LoadOptions, Session, Step, TensorInfo};
use memory::{Arena, Constants};
use operators::{PreparedGraph, prepare_graph};
use variables::Variables;

pub(crate) fn load(file: &[u8], options: &LoadOptions) -> Result<Session, Error> {
    let model = shapes::infer(read::read(file, &options.limits)?);
    let variables = Variables::collect(&model)?;
    let main = prepare_graph(&model, 0, &variables, options)?;
    let init = init_graphs(&model)?;
    let init: Vec<PreparedGraph<'_>> =
        init.into_iter().map(|g| prepare_graph(&model, g, &variables, options)).collect::<Result<_, _>>()?;

    let mut constants = Constants::default();
    let mut arena = Arena::new(&variables, core::iter::once(&main).chain(&init))?;
    let (calls, steps, step_outputs, ports) = link(main, &mut arena, &mut constants)?;
    let mut init_calls = Vec::new();
    for graph in init {
        init_calls.extend(link(graph, &mut arena, &mut constants)?.0);
    }
    let mut memory = arena.memory(&options.limits)?;
    memory.file = file.len();
    memory.weights = constants.bytes() + steps.iter().map(|s| s.weight_bytes).sum::<usize>();

    Ok(Session {
        description: model.description.clone(),
        inputs: ports.inputs,
        outputs: ports.outputs,
        steps,
        step_outputs,
        calls,
        init: init_calls,
        state: arena.state(),
        arena: crate::bytes::AlignedBytes::zeroed(memory.arena)?,
        constants: constants.finish()?,
        memory,
    })
}

/// The subgraphs that `CALL_ONCE` operators of the first one name, in order.
fn init_graphs(model: &Model<'_>) -> Result<Vec<usize>, Error> {
    let mut found = Vec::new();
    for operator in &model.subgraphs[0].operators {
        if OpCode::of(operator) != Some(OpCode::CallOnce) {
            continue;
        }
        let index = operator.options.map_or(Ok(0), |t| t.i32(0, 0))?;
        match usize::try_from(index) {
            Ok(k) if (1..model.subgraphs.len()).contains(&k) => found.push(k),
            _ => {
                return Err(Error::new(
                    ErrorKind::Invalid,
                    Place::Node { index: operator.index, op: OpCode::CallOnce.name().into() },
                    format_args!("a subgraph from 1 to {}", model.subgraphs.len() - 1),
                    format_args!("subgraph {index}"),
                ));
            }
        }
    }
    Ok(found)
}

/// A graph's inputs and outputs with where they lie.
struct Ports {
    inputs: Vec<(TensorInfo, crate::program::Span)>,
    outputs: Vec<(TensorInfo, Location)>,
}

type Linked = (Vec<Call>, Vec<Step>, Vec<Vec<crate::program::Span>>, Ports);

/// Places a graph's buffers and makes its steps ready to run.
fn link(graph: PreparedGraph<'_>, arena: &mut Arena, constants: &mut Constants) -> Result<Linked, Error> {
    let layout = arena.place(&graph, constants)?;
    let info = |t: usize| tensor_info(&graph.subgraph.tensors[t]);
    let outputs =
        graph.subgraph.outputs.iter().map(|&t| Ok((info(t)?, layout.location(t)))).collect::<Result<_, _>>()?;
    let inputs = graph.subgraph.inputs.iter().map(|&t| Ok((info(t)?, layout.span(t)?))).collect::<Result<_, _>>()?;
    let (mut calls, mut steps, mut step_outputs) = (Vec::new(), Vec::new(), Vec::new());
    for (prepared, place) in graph.steps.into_iter().zip(&layout.steps) {
        steps.push(Step {
            node: prepared.node,
            op: prepared.op.into(),
            kernel: prepared.prepared.kernel,
            inputs: prepared.inputs.iter().flatten().copied().collect(),
            outputs: prepared
                .outputs
                .iter()
                .map(|&t| tensor_info(&graph.subgraph.tensors[t]))
                .collect::<Result<_, _>>()?,
            macs: prepared.prepared.macs,
            weight_bytes: prepared.prepared.weight_bytes,
            scratch_bytes: prepared.prepared.scratch,
        });
        step_outputs.push(place.outputs.clone());
        calls.push(Call::new(prepared.prepared.into_run(), place)?);
    }
    Ok((calls, steps, step_outputs, Ports { inputs, outputs }))
}

fn tensor_info(tensor: &Tensor<'_>) -> Result<TensorInfo, Error> {
    let quant = tensor.quant.as_ref().filter(|q| q.scales.len() == 1);
    Ok(TensorInfo {
        index: tensor.index,
        name: tensor.name.clone(),
        dtype: tensor.dtype()?,
        shape: tensor.shape()?,
        quant: quant.map(|q| PerTensor { scale: q.scales[0], zero_point: q.zero_points[0] }),
    })
}
