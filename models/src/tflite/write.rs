//! The description as FlatBuffers: leaves first, each table after what it points to.
//!
//! What costs bytes and says nothing is left out: fields at their defaults, empty texts. Equal shapes, scales, zero points and
//! constants are written once.

use std::collections::BTreeMap;

use flatbuffers::{FlatBufferBuilder, Push, PushAlignment};

use super::schema::Field;
use super::table::{self, Offset, Slot};
use super::{Model, Op, Operator, Quantization, SparseLevel, Sparsity, Subgraph, Tensor};

/// `Model.version` of the schema.
const SCHEMA_VERSION: u32 = 3;
/// `file_identifier` of the schema.
const FILE_IDENTIFIER: &str = "TFL3";
/// The largest number that fits the one-byte field of older files, `PLACEHOLDER_FOR_GREATER_OP_CODES`.
const GREATER_OP_CODES: i8 = 127;
/// Marks an optional input that is left out.
const NO_TENSOR: i32 = -1;

/// Writes a `.tflite` file.
///
/// # Panics
/// When the file would be larger than 2 GiB, which FlatBuffers cannot hold.
#[must_use]
pub fn write(model: &Model) -> Vec<u8> {
    let mut writer = Writer {
        fbb: FlatBufferBuilder::new(),
        codes: Vec::new(),
        buffers: vec![&[]],
        places: BTreeMap::new(),
        lists: BTreeMap::new(),
    };
    let subgraphs: Vec<Offset> = model.subgraphs.iter().map(|subgraph| writer.subgraph(subgraph)).collect();
    let metadata: Vec<Offset> = model.metadata.iter().map(|(name, data)| writer.metadata(name, data)).collect();
    let buffers: Vec<Offset> = std::mem::take(&mut writer.buffers).iter().map(|data| writer.buffer(data)).collect();
    let codes: Vec<Offset> = std::mem::take(&mut writer.codes).iter().map(|code| writer.operator_code(code)).collect();

    let codes = writer.vector(&codes);
    let subgraphs = writer.vector(&subgraphs);
    let description = writer.text(&model.description);
    let buffers = writer.vector(&buffers);
    let deprecated_metadata_buffer = Slot::Absent;
    let metadata = if metadata.is_empty() { Slot::Absent } else { writer.vector(&metadata) };
    let version = Slot::UInt(SCHEMA_VERSION);
    let root = writer.table(&[version, codes, subgraphs, description, buffers, deprecated_metadata_buffer, metadata]);
    writer.fbb.finish(root, Some(FILE_IDENTIFIER));
    writer.fbb.finished_data().to_vec()
}

/// An entry of the list of operator codes, which operators share.
#[derive(Debug, PartialEq)]
struct OperatorCode<'m> {
    builtin: i32,
    custom: Option<&'m str>,
    version: i32,
}

struct Writer<'m> {
    fbb: FlatBufferBuilder<'static>,
    codes: Vec<OperatorCode<'m>>,
    /// The first is empty: it stands for "no constant".
    buffers: Vec<&'m [u8]>,
    /// The place of each buffer.
    places: BTreeMap<&'m [u8], u32>,
    /// Lists of numbers that are written, by what they hold.
    lists: BTreeMap<List, Offset>,
}

/// A list of numbers.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum List {
    Ints(Vec<i32>),
    Longs(Vec<i64>),
    /// By their bits.
    Floats(Vec<u32>),
}

impl<'m> Writer<'m> {
    fn subgraph(&mut self, subgraph: &'m Subgraph) -> Offset {
        let tensors: Vec<Offset> = subgraph.tensors.iter().map(|tensor| self.tensor(tensor)).collect();
        let operators: Vec<Offset> = subgraph.operators.iter().map(|operator| self.operator(operator)).collect();
        let tensors = self.vector(&tensors);
        let inputs = self.indexes(&subgraph.inputs);
        let outputs = self.indexes(&subgraph.outputs);
        let operators = self.vector(&operators);
        self.table(&[tensors, inputs, outputs, operators])
    }

