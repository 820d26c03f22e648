//! Channels taken out: weights, biases and everything between them cut to what stays.

use ndarray::Axis;

use super::groups::Channels;
use crate::data::Array;
use crate::graph::{Graph, GraphError, Op, Value};

/// The graph without the removed channels, which are given by their roots.
pub(super) fn remove(mut graph: Graph, channels: &Channels, removed: &[bool]) -> Result<Graph, GraphError> {
    for id in graph.ids() {
        let Some(axes) = channels.axes.get(id.index()) else { continue };
        for along in axes {
            let kept = |&k: &usize| !removed[channels.root(along.channels[k])];
            let kept: Vec<usize> = (0..along.channels.len()).filter(kept).collect();
            if kept.len() == along.channels.len() {
                continue;
            }
            let value = graph.value_mut(id);
            match value.as_f32().map(|array| array.select(Axis(along.axis), &kept)) {
                Some(array) => value.set_constant(array),
                None => value.shape[along.axis] = kept.len(),
            }
        }
    }
    for n in 0..graph.nodes.len() {
        follow(&mut graph, n);
    }
    graph.infer_shapes()?;
    graph.drop_unused_values();
    graph.check()?;
    Ok(graph)
}

/// Brings what a node says of extents to those that its values have by now.
fn follow(graph: &mut Graph, n: usize) {
    let node = &graph.nodes[n];
    let Some(&y) = node.outputs.first() else { return };
    let extents: Vec<i32> = graph
        .value(y)
        .shape
        .iter()
        .map(|&d| i32::try_from(d).expect("extents of a sound graph are below 2^31"))
        .collect();
    let operand = match &node.op {
        Op::Reshape { .. } => 1,
        Op::TransposeConv { .. } => 0,
        Op::DepthwiseConv2d { .. } => {
            let of = |k: usize| graph.input(node, k).and_then(|value| value.shape.last()).copied().unwrap_or(1);
            let multiplier = i32::try_from(of(1) / of(0).max(1)).unwrap_or(1);
            if let Op::DepthwiseConv2d { multiplier: old, .. } = &mut graph.nodes[n].op {
                *old = multiplier;
            }
            return;
        }
        _ => return,
    };
    let stated = graph.input(node, operand).and_then(Value::as_integers);
    let is_stated = stated.is_some_and(|stated| stated.into_iter().eq(extents.iter().map(|&d| i64::from(d))));
    if let Some(old) = graph.input(node, operand).filter(|old| old.constant.is_some() && !is_stated) {
        // Other nodes may share the old one.
        let new = Value::constant(old.name.clone(), Array::vector(extents.clone()));
        let new = graph.add(new);
        graph.nodes[n].inputs[operand] = Some(new);
    }
    if let Op::Reshape { shape } = &mut graph.nodes[n].op {
        *shape = extents;
    }
}
