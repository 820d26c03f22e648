//! From a [`Model`] to a [`Session`]: operators prepared in order, constants folded, memory planned.

mod memory;
mod operators;
mod shapes;
mod variables;

use alloc::vec::Vec;

use crate::bytes::AlignedBytes;
use crate::error::{Error, ErrorKind};
use crate::model::Model;
use crate::ops::OpCode;
use crate::program::Call;
use crate::quant::PerTensor;
use crate::read;
use crate::session::{LoadOptions, Session, Step, TensorInfo};
use memory::{Arena, Constants, GraphLayout};
use operators::{PreparedGraph, PreparedStep, place, prepare_graph};
use variables::Variables;

pub(crate) fn load(file: &[u8], options: &LoadOptions) -> Result<Session, Error> {
    let model = shapes::infer(read::read(file, &options.limits)?);
    let variables = Variables::collect(&model)?;
    let mut graphs = alloc::vec![prepare_graph(&model, 0, options)?];
    for graph in init_graphs(&model)? {
        graphs.push(prepare_graph(&model, graph, options)?);
    }
    let mut constants = Constants::default();
    let mut arena = Arena::new(&variables, &mut graphs)?;
    let mut session = Session::empty();
    session.description.clone_from(&model.description);
    for (k, graph) in graphs.into_iter().enumerate() {
        let layout = arena.place(&graph, &mut constants)?;
        if k == 0 {
            show(&mut session, &graph, &layout)?;
        }
        let calls = if k == 0 { &mut session.calls } else { &mut session.init };
        for (step, place) in graph.steps.into_iter().zip(&layout.steps) {
            calls.push(Call::new(step.prepared.into_run(), (step.node, step.op), place)?);
        }
    }
    session.memory = arena.memory(&options.limits)?;
    session.memory.file = file.len();
    session.memory.weights = constants.bytes() + session.steps.iter().map(|s| s.weight_bytes).sum::<usize>();
    session.state = arena.state();
    session.arena = AlignedBytes::zeroed(session.memory.arena)?;
    session.constants = constants.finish()?;
    Ok(session)
}

/// Fills in what a session tells of the graph that it runs, and where that graph's inputs and outputs lie.
fn show(session: &mut Session, graph: &PreparedGraph<'_>, layout: &GraphLayout) -> Result<(), Error> {
    session.inputs = infos(graph, &graph.subgraph.inputs)?;
    session.outputs = infos(graph, &graph.subgraph.outputs)?;
    for &input in &graph.subgraph.inputs {
        session.input_spans.push(layout.span(input)?);
    }
    session.output_locations.extend(graph.subgraph.outputs.iter().map(|&output| layout.location(output)));
    for PreparedStep { node, op, prepared, inputs, outputs, .. } in &graph.steps {
        session.steps.push(Step {
            node: *node,
            op: (*op).into(),
            kernel: prepared.kernel,
            inputs: inputs.iter().flatten().copied().collect(),
            outputs: infos(graph, outputs)?,
            macs: prepared.macs,
            weight_bytes: prepared.weight_bytes,
            scratch_bytes: prepared.scratch,
        });
    }
    Ok(())
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
                    place(operator),
                    format_args!("a subgraph from 1 to {}", model.subgraphs.len() - 1),
                    format_args!("subgraph {index}"),
                ));
            }
        }
    }
    Ok(found)
}

/// What is known of tensors of a graph.
fn infos(graph: &PreparedGraph<'_>, tensors: &[usize]) -> Result<Vec<TensorInfo>, Error> {
    let mut infos = Vec::with_capacity(tensors.len());
    for &t in tensors {
        let tensor = &graph.subgraph.tensors[t];
        let quant = tensor.quant.as_ref().filter(|q| q.scales.len() == 1);
        infos.push(TensorInfo {
            index: tensor.index,
            name: tensor.name.clone(),
            dtype: tensor.dtype()?,
            shape: tensor.shape()?,
            quant: quant.map(|q| PerTensor { scale: q.scales[0], zero_point: q.zero_points[0] }),
        });
    }
    Ok(infos)
}
