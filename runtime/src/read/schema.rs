//! The tables of TensorFlow Lite's schema, version 3, as far as they are read.
//!
//! Field numbers follow the order of the fields in `tensorflow/lite/schema/schema.fbs`.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::Arguments;

use super::flatbuf::{Table, Vector};
use super::sparsity::densify;
use crate::bytes::no_memory;
use crate::dtype::DType;
use crate::error::{Error, ErrorKind, Place};
use crate::limits::{Limits, MAX_RANK};
use crate::model::{Model, Operator, Quant, Subgraph, Tensor};
use crate::shape::{List, Shape};

/// Bytes of a scale or a tensor index. Lists of them may be shared between tables, so a small file could claim many long ones:
/// together they may not be longer than the largest file could hold.
const ITEM_BYTES: usize = 4;

/// Marks an optional operator input that is left out.
const NO_TENSOR: i32 = -1;

/// Reads a model file.
///
/// # Errors
/// [`ErrorKind::Malformed`] for damaged files, [`ErrorKind::Limit`] for too large ones, [`ErrorKind::Invalid`] for indexes
/// of things that are not there and for impossible shapes, scales and constants.
pub fn read<'a>(file: &'a [u8], limits: &Limits) -> Result<Model<'a>, Error> {
    let mut model = Model::default();
    fill(&mut model, file, limits)?;
    Ok(model)
}

/// Everything here is read into its place: what has been read when something is refused is then freed by one piece of code.
fn fill<'a>(model: &mut Model<'a>, file: &'a [u8], limits: &Limits) -> Result<(), Error> {
    if file.len() > limits.file_bytes {
        return Err(over("file", limits.file_bytes, file.len(), "bytes"));
    }
    if file.get(4..8) != Some(b"TFL3") {
        let found = file.get(4..8).map_or_else(|| format!("{} bytes", file.len()), |id| format!("{}", List(id)));
        return Err(Error::new(
            ErrorKind::Malformed,
            Place::Offset(4),
            format_args!("the identifier TFL3 of a .tflite file"),
            format_args!("{found}"),
        ));
    }
    let root = Table::root(file)?;
    let version = root.u32(0, 0)?;
    if version != 3 {
        return Err(Error::new(
            ErrorKind::Unsupported,
            Place::File,
            format_args!("schema version 3"),
            format_args!("{version}"),
        ));
    }
    let mut budget = Budget {
        tables: limits.tables,
        operators: limits.operators,
        items: limits.file_bytes / ITEM_BYTES,
        dense: limits.tensor_bytes,
        limits,
    };
    let buffers = Buffers { file, list: budget.tables(root.tables(4)?)? };
    let codes = budget.tables(root.tables(1)?)?;
    for k in 0..codes.len() {
        Code::of(&codes.table(k)?)?;
    }
    let list = budget.tables(root.tables(2)?)?;
    for k in 0..list.len() {
        let table = list.table(k)?;
        let subgraph = model.subgraphs.push_mut(Subgraph::default());
        fill_subgraph(subgraph, &table, &codes, &buffers, &mut budget)?;
    }
    if model.subgraphs.is_empty() {
        return Err(Error::new(ErrorKind::Invalid, Place::File, format_args!("a subgraph"), format_args!("none")));
    }
    model.description = root.string(3)?;
    Ok(())
}

fn over(what: &str, limit: usize, found: usize, unit: &str) -> Error {
    Error::new(
        ErrorKind::Limit,
        Place::File,
        format_args!("{what}: at most {limit} {unit}"),
        format_args!("{found} {unit}"),
    )
}

/// What a file may still ask for.
struct Budget<'l> {
    tables: usize,
    operators: usize,
    items: usize,
    /// Bytes of sparse constants when they are dense.
    dense: usize,
    limits: &'l Limits,
}

impl Budget<'_> {
    /// Takes a vector's tables from the budget.
    fn tables<'a>(&mut self, list: Vector<'a>) -> Result<Vector<'a>, Error> {
        take(&mut self.tables, list, "tensors, buffers and operators", self.limits.tables, "more tables")
    }

    /// As [`Budget::tables`], of operators.
    fn operators<'a>(&mut self, list: Vector<'a>) -> Result<Vector<'a>, Error> {
        let list = self.tables(list)?;
        take(&mut self.operators, list, "operators", self.limits.operators, "more operators")
    }

    /// Takes the elements of a list of scales, zero points or indexes from the budget.
    fn items<'a>(&mut self, list: Vector<'a>) -> Result<Vector<'a>, Error> {
        take(&mut self.items, list, "lists", self.limits.file_bytes / ITEM_BYTES, "more elements")
    }

    /// Takes the bytes of a constant that is made dense from the budget: a small file could claim many large ones.
    fn dense(&mut self, bytes: usize) -> Result<usize, Error> {
        let left = self.dense.checked_sub(bytes);
        self.dense = left.ok_or_else(|| over("sparse constants", self.limits.tensor_bytes, bytes, "more bytes"))?;
        Ok(bytes)
    }
}

