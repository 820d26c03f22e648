//! From a [`Model`] to a [`Session`]: operators prepared in order, constants folded, memory planned.

mod memory;
mod operators;
mod padding;
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

/// Fills an empty session.
pub(crate) fn load(file: &[u8], options: &LoadOptions, session: &mut Session) -> Result<(), Error> {
    let mut model = read::read(file, &options.limits)?;
    shapes::infer(&mut model);
    build(&model, options, session)?;
    session.memory.file = file.len();
    session.description = model.description;
    session.arena = AlignedBytes::zeroed(session.memory.arena)?;
    Ok(())
}

/// Prepares the graphs, places their memory and fills in all but what only the file tells.
fn build(model: &Model<'_>, options: &LoadOptions, session: &mut Session) -> Result<(), Error> {
    let variables = Variables::collect(model)?;
    let mut graphs = alloc::vec![prepare_graph(model, 0, options)?];
    for graph in init_graphs(model)? {
        graphs.push(prepare_graph(model, graph, options)?);
    }
    let mut arena = Arena::new(&variables, &mut graphs)?;
    let mut constants = Constants::default();
    for (k, graph) in graphs.iter_mut().enumerate() {
        let mut layout = GraphLayout::default();
        arena.place(graph, &mut constants, &mut layout)?;
        if k == 0 {
            show(session, graph, &layout)?;
        }
        let calls = if k == 0 { &mut session.calls } else { &mut session.init };
        for (step, place) in graph.steps.iter_mut().zip(&layout.steps) {
            calls.push(Call::new(step.prepared.take_run(), (step.node, step.op), place)?);
        }
    }
    session.memory = arena.memory(&options.limits)?;
    session.memory.weights = constants.bytes() + session.steps.iter().map(|s| s.weight_bytes).sum::<usize>();
    session.state = arena.state();
    session.constants = constants.finish()?;
    Ok(())
}

/// Fills in what a session tells of the graph that it runs, and where that graph's inputs and outputs lie.
fn show(session: &mut Session, graph: &PreparedGraph<'_>, layout: &GraphLayout) -> Result<(), Error> {
    add_infos(&mut session.inputs, graph, &graph.subgraph.inputs)?;
    add_infos(&mut session.outputs, graph, &graph.subgraph.outputs)?;
    for &input in &graph.subgraph.inputs {
        session.input_spans.push(layout.span(input)?);
    }
    session.output_locations.extend(graph.subgraph.outputs.iter().map(|&output| layout.location(output)));
    for PreparedStep { node, op, prepared, inputs, outputs, .. } in &graph.steps {
        let mut infos = Vec::new();
        add_infos(&mut infos, graph, outputs)?;
        session.steps.push(Step {
            node: *node,
            op: (*op).into(),
            kernel: prepared.kernel,
            inputs: inputs.iter().flatten().copied().collect(),
            outputs: infos,
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

/// Adds what is known of tensors of a graph.
fn add_infos(infos: &mut Vec<TensorInfo>, graph: &PreparedGraph<'_>, tensors: &[usize]) -> Result<(), Error> {
    for &t in tensors {
        let tensor = &graph.subgraph.tensors[t];
        let (dtype, shape) = (tensor.dtype()?, tensor.shape()?);
        let quant = tensor.quant.as_ref().filter(|q| q.scales.len() == 1);
        infos.push(TensorInfo {
            index: tensor.index,
            name: tensor.name.clone(),
            dtype,
            shape,
            quant: quant.map(|q| PerTensor { scale: q.scales[0], zero_point: q.zero_points[0] }),
        });
    }
    Ok(())
}
