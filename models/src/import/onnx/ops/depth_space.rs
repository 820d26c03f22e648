//! `DepthToSpace` and `SpaceToDepth`.

use super::super::importer::Importer;
use super::super::node::Node;
use super::super::refusal::{Outcome, invalid};
use super::gather;
use super::window::{image, of_image};
use crate::graph::Op;

/// `DepthToSpace`. In mode `DCR` channels are counted as in TensorFlow Lite; in mode `CRD` they are put into that order first.
pub(super) fn depth_to_space<'a>(importer: &mut Importer<'a>, node: &Node<'a>) -> Outcome<()> {
    let x = importer.view(node, 0)?;
    let (block, size) = block(node)?;
    let mut x = image(importer, &x)?;
    let channels = x.shape()[1];
    if !channels.is_multiple_of(size * size) {
        return Err(invalid(format!("channels in blocks of {}", size * size), channels.to_string()));
    }
    match node.text("mode", "DCR")? {
        "DCR" => {}
        "CRD" => {
            let (area, depth) = (size * size, channels / (size * size));
            let order: Vec<usize> = (0..channels).map(|k| k % depth * area + k / depth).collect();
            let indices = importer.add_integers(&[channels], &order)?;
            x = gather::along(importer, &x, 1, indices, channels)?;
        }
        other => return Err(invalid("mode DCR or CRD", other)),
    }
    let value = importer.emit_moving(Op::DepthToSpace { block }, &[x.value], 0)?;
    let y = of_image(importer, value, 4)?;
    importer.bind(node, 0, y)
}

/// `SpaceToDepth`.
pub(super) fn space_to_depth<'a>(importer: &mut Importer<'a>, node: &Node<'a>) -> Outcome<()> {
    let x = importer.view(node, 0)?;
    let (block, _) = block(node)?;
    let x = image(importer, &x)?;
    let value = importer.emit_moving(Op::SpaceToDepth { block }, &[x.value], 0)?;
    let y = of_image(importer, value, 4)?;
    importer.bind(node, 0, y)
}

/// The side of a block.
fn block(node: &Node<'_>) -> Outcome<(i32, usize)> {
    const LARGEST: i64 = 1 << 10;
    let size = node.int("blocksize", 0)?;
    match (i32::try_from(size), usize::try_from(size)) {
        (Ok(block), Ok(side)) if (1..=LARGEST).contains(&size) => Ok((block, side)),
        _ => Err(invalid(format!("a blocksize from 1 to {LARGEST}"), size.to_string())),
    }
}