/// Takes a vector's elements from what is left of a `limit`.
fn take<'a>(left: &mut usize, list: Vector<'a>, what: &str, limit: usize, unit: &str) -> Result<Vector<'a>, Error> {
    *left = left.checked_sub(list.len()).ok_or_else(|| over(what, limit, list.len(), unit))?;
    Ok(list)
}

struct Buffers<'a> {
    file: &'a [u8],
    list: Vector<'a>,
}

impl<'a> Buffers<'a> {
    /// The bytes of buffer `index`; none for an empty one, which means "not a constant".
    fn get(&self, index: usize) -> Result<Option<&'a [u8]>, Error> {
        if index >= self.list.len() {
            // Buffer 0 stands for "no buffer", whether or not the file lists it.
            return if index == 0 { Ok(None) } else { Err(missing("a buffer of the file", index, self.list.len())) };
        }
        let table = self.list.table(index)?;
        let data = table.vector(0, 1)?;
        if !data.is_empty() {
            return Ok(Some(data.bytes()));
        }
        // Large models keep their buffers behind the FlatBuffer, by absolute offset and size.
        let (offset, size) = (table.u64(1, 0)?, table.u64(2, 0)?);
        if offset <= 1 || size == 0 {
            return Ok(None);
        }
        let range = || {
            let begin = usize::try_from(offset).ok()?;
            self.file.get(begin..begin.checked_add(usize::try_from(size).ok()?)?)
        };
        range().map(Some).ok_or_else(|| {
            let found = format_args!("bytes {offset} to {offset} + {size}");
            Error::new(
                ErrorKind::Malformed,
                Place::Offset(table.offset()),
                format_args!("a buffer inside the file"),
                found,
            )
        })
    }
}

fn missing(what: &'static str, index: usize, count: usize) -> Error {
    Error::new(ErrorKind::Invalid, Place::File, format_args!("{what}"), format_args!("index {index} of {count}"))
}

struct Code {
    builtin: i32,
    version: i32,
    custom: String,
}

impl Code {
    fn of(table: &Table<'_>) -> Result<Self, Error> {
        // Codes up to 126 are in the old one-byte field, others in the new field; the larger one counts.
        let builtin = i32::from(table.i8(0, 0)?).max(table.i32(3, 0)?);
        Ok(Self { builtin, version: table.i32(2, 1)?, custom: table.string(1)? })
    }
}

fn fill_subgraph<'a>(
    subgraph: &mut Subgraph<'a>,
    table: &Table<'a>,
    codes: &Vector<'a>,
    buffers: &Buffers<'a>,
    budget: &mut Budget<'_>,
) -> Result<(), Error> {
    let Subgraph { tensors, operators, inputs, outputs } = subgraph;
    let list = budget.tables(table.tables(0)?)?;
    tensors.reserve(list.len());
    for k in 0..list.len() {
        let table = list.table(k)?;
        let tensor = tensors.push_mut(Tensor { index: k, ..Tensor::default() });
        fill_tensor(tensor, &table, buffers, budget)?;
    }
    let list = budget.operators(table.tables(3)?)?;
    operators.reserve(list.len());
    for k in 0..list.len() {
        let table = list.table(k)?;
        let operator = operators.push_mut(Operator { index: k, ..Operator::default() });
        fill_operator(operator, &table, codes, tensors.len(), budget)?;
    }
    let indexes = Indexes { table, count: tensors.len(), node: None };
    indexes.all(1, "a tensor as graph input", budget, inputs)?;
    indexes.all(2, "a tensor as graph output", budget, outputs)?;
    // A graph input is written by the caller before each run, whatever value or mark the file gives it.
    for &input in &*inputs {
        if let Some(tensor) = tensors.get_mut(input) {
            tensor.constant = None;
            tensor.is_variable = false;
        }
    }
    Ok(())
}

/// Lists of tensor indexes in a table, each index below `count`.
struct Indexes<'t, 'a> {
    table: &'t Table<'a>,
    count: usize,
    /// Index of the operator whose lists they are; none for a subgraph.
    node: Option<usize>,
}

