//! ONNX's protobuf messages, as far as these forms need them.
//!
//! Source: `onnx/onnx.proto3`; the numbers are its field numbers.

/// Elements of a tensor, with their number in `TensorProto.DataType`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Type {
    Float = 1,
    UInt8 = 2,
    Int8 = 3,
    Int32 = 6,
    Int64 = 7,
}

/// The operator set that the nodes are written for.
const OPSET: i64 = 17;
/// The version of the file format that came with it.
const IR_VERSION: i64 = 8;

fn varint(mut value: u64) -> Vec<u8> {
    let mut out = Vec::new();
    while value >= 0x80 {
        out.push((value & 0x7F) as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
    out
}

fn field(number: u64, bytes: &[u8]) -> Vec<u8> {
    [varint(number << 3 | 2), varint(bytes.len() as u64), bytes.to_vec()].concat()
}

fn integer(number: u64, value: i64) -> Vec<u8> {
    [varint(number << 3), varint(value.cast_unsigned())].concat()
}

/// `AttributeProto` of an integer.
pub(super) fn int(name: &str, value: i64) -> Vec<u8> {
    [field(1, name.as_bytes()), integer(3, value), integer(20, 2)].concat()
}

/// `AttributeProto` of a list of integers.
pub(super) fn ints(name: &str, values: &[i64]) -> Vec<u8> {
    let values: Vec<u8> = values.iter().flat_map(|&v| integer(8, v)).collect();
    [field(1, name.as_bytes()), values, integer(20, 7)].concat()
}

/// A file that is being put together.
#[derive(Debug, Default)]
pub(super) struct File {
    nodes: Vec<u8>,
    initializers: Vec<u8>,
    inputs: Vec<u8>,
    outputs: Vec<u8>,
}

impl File {
    /// Adds a constant under a name.
    pub(super) fn constant(&mut self, name: &str, dtype: Type, dims: &[usize], raw: &[u8]) {
        let dims: Vec<u8> = dims.iter().flat_map(|&d| integer(1, d as i64)).collect();
        let tensor = [dims, integer(2, dtype as i64), field(8, name.as_bytes()), field(9, raw)].concat();
        self.initializers.extend(field(5, &tensor));
    }

    /// Adds a constant of real numbers.
    pub(super) fn floats(&mut self, name: &str, dims: &[usize], values: &[f32]) {
        self.constant(name, Type::Float, dims, &values.iter().flat_map(|v| v.to_le_bytes()).collect::<Vec<u8>>());
    }

    /// Adds a node.
    pub(super) fn node(&mut self, op: &str, inputs: &[&str], output: &str, attributes: &[Vec<u8>]) {
        let inputs = inputs.iter().flat_map(|name| field(1, name.as_bytes()));
        let attributes = attributes.iter().flat_map(|attribute| field(5, attribute));
        let mut node: Vec<u8> = inputs.chain(field(2, output.as_bytes())).collect();
        node.extend(field(4, op.as_bytes()).into_iter().chain(attributes));
        self.nodes.extend(field(1, &node));
    }

    /// Names an input.
    pub(super) fn input(&mut self, name: &str, dtype: Type, dims: &[usize]) {
        self.inputs.extend(field(11, &value(name, dtype, dims)));
    }

    /// Names an output.
    pub(super) fn output(&mut self, name: &str, dtype: Type, dims: &[usize]) {
        self.outputs.extend(field(12, &value(name, dtype, dims)));
    }

    /// The file.
    pub(super) fn finish(self) -> Vec<u8> {
        let graph = [self.nodes, field(2, b"network"), self.initializers, self.inputs, self.outputs].concat();
        [integer(1, IR_VERSION), field(7, &graph), field(8, &integer(2, OPSET))].concat()
    }
}

/// `ValueInfoProto` of a tensor.
fn value(name: &str, dtype: Type, dims: &[usize]) -> Vec<u8> {
    let shape: Vec<u8> = dims.iter().flat_map(|&d| field(1, &integer(1, d as i64))).collect();
    let tensor = [integer(1, dtype as i64), field(2, &shape)].concat();
    [field(1, name.as_bytes()), field(2, &field(1, &tensor))].concat()
}
