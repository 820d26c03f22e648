//! ONNX files made here, field by field, so that their bytes hold what a test wants.
//!
//! Source: `onnx/onnx.proto3`.

/// A varint.
fn varint(mut value: u64) -> Vec<u8> {
    let mut out = Vec::new();
    while value >= 0x80 {
        out.push((value & 0x7F) as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
    out
}

/// A field that holds bytes.
pub(crate) fn field(number: u64, bytes: &[u8]) -> Vec<u8> {
    [varint(number << 3 | 2), varint(bytes.len() as u64), bytes.to_vec()].concat()
}

/// A field that holds an integer.
pub(crate) fn integer(number: u64, value: i64) -> Vec<u8> {
    [varint(number << 3), varint(value.cast_unsigned())].concat()
}

/// Numbers of the schema's element types.
pub(crate) const FLOAT: i64 = 1;
pub(crate) const UINT8: i64 = 2;
pub(crate) const INT8: i64 = 3;
pub(crate) const INT32: i64 = 6;
pub(crate) const INT64: i64 = 7;

/// A tensor of raw little-endian data.
pub(crate) fn tensor(name: &str, data_type: i64, dims: &[i64], raw: &[u8]) -> Vec<u8> {
    let dims: Vec<u8> = dims.iter().flat_map(|&d| integer(1, d)).collect();
    [dims, integer(2, data_type), field(8, name.as_bytes()), field(9, raw)].concat()
}

/// A tensor of float32.
pub(crate) fn floats(name: &str, dims: &[i64], values: &[f32]) -> Vec<u8> {
    tensor(name, FLOAT, dims, &values.iter().flat_map(|v| v.to_le_bytes()).collect::<Vec<u8>>())
}

/// A tensor of int64.
pub(crate) fn int64s(name: &str, values: &[i64]) -> Vec<u8> {
    let raw: Vec<u8> = values.iter().flat_map(|v| v.to_le_bytes()).collect();
    tensor(name, INT64, &[values.len() as i64], &raw)
}

/// An input or output; a negative extent is one with a name, `dynamic`.
pub(crate) fn value(name: &str, data_type: i64, dims: &[i64]) -> Vec<u8> {
    let dim = |&d: &i64| field(1, &if d < 0 { field(2, b"dynamic") } else { integer(1, d) });
    let shape: Vec<u8> = dims.iter().flat_map(dim).collect();
    let tensor = [integer(1, data_type), field(2, &shape)].concat();
    [field(1, name.as_bytes()), field(2, &field(1, &tensor))].concat()
}

/// An attribute that is an integer, integers or a number.
pub(crate) fn int(name: &str, value: i64) -> Vec<u8> {
    [field(1, name.as_bytes()), integer(3, value), integer(20, 2)].concat()
}

pub(crate) fn ints(name: &str, values: &[i64]) -> Vec<u8> {
    let values: Vec<u8> = values.iter().flat_map(|&v| integer(8, v)).collect();
    [field(1, name.as_bytes()), values, integer(20, 7)].concat()
}

/// An attribute that is a graph.
pub(crate) fn subgraph(name: &str) -> Vec<u8> {
    [field(1, name.as_bytes()), field(6, &[]), integer(20, 5)].concat()
}

/// A node.
pub(crate) fn node(op: &str, inputs: &[&str], outputs: &[&str], attributes: &[Vec<u8>]) -> Vec<u8> {
    node_of("", op, inputs, outputs, attributes)
}

/// A node of a domain.
pub(crate) fn node_of(domain: &str, op: &str, inputs: &[&str], outputs: &[&str], attributes: &[Vec<u8>]) -> Vec<u8> {
    let inputs = inputs.iter().flat_map(|name| field(1, name.as_bytes()));
    let outputs = outputs.iter().flat_map(|name| field(2, name.as_bytes()));
    let attributes = attributes.iter().flat_map(|attribute| field(5, attribute));
    let mut node: Vec<u8> = inputs.chain(outputs).chain(field(4, op.as_bytes())).chain(attributes).collect();
    node.extend(field(7, domain.as_bytes()));
    node
}

/// What a file is made of.
#[derive(Default)]
pub(crate) struct Model {
    pub(crate) nodes: Vec<Vec<u8>>,
    pub(crate) initializers: Vec<Vec<u8>>,
    pub(crate) inputs: Vec<Vec<u8>>,
    pub(crate) outputs: Vec<Vec<u8>>,
}

impl Model {
    /// The file.
    pub(crate) fn file(&self, opset: i64) -> Vec<u8> {
        let all =
            |number: u64, list: &[Vec<u8>]| list.iter().flat_map(|bytes| field(number, bytes)).collect::<Vec<u8>>();
        let graph =
            [all(1, &self.nodes), all(5, &self.initializers), all(11, &self.inputs), all(12, &self.outputs)].concat();
        [field(7, &graph), field(8, &integer(2, opset))].concat()
    }
}

/// An image network: padded convolution, activation, pool, and a dense layer behind a flattening.
pub(crate) fn image_network() -> Model {
    let weights = |count: usize| (0..count).map(|k| (k as f32 * 0.37).sin()).collect::<Vec<f32>>();
    Model {
        nodes: vec![
            node("Conv", &["x", "w", "b"], &["c"], &[ints("pads", &[1, 1, 1, 1]), ints("strides", &[2, 2])]),
            node("Relu", &["c"], &["r"], &[]),
            node("MaxPool", &["r"], &["p"], &[ints("kernel_shape", &[2, 2]), ints("strides", &[2, 2])]),
            node("Flatten", &["p"], &["f"], &[]),
            node("Gemm", &["f", "g", "h"], &["y"], &[int("transB", 1)]),
        ],
        initializers: vec![
            floats("w", &[3, 2, 3, 3], &weights(54)),
            floats("b", &[3], &[0.1, -0.2, 0.3]),
            floats("g", &[2, 12], &weights(24)),
            floats("h", &[2], &[0.5, -0.5]),
        ],
        inputs: vec![value("x", FLOAT, &[-1, 2, 8, 8])],
        outputs: vec![value("y", FLOAT, &[-1, 2])],
    }
}