    fn tensor(&mut self, tensor: &'m Tensor) -> Offset {
        let Tensor { name, dtype, shape, quantization, constant, sparsity, is_variable } = tensor;
        let buffer = constant.as_ref().map_or(0, |data| self.place(data));
        // Only where there are no extents does the flag say anything: a scalar, and not an unknown rank.
        let has_rank = Slot::Bool(shape.is_empty());
        let shape = self.ints(shape);
        let name = self.text(name);
        let quantization = quantization.as_ref().map_or(Slot::Absent, |q| self.quantization(q));
        let sparsity = sparsity.as_ref().map_or(Slot::Absent, |s| self.sparsity(s));
        let shape_signature = Slot::Absent;
        self.table(&[
            shape,
            Slot::Byte(*dtype as i8),
            Slot::UInt(buffer),
            name,
            quantization,
            Slot::Bool(*is_variable),
            sparsity,
            shape_signature,
            has_rank,
        ])
    }

    fn metadata(&mut self, name: &str, data: &'m [u8]) -> Offset {
        let buffer = self.place(data);
        let name = self.text(name);
        self.table(&[name, Slot::UInt(buffer)])
    }

    fn quantization(&mut self, quantization: &Quantization) -> Slot {
        let scales = self.list(List::Floats(quantization.scales.iter().map(|scale| scale.to_bits()).collect()));
        let zero_points = self.list(List::Longs(quantization.zero_points.clone()));
        let (min, max, details_type, details) = (Slot::Absent, Slot::Absent, Slot::Absent, Slot::Absent);
        let axis = Slot::Int(quantization.axis);
        Slot::Offset(self.table(&[min, max, scales, zero_points, details_type, details, axis]))
    }

    fn sparsity(&mut self, sparsity: &Sparsity) -> Slot {
        let Sparsity { traversal_order, block_map, levels } = sparsity;
        let levels: Vec<Offset> = levels.iter().map(|level| self.sparse_level(level)).collect();
        let (order, map, levels) = (self.ints(traversal_order), self.ints(block_map), self.vector(&levels));
        Slot::Offset(self.table(&[order, map, levels]))
    }

    fn sparse_level(&mut self, level: &SparseLevel) -> Offset {
        const DENSE: i8 = 0;
        const SPARSE_CSR: i8 = 1;
        match level {
            SparseLevel::Dense(extent) => self.table(&[Slot::Byte(DENSE), Slot::Int(*extent)]),
            SparseLevel::Sparse { segments, indices } => {
                let (segments_type, segments) = self.sparse_indexes(segments);
                let (indices_type, indices) = self.sparse_indexes(indices);
                let dense_size = Slot::Absent;
                self.table(&[Slot::Byte(SPARSE_CSR), dense_size, segments_type, segments, indices_type, indices])
            }
        }
    }

    /// A `SparseIndexVector`, a union of vectors of numbers of four, two bytes and one: its type, and the narrowest that holds all.
    fn sparse_indexes(&mut self, indexes: &[u32]) -> (Slot, Slot) {
        fn narrow<N: TryFrom<u32>>(indexes: &[u32]) -> Option<Vec<N>> {
            indexes.iter().map(|&index| N::try_from(index).ok()).collect()
        }
        let (kind, values) = if let Some(bytes) = narrow::<u8>(indexes) {
            (3, self.fbb.create_vector(&bytes).as_union_value())
        } else if let Some(words) = narrow::<u16>(indexes) {
            (2, self.fbb.create_vector(&words).as_union_value())
        } else {
            (1, self.fbb.create_vector(indexes).as_union_value())
        };
        (Slot::UByte(kind), Slot::Offset(self.table(&[Slot::Offset(values)])))
    }

    fn operator(&mut self, operator: &'m Operator) -> Offset {
        let Operator { op, version, inputs, outputs, intermediates } = operator;
        let (builtin, options_type) = op.codes();
        let (custom, custom_options) = if let Op::Custom { code, options } = op {
            let options = match &**options {
                [] => Slot::Absent,
                options => Slot::Offset(self.fbb.create_vector(options).as_union_value()),
            };
            (Some(code.as_str()), options)
        } else {
            (None, Slot::Absent)
        };
        let code = self.code(OperatorCode { builtin, custom, version: *version });
        let options = if options_type == 0 { Slot::Absent } else { self.options(&op.fields()) };
        let inputs: Vec<i32> = inputs.iter().map(|tensor| tensor.map_or(NO_TENSOR, u32::cast_signed)).collect();
        let inputs = self.ints(&inputs);
        let outputs = self.indexes(outputs);
        let (custom_options_format, mutating_variable_inputs) = (Slot::Absent, Slot::Absent);
        let intermediates = if intermediates.is_empty() { Slot::Absent } else { self.indexes(intermediates) };
        self.table(&[
            Slot::UInt(code),
            inputs,
            outputs,
            Slot::UByte(options_type),
            options,
            custom_options,
            custom_options_format,
            mutating_variable_inputs,
            intermediates,
        ])
    }

