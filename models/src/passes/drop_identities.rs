//! Nodes that change nothing.

use super::edit::{alike, integers, stand_in, stored_alike};
use super::reshapes::{become_reshape, permutation, same_order};
use crate::graph::{Activation, Graph, GraphError, Node, Op, Pool2d, TensorType, Value, ValueId};

/// Takes out nodes whose output is their input: reshapes to the same shape, transposes that move nothing, pads by nothing, slices
/// and splits of everything, concatenations of one, `x + 0`, `x - 0`, `x * 1`, `x / 1`, casts to the same type, pools of one
/// element, resizes to the same size, means of one element.
///
/// On the way, a reshape of a reshape and a transpose of a transpose read what the first one reads, and a transpose that moves
/// only axes of one element becomes a `RESHAPE`.
///
/// # Errors
/// When the graph is not sound.
pub fn drop_identities(mut graph: Graph) -> Result<Graph, GraphError> {
    graph.check()?;
    let mut n = 0;
    while n < graph.nodes.len() {
        shorten(&mut graph, n);
        let node = &graph.nodes[n];
        let same = identity(&graph, node).map(|x| (node.outputs[0], x));
        if same.is_some_and(|(y, x)| alike(&graph, x, y) && stand_in(&mut graph, y, x)) {
            graph.nodes.remove(n);
        } else {
            n += 1;
        }
    }
    Ok(graph)
}

/// The input that a node's output equals, if it is of the same shape, type and scale.
fn identity(graph: &Graph, node: &Node) -> Option<ValueId> {
    if node.outputs.len() != 1 {
        return None;
    }
    if let Some((x, _)) = same_order(graph, node) {
        return Some(x);
    }
    let x = node.input(0)?;
    let plain = |activation: Activation| activation == Activation::None;
    let is_identity = match &node.op {
        // Of the same shape, they have nothing to add or to leave out.
        Op::Pad | Op::PadV2 | Op::MirrorPad { .. } | Op::Slice => true,
        Op::DepthToSpace { .. } | Op::SpaceToDepth { .. } | Op::Cast { .. } | Op::Quantize => true,
        Op::StridedSlice(_) => graph.input(node, 3)?.as_integers()?.iter().all(|&step| step > 0),
        Op::Concatenation { activation, .. } => node.inputs.len() == 1 && plain(*activation),
        Op::SplitV { .. } => true,
        Op::Split { .. } => return node.input(1),
        Op::AveragePool2d(pool) | Op::MaxPool2d(pool) => {
            let Pool2d { window, stride, activation, .. } = *pool;
            window == [1, 1] && stride == [1, 1] && plain(activation)
        }
        Op::ResizeNearestNeighbor { .. } => true,
        Op::ResizeBilinear { .. } => graph.value(x).dtype == TensorType::Float32,
        Op::Add { activation, .. } if plain(*activation) => return other_than(graph, node, 0.0, true),
        Op::Sub { activation, .. } if plain(*activation) => return other_than(graph, node, 0.0, false),
        Op::Mul { activation } if plain(*activation) => return other_than(graph, node, 1.0, true),
        Op::Div { activation } if plain(*activation) => return other_than(graph, node, 1.0, false),
        _ => false,
    };
    is_identity.then_some(x)
}

/// The operand beside one that is `neutral` throughout; which may be the first one if the operator commutes.
fn other_than(graph: &Graph, node: &Node, neutral: f32, commutes: bool) -> Option<ValueId> {
    let is_neutral = |value: &Value| value.as_f32().is_some_and(|v| v.iter().all(|&v| v == neutral));
    let (a, b) = (node.input(0)?, node.input(1)?);
    if is_neutral(graph.value(b)) { Some(a) } else { (commutes && is_neutral(graph.value(a))).then_some(b) }
}

/// Lets a node read past others that it undoes or makes needless.
fn shorten(graph: &mut Graph, n: usize) {
    while shorten_once(graph, n).is_some() {}
}

fn shorten_once(graph: &mut Graph, n: usize) -> Option<()> {
    let node = &graph.nodes[n];
    let x = node.input(0)?;
    let keeps_order = same_order(graph, node).is_some();
    if !keeps_order && node.op != Op::Transpose {
        return None;
    }
    let before = graph.producers()[x.index()].map(|before| &graph.nodes[before]);
    if keeps_order {
        match before.and_then(|before| same_order(graph, before)) {
            Some((source, _)) => become_reshape(graph, n, source),
            None if node.op == Op::Transpose => become_reshape(graph, n, x),
            None => return None,
        }
        return Some(());
    }
    let before = before.filter(|before| before.op == Op::Transpose)?;
    let (first, then) = (permutation(graph, before)?, permutation(graph, node)?);
    let source = before.input(0).filter(|&source| stored_alike(graph, source, x))?;
    let axes = then.iter().map(|&k| i32::try_from(first[k]).ok()).collect::<Option<Vec<i32>>>()?;
    let name = format!("{}/axes", node.name);
    let axes = integers(graph, name, &[then.len()], axes);
    graph.nodes[n].inputs = vec![Some(source), Some(axes)];
    Some(())
}
