//! The inputs and outputs of a file: images as `NHWC`, all else as the file has it.

use std::collections::BTreeSet;

use super::file::named;
use super::images;
use super::importer::{Importer, Tensor};
use super::placement::Placement;
use super::proto::{self, Dim};
use super::refusal::{Outcome, invalid, over, unsupported};
use super::tensor::{dtype, runtime_type, within_limits};
use super::view::View;
use crate::graph::Value;
use crate::import::{FileErrorKind, ImportError};

/// The layouts of images: `N, C, H, W` in the file, `N, H, W, C` in the graph.
const IMAGE: [Option<usize>; 4] = [Some(0), Some(2), Some(3), Some(1)];
/// The layouts of signals: `N, C, W` in the file, `N, 1, W, C` in the graph.
const SIGNAL: [Option<usize>; 4] = [Some(0), None, Some(2), Some(1)];

/// Inputs that are not initializers become inputs of the graph.
pub(super) fn inputs<'a>(importer: &mut Importer<'a>, graph: &proto::Graph<'a>) -> Result<Vec<Placement>, ImportError> {
    let images = images::images(graph);
    let batches: BTreeSet<&str> =
        graph.inputs.iter().filter_map(|info| info.dims.as_ref()?.first()).filter_map(name_of).collect();
    let mut placements = Vec::new();
    for info in &graph.inputs {
        if importer.tensor(info.name).is_some() {
            continue;
        }
        let input = input(importer, info, &batches, images.contains(info.name));
        placements.push(named(input, || format!("input {:?}", info.name))?);
    }
    Ok(placements)
}

fn name_of<'a>(dim: &Dim<'a>) -> Option<&'a str> {
    match dim {
        Dim::Open(name) if !name.is_empty() => Some(name),
        Dim::Open(_) | Dim::Fixed(_) => None,
    }
}

fn input<'a>(
    importer: &mut Importer<'a>,
    info: &proto::ValueInfo<'a>,
    batches: &BTreeSet<&str>,
    is_image: bool,
) -> Outcome<Placement> {
    let (Some(number), Some(dims)) = (info.data_type, &info.dims) else {
        return Err(unsupported("no tensor of a known rank", "a tensor of fixed shape: export it with fixed shapes"));
    };
    let shape = dims.iter().enumerate().map(|(axis, dim)| fixed(axis, dim, batches)).collect::<Outcome<Vec<_>>>()?;
    let dtype = dtype(number)?;
    if within_limits(&shape, dtype.size())? == 0 {
        return Err(unsupported(format!("the shape {shape:?}"), "a tensor with elements"));
    }
    let axes = match (is_image, shape.len()) {
        (true, 4) => IMAGE.to_vec(),
        (true, 3) => SIGNAL.to_vec(),
        _ => (0..shape.len()).map(Some).collect(),
    };
    let memory: Vec<usize> = axes.iter().map(|axis| axis.map_or(1, |axis| shape[axis])).collect();
    let value = importer.graph.add(Value::new(info.name, runtime_type(dtype)?, memory));
    importer.graph.inputs.push(value);
    let view = View::ordered(value, &shape, &axes);
    let placement = Placement::of(info.name, &view);
    importer.define(info.name, Tensor::Computed(view))?;
    Ok(placement)
}

/// An extent; 1 for one that is open along axis 0, or has the name of such a one.
fn fixed(axis: usize, dim: &Dim<'_>, batches: &BTreeSet<&str>) -> Outcome<usize> {
    match *dim {
        Dim::Fixed(extent) if extent > 0 => {
            usize::try_from(extent).map_err(|_| over("an extent that can be counted", extent.to_string()))
        }
        Dim::Fixed(extent) if extent < -1 => Err(invalid("extents of at least 0", extent.to_string())),
        Dim::Open(name) if axis == 0 || batches.contains(name) => Ok(1),
        Dim::Fixed(_) if axis == 0 => Ok(1),
        Dim::Open(_) | Dim::Fixed(_) => {
            let name = name_of(dim).map_or_else(String::new, |name| format!(" ({name})"));
            let why = format!("an open extent at axis {axis}{name}");
            Err(unsupported(why, "fixed extents but for the batch: export the model with a fixed input shape"))
        }
    }
}

/// The graph's outputs: images as they lie, all else as the file has it.
pub(super) fn outputs(importer: &mut Importer<'_>, graph: &proto::Graph<'_>) -> Result<Vec<Placement>, ImportError> {
    if graph.outputs.is_empty() {
        return Err(ImportError::file(FileErrorKind::Invalid, "graph", "at least one output", "none"));
    }
    let mut placements = Vec::new();
    for info in &graph.outputs {
        importer.enter(info.name);
        let first = importer.graph.nodes.len();
        placements.push(named(output(importer, info.name), || format!("output {:?}", info.name))?);
        importer.name_nodes(first, &format!("{}/output", info.name));
    }
    Ok(placements)
}

fn output(importer: &mut Importer<'_>, name: &str) -> Outcome<Placement> {
    let view = match importer.tensor(name).cloned() {
        Some(Tensor::Computed(view)) => view,
        Some(Tensor::Constant(constant)) => {
            let value = importer.add_constant(&constant)?;
            View::plain(importer.copy(value)?, constant.shape())
        }
        Some(Tensor::Refused) | None => return Err(invalid("an output that a node or the file gives", "none")),
    };
    let mut view = if is_image(&view) { view } else { importer.plain(&view)? };
    if importer.graph.inputs.contains(&view.value) || importer.graph.is_output(view.value) {
        view = view.on(importer.copy(view.value)?);
    }
    name.clone_into(&mut importer.graph.value_mut(view.value).name);
    importer.graph.outputs.push(view.value);
    Ok(Placement::of(name, &view))
}

fn is_image(view: &View) -> bool {
    let (dims, axes) = view.apart();
    dims == view.dims() && (axes == IMAGE || axes == SIGNAL)
}
