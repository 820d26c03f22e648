//! A network by what the guest tells of it.

use std::collections::BTreeMap;

use mote_abi::Description;

use super::{Kind, Layer, Network, Tensor};

/// The steps of a model as the guest runs them. It knows no weights, and only the scales that are one for a whole tensor.
#[must_use]
pub fn of_description(description: &Description) -> Network {
    let mut network = Network::default();
    let mut made_by: BTreeMap<u32, usize> = BTreeMap::new();
    let mut tensors: BTreeMap<u32, Tensor> = BTreeMap::new();
    for input in &description.inputs {
        made_by.insert(input.index, network.layers.len());
        tensors.insert(input.index, tensor(input));
        network.layers.push(Layer {
            kind: Kind::Input,
            op: "Input".into(),
            name: input.name.clone(),
            gives: vec![tensor(input)],
            ..Layer::default()
        });
    }
    for op in &description.ops {
        let at = network.layers.len();
        for read in &op.inputs {
            if let Some(&from) = made_by.get(read).filter(|_| !network.edges.contains(&(made_by[read], at))) {
                network.edges.push((from, at));
            }
        }
        let reads = op.inputs.iter().filter_map(|read| tensors.get(read).cloned()).collect();
        for output in &op.outputs {
            made_by.insert(output.index, at);
            tensors.insert(output.index, tensor(output));
        }
        network.layers.push(Layer {
            kind: Kind::Op,
            op: op.op.clone(),
            name: op.outputs.first().map(|output| output.name.clone()).unwrap_or_default(),
            reads,
            gives: op.outputs.iter().map(tensor).collect(),
            macs: op.macs,
            options: vec![("kernel".into(), op.kernel.clone())],
            ..Layer::default()
        });
    }
    for output in &description.outputs {
        let at = network.layers.len();
        network.edges.extend(made_by.get(&output.index).map(|&from| (from, at)));
        network.layers.push(Layer {
            kind: Kind::Output,
            op: "Output".into(),
            name: output.name.clone(),
            reads: vec![tensor(output)],
            ..Layer::default()
        });
    }
    network
}

fn tensor(tensor: &mote_abi::Tensor) -> Tensor {
    let quantization =
        tensor.quantization().map(|(scale, zero_point)| format!("scale {scale}, zero point {zero_point}"));
    Tensor {
        name: tensor.name.clone(),
        dtype: tensor.dtype.clone(),
        shape: tensor.shape.clone(),
        quantization: quantization.unwrap_or_default(),
    }
}