impl Indexes<'_, '_> {
    /// Adds the list in field `id`, where optional tensors may be left out.
    fn optional(&self, id: u16, budget: &mut Budget<'_>, to: &mut Vec<Option<usize>>) -> Result<(), Error> {
        let list = budget.items(self.table.vector(id, ITEM_BYTES)?)?;
        to.reserve(list.len());
        for k in list.i32s() {
            to.push(match usize::try_from(k) {
                Ok(k) if k < self.count => Some(k),
                Err(_) if k == NO_TENSOR => None,
                _ => return Err(self.wrong(format_args!("a tensor index below {}", self.count), k)),
            });
        }
        Ok(())
    }

    /// Adds the list in field `id`, where each is `what` and none is left out.
    fn all(&self, id: u16, what: &str, budget: &mut Budget<'_>, to: &mut Vec<usize>) -> Result<(), Error> {
        let list = budget.items(self.table.vector(id, ITEM_BYTES)?)?;
        to.reserve(list.len());
        for k in list.i32s() {
            match usize::try_from(k) {
                Ok(k) if k < self.count => to.push(k),
                Err(_) if k == NO_TENSOR => return Err(self.wrong(format_args!("{what}"), k)),
                _ => return Err(self.wrong(format_args!("a tensor index below {}", self.count), k)),
            }
        }
        Ok(())
    }

    fn wrong(&self, expected: Arguments<'_>, found: i32) -> Error {
        let place = self.node.map_or(Place::File, unnamed);
        Error::new(ErrorKind::Invalid, place, expected, format_args!("tensor {found}"))
    }
}

/// The place of an operator whose name is not known yet.
fn unnamed(index: usize) -> Place {
    Place::Node { index, op: "?".into() }
}

fn fill_operator<'a>(
    operator: &mut Operator<'a>,
    table: &Table<'a>,
    codes: &Vector<'a>,
    tensors: usize,
    budget: &mut Budget<'_>,
) -> Result<(), Error> {
    let opcode = usize::try_from(table.u32(0, 0)?).unwrap_or(usize::MAX);
    if opcode >= codes.len() {
        let expected = format_args!("an operator code below {}", codes.len());
        return Err(Error::new(ErrorKind::Invalid, unnamed(operator.index), expected, format_args!("{opcode}")));
    }
    let code = Code::of(&codes.table(opcode)?)?;
    operator.code = code.builtin;
    operator.version = code.version;
    operator.custom_name = code.custom;
    let indexes = Indexes { table, count: tensors, node: Some(operator.index) };
    indexes.optional(1, budget, &mut operator.inputs)?;
    indexes.all(2, "a tensor as output", budget, &mut operator.outputs)?;
    indexes.all(8, "a tensor as intermediate", budget, &mut operator.intermediates)?;
    operator.options = table.table(4)?;
    operator.custom_options = table.vector(5, 1)?.bytes();
    Ok(())
}

fn fill_tensor<'a>(
    tensor: &mut Tensor<'a>,
    table: &Table<'a>,
    buffers: &Buffers<'a>,
    budget: &mut Budget<'_>,
) -> Result<(), Error> {
    let limits = budget.limits;
    tensor.type_code = table.i8(1, 0)?;
    tensor.dtype = DType::from_schema(tensor.type_code);
    tensor.name = table.string(3)?;
    tensor.is_variable = table.bool(5)?;
    let data = buffers.get(usize::try_from(table.u32(2, 0)?).unwrap_or(usize::MAX))?;
    fill_shape(tensor, table)?;
    let Some(dtype) = tensor.dtype else { return Ok(()) };
    if let Some(shape) = tensor.shape {
        let bytes = shape.elements().checked_mul(dtype.size()).filter(|&b| b <= limits.tensor_bytes);
        let bytes = bytes.ok_or_else(|| {
            let found = format_args!("{} of shape {shape}", dtype.name());
            tensor.error(ErrorKind::Limit, format_args!("at most {} bytes", limits.tensor_bytes), found)
        })?;
        tensor.constant = match (data, table.table(6)?) {
            (data, Some(sparsity)) => {
                let mut dense = zeros(budget.dense(bytes)?)?;
                let filled = densify(&sparsity, &shape, dtype.size(), data.unwrap_or_default(), &mut dense);
                filled.ok_or_else(|| {
                    tensor.error(
                        ErrorKind::Invalid,
                        format_args!("a sparse encoding with a level for each dimension of the tensor and of its blocks, ascending indices, and as many elements as it lists"),
                        format_args!("another"),
                    )
                })?;
                Some(dense.into())
            }
            (Some(data), None) if data.len() != bytes => {
                let expected = format_args!("a constant of {bytes} bytes ({} of shape {shape})", dtype.name());
                return Err(tensor.error(ErrorKind::Invalid, expected, format_args!("{} bytes", data.len())));
            }
            (data, None) => data.map(Into::into),
        };
    }
    fill_quant(tensor, table, dtype, budget)
}