    /// The place of a code in the list, where it is put if it is new.
    fn code(&mut self, code: OperatorCode<'m>) -> u32 {
        let known = self.codes.iter().position(|other| *other == code);
        index(known.unwrap_or_else(|| {
            self.codes.push(code);
            self.codes.len() - 1
        }))
    }

    fn operator_code(&mut self, code: &OperatorCode<'_>) -> Offset {
        let custom = code.custom.map_or(Slot::Absent, |name| self.text(name));
        let one_byte = i8::try_from(code.builtin).unwrap_or(GREATER_OP_CODES);
        self.table(&[Slot::Byte(one_byte), custom, Slot::Factor(code.version), Slot::Int(code.builtin)])
    }

    fn options(&mut self, fields: &[Field]) -> Slot {
        let slots: Vec<Slot> = fields
            .iter()
            .map(|field| match field {
                Field::Absent => Slot::Absent,
                Field::Bool(value) => Slot::Bool(*value),
                Field::True(value) => Slot::True(*value),
                Field::Byte(value) => Slot::Byte(*value),
                Field::Int(value) => Slot::Int(*value),
                Field::Factor(value) => Slot::Factor(*value),
                Field::Float(value) => Slot::Float(*value),
                Field::Ints(values) => self.ints(values),
                Field::Text(text) => self.text(text),
            })
            .collect();
        Slot::Offset(self.table(&slots))
    }

    fn buffer(&mut self, data: &[u8]) -> Offset {
        if data.is_empty() {
            return self.table(&[]);
        }
        self.fbb.start_vector::<ConstantByte>(data.len());
        for byte in data.iter().rev() {
            self.fbb.push(*byte);
        }
        let data = Slot::Offset(self.fbb.end_vector::<u8>(data.len()).as_union_value());
        self.table(&[data])
    }

    /// The place of a buffer, where it is put if it is new.
    fn place(&mut self, data: &'m [u8]) -> u32 {
        let new = self.buffers.len();
        let buffers = &mut self.buffers;
        *self.places.entry(data).or_insert_with(|| {
            buffers.push(data);
            index(new)
        })
    }

    fn list(&mut self, list: List) -> Slot {
        if let Some(&offset) = self.lists.get(&list) {
            return Slot::Offset(offset);
        }
        let offset = match &list {
            List::Ints(values) => self.fbb.create_vector(values).as_union_value(),
            List::Longs(values) => self.fbb.create_vector(values).as_union_value(),
            List::Floats(bits) => {
                let values: Vec<f32> = bits.iter().map(|&bits| f32::from_bits(bits)).collect();
                self.fbb.create_vector(&values).as_union_value()
            }
        };
        self.lists.insert(list, offset);
        Slot::Offset(offset)
    }

    fn ints(&mut self, values: &[i32]) -> Slot {
        self.list(List::Ints(values.to_vec()))
    }

    fn indexes(&mut self, tensors: &[u32]) -> Slot {
        let tensors: Vec<i32> = tensors.iter().map(|&tensor| tensor.cast_signed()).collect();
        self.ints(&tensors)
    }

    fn table(&mut self, fields: &[Slot]) -> Offset {
        table::table(&mut self.fbb, fields)
    }

    fn vector(&mut self, tables: &[Offset]) -> Slot {
        table::vector(&mut self.fbb, tables)
    }

    fn text(&mut self, text: &str) -> Slot {
        table::text(&mut self.fbb, text)
    }
}

fn index(place: usize) -> u32 {
    u32::try_from(place).expect("fewer than 2^32 tables in 2 GiB")
}

/// Stands for the bytes of a constant where their vector is aligned: the schema asks for 16 bytes (`force_align`), so that
/// a mapped file's weights can be used where they lie.
struct ConstantByte(u8);

impl Push for ConstantByte {
    type Output = u8;

    unsafe fn push(&self, dst: &mut [u8], _written_len: usize) {
        if let Some(byte) = dst.first_mut() {
            *byte = self.0;
        }
    }

    fn alignment() -> PushAlignment {
        PushAlignment::new(16)
    }
}