fn zeros(bytes: usize) -> Result<Vec<u8>, Error> {
    let mut list = Vec::new();
    list.try_reserve_exact(bytes).map_err(|_| no_memory(bytes))?;
    list.resize(bytes, 0);
    Ok(list)
}

/// The tensor's extents; an empty list is a scalar. None for a tensor without elements: converters leave such in the place of
/// optional operands.
fn fill_shape(tensor: &mut Tensor<'_>, table: &Table<'_>) -> Result<(), Error> {
    let mut dims = [1; MAX_RANK];
    let mut rank = 0usize;
    for extent in table.vector(0, 4)?.i32s() {
        let Ok(extent) = usize::try_from(extent) else {
            let expected = format_args!("extents of at least 1");
            return Err(tensor.error(ErrorKind::Invalid, expected, format_args!("extent {extent}")));
        };
        if extent == 0 {
            return Ok(());
        }
        let Some(dim) = dims.get_mut(rank) else {
            let expected = format_args!("rank of at most {MAX_RANK}");
            return Err(tensor.error(ErrorKind::Limit, expected, format_args!("more")));
        };
        *dim = extent;
        rank = rank.wrapping_add(1);
    }
    let dims = dims.get(..rank).unwrap_or_default();
    tensor.shape = Shape::new(dims);
    if tensor.shape.is_none() {
        let expected = format_args!("fewer than 2^31 elements");
        return Err(tensor.error(ErrorKind::Limit, expected, format_args!("shape {}", List(dims))));
    }
    Ok(())
}

fn fill_quant(tensor: &mut Tensor<'_>, table: &Table<'_>, dtype: DType, budget: &mut Budget<'_>) -> Result<(), Error> {
    let Some(table) = table.table(4)? else { return Ok(()) };
    if dtype.quantized_range().is_none() {
        return Ok(());
    }
    let scales = budget.items(table.vector(2, ITEM_BYTES)?)?;
    if scales.is_empty() {
        return Ok(());
    }
    let mut quant = Quant::default();
    quant.scales.extend(scales.scalars().map(f32::from_le_bytes));
    fill_zero_points(&mut quant, tensor, dtype, &table, budget)?;
    tensor.quant = Some(quant);
    Ok(())
}

/// Checks the scales and adds what goes with them.
fn fill_zero_points(
    Quant { scales, zero_points, axis }: &mut Quant,
    tensor: &Tensor<'_>,
    dtype: DType,
    table: &Table<'_>,
    budget: &mut Budget<'_>,
) -> Result<(), Error> {
    if let Some(scale) = scales.iter().find(|s| !(s.is_finite() && **s > 0.0)) {
        let found = match scale {
            s if s.is_nan() => "a scale that is not a number",
            s if s.is_infinite() => "an infinite scale",
            s if *s < 0.0 => "a negative scale",
            _ => "a scale of 0",
        };
        return Err(tensor.error(ErrorKind::Invalid, format_args!("finite scales above 0"), format_args!("{found}")));
    }
    *axis = usize::try_from(table.i32(6, 0)?).unwrap_or(usize::MAX);
    let extents = tensor.shape.as_deref().unwrap_or_default();
    if scales.len() > 1 && extents.get(*axis) != Some(&scales.len()) {
        let found = format_args!("{} scales along axis {axis} of extents {}", scales.len(), List(extents));
        let expected = format_args!("one scale, or one for each index of its axis");
        return Err(tensor.error(ErrorKind::Invalid, expected, found));
    }
    let (low, high) = dtype.quantized_range().unwrap_or_default();
    for z in budget.items(table.vector(3, 8)?)?.scalars().map(i64::from_le_bytes) {
        match i32::try_from(z) {
            Ok(z) if (low..=high).contains(&z) => zero_points.push(z),
            _ => {
                let expected = format_args!("zero points of {} from {low} to {high}", dtype.name());
                return Err(tensor.error(ErrorKind::Invalid, expected, format_args!("{z}")));
            }
        }
    }
    // One stands for all, and 0 where none is given.
    if zero_points.len() <= 1 {
        let all = zero_points.first().copied().unwrap_or(0);
        zero_points.resize(scales.len(), all);
    }
    if zero_points.len() != scales.len() {
        let found = format_args!("{} zero points", zero_points.len());
        return Err(tensor.error(ErrorKind::Invalid, format_args!("{} zero points", scales.len()), found));
    }
    Ok(())
}
