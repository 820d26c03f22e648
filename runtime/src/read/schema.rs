//! The tables of TensorFlow Lite's schema, version 3, as far as they are read.
//!
//! Field numbers follow the order of the fields in `tensorflow/lite/schema/schema.fbs`.

use alloc::format;
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
    let codes = operator_codes(root.tables(1)?, &mut budget)?;
    let list = budget.tables(root.tables(2)?)?;
    let mut subgraphs = Vec::with_capacity(list.len());
    for k in 0..list.len() {
        subgraphs.push(subgraph(&list.table(k)?, &codes, &buffers, &mut budget)?);
    }
    if subgraphs.is_empty() {
        return Err(Error::new(ErrorKind::Invalid, Place::File, format_args!("a subgraph"), format_args!("none")));
    }
    Ok(Model { description: root.string(3)?.into_owned(), subgraphs })
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
    custom: alloc::string::String,
    version: i32,
}

fn operator_codes(list: Vector<'_>, budget: &mut Budget<'_>) -> Result<Vec<Code>, Error> {
    let list = budget.tables(list)?;
    let mut codes = Vec::with_capacity(list.len());
    for k in 0..list.len() {
        let table = list.table(k)?;
        // Codes up to 126 are in the old one-byte field, others in the new field; the larger one counts.
        let builtin = i32::from(table.i8(0, 0)?).max(table.i32(3, 0)?);
        codes.push(Code { builtin, custom: table.string(1)?.into_owned(), version: table.i32(2, 1)? });
    }
    Ok(codes)
}

fn subgraph<'a>(
    table: &Table<'a>,
    codes: &[Code],
    buffers: &Buffers<'a>,
    budget: &mut Budget<'_>,
) -> Result<Subgraph<'a>, Error> {
    let list = budget.tables(table.tables(0)?)?;
    let mut tensors = Vec::with_capacity(list.len());
    for k in 0..list.len() {
        tensors.push(tensor(k, &list.table(k)?, buffers, budget)?);
    }
    let list = budget.operators(table.tables(3)?)?;
    let mut operators = Vec::with_capacity(list.len());
    for k in 0..list.len() {
        operators.push(operator(k, &list.table(k)?, codes, tensors.len(), budget)?);
    }
    let indexes = Indexes { table, count: tensors.len(), place: &Place::File };
    let inputs = indexes.all(1, "a tensor as graph input", budget)?;
    let outputs = indexes.all(2, "a tensor as graph output", budget)?;
    // A graph input is written by the caller before each run, whatever value or mark the file gives it.
    for &input in &inputs {
        if let Some(tensor) = tensors.get_mut(input) {
            tensor.constant = None;
            tensor.is_variable = false;
        }
    }
    Ok(Subgraph { tensors, operators, inputs, outputs })
}

/// Lists of tensor indexes in a table, each index below `count`.
struct Indexes<'t, 'a> {
    table: &'t Table<'a>,
    count: usize,
    place: &'t Place,
}

impl Indexes<'_, '_> {
    /// The list in field `id`, where optional tensors may be left out.
    fn optional(&self, id: u16, budget: &mut Budget<'_>) -> Result<Vec<Option<usize>>, Error> {
        let list = budget.items(self.table.vector(id, ITEM_BYTES)?)?;
        let mut indexes = Vec::with_capacity(list.len());
        for k in list.i32s() {
            indexes.push(match usize::try_from(k) {
                Ok(k) if k < self.count => Some(k),
                Err(_) if k == NO_TENSOR => None,
                _ => return Err(self.wrong(format_args!("a tensor index below {}", self.count), k)),
            });
        }
        Ok(indexes)
    }

    /// The list in field `id`, where each is `what` and none is left out.
    fn all(&self, id: u16, what: &str, budget: &mut Budget<'_>) -> Result<Vec<usize>, Error> {
        let mut indexes = Vec::new();
        for index in self.optional(id, budget)? {
            indexes.push(index.ok_or_else(|| self.wrong(format_args!("{what}"), NO_TENSOR))?);
        }
        Ok(indexes)
    }

    fn wrong(&self, expected: Arguments<'_>, found: i32) -> Error {
        Error::new(ErrorKind::Invalid, self.place.clone(), expected, format_args!("tensor {found}"))
    }
}

fn operator<'a>(
    index: usize,
    table: &Table<'a>,
    codes: &[Code],
    tensors: usize,
    budget: &mut Budget<'_>,
) -> Result<Operator<'a>, Error> {
    let opcode = usize::try_from(table.u32(0, 0)?).unwrap_or(usize::MAX);
    let place = Place::Node { index, op: "?".into() };
    let code = codes.get(opcode).ok_or_else(|| {
        Error::new(
            ErrorKind::Invalid,
            place.clone(),
            format_args!("an operator code below {}", codes.len()),
            format_args!("{opcode}"),
        )
    })?;
    let indexes = Indexes { table, count: tensors, place: &place };
    Ok(Operator {
        index,
        code: code.builtin,
        custom_name: code.custom.clone(),
        version: code.version,
        inputs: indexes.optional(1, budget)?,
        outputs: indexes.all(2, "a tensor as output", budget)?,
        intermediates: indexes.all(8, "a tensor as intermediate", budget)?,
        options: table.table(4)?,
        custom_options: table.vector(5, 1)?.bytes(),
    })
}

fn tensor<'a>(
    index: usize,
    table: &Table<'a>,
    buffers: &Buffers<'a>,
    budget: &mut Budget<'_>,
) -> Result<Tensor<'a>, Error> {
    let limits = budget.limits;
    let type_code = table.i8(1, 0)?;
    let dtype = DType::from_schema(type_code);
    let mut tensor = Tensor {
        index,
        name: table.string(3)?.into_owned(),
        dtype,
        type_code,
        shape: None,
        quant: None,
        constant: None,
        is_variable: table.bool(5)?,
    };
    let data = buffers.get(usize::try_from(table.u32(2, 0)?).unwrap_or(usize::MAX))?;
    tensor.shape = shape(table, &tensor)?;
    if let (Some(shape), Some(dtype)) = (tensor.shape, dtype) {
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
    if let Some(dtype) = dtype {
        tensor.quant = quantization(table, &tensor, dtype, tensor.shape.as_deref().unwrap_or_default(), budget)?;
    }
    Ok(tensor)
}

fn zeros(bytes: usize) -> Result<Vec<u8>, Error> {
    let mut list = Vec::new();
    list.try_reserve_exact(bytes).map_err(|_| no_memory(bytes))?;
    list.resize(bytes, 0);
    Ok(list)
}

/// The tensor's extents; an empty list is a scalar. None for a tensor without elements: converters leave such in the place of
/// optional operands.
fn shape(table: &Table<'_>, tensor: &Tensor<'_>) -> Result<Option<Shape>, Error> {
    let mut dims = Vec::new();
    for extent in table.vector(0, 4)?.i32s() {
        match usize::try_from(extent) {
            Ok(0) => return Ok(None),
            Ok(d) => dims.push(d),
            Err(_) => {
                return Err(tensor.error(
                    ErrorKind::Invalid,
                    format_args!("extents of at least 1"),
                    format_args!("extent {extent}"),
                ));
            }
        }
        if dims.len() > MAX_RANK {
            return Err(tensor.error(
                ErrorKind::Limit,
                format_args!("rank of at most {MAX_RANK}"),
                format_args!("more"),
            ));
        }
    }
    let shape = Shape::new(&dims);
    if shape.is_none() {
        return Err(tensor.error(
            ErrorKind::Limit,
            format_args!("fewer than 2^31 elements"),
            format_args!("shape {}", List(&dims)),
        ));
    }
    Ok(shape)
}

fn quantization(
    table: &Table<'_>,
    tensor: &Tensor<'_>,
    dtype: DType,
    extents: &[usize],
    budget: &mut Budget<'_>,
) -> Result<Option<Quant>, Error> {
    let Some(table) = table.table(4)? else { return Ok(None) };
    let Some((low, high)) = dtype.quantized_range() else { return Ok(None) };
    let scales: Vec<f32> = budget.items(table.vector(2, ITEM_BYTES)?)?.scalars().map(f32::from_le_bytes).collect();
    if scales.is_empty() {
        return Ok(None);
    }
    if let Some(scale) = scales.iter().find(|s| !(s.is_finite() && **s > 0.0)) {
        let found = match scale {
            s if s.is_nan() => "a scale that is not a number",
            s if s.is_infinite() => "an infinite scale",
            s if *s < 0.0 => "a negative scale",
            _ => "a scale of 0",
        };
        return Err(tensor.error(ErrorKind::Invalid, format_args!("finite scales above 0"), format_args!("{found}")));
    }
    let axis = usize::try_from(table.i32(6, 0)?).unwrap_or(usize::MAX);
    if scales.len() > 1 && extents.get(axis) != Some(&scales.len()) {
        let found = format_args!("{} scales along axis {axis} of extents {}", scales.len(), List(extents));
        return Err(tensor.error(
            ErrorKind::Invalid,
            format_args!("one scale, or one for each index of its axis"),
            found,
        ));
    }
    let mut zero_points = Vec::with_capacity(scales.len());
    for z in budget.items(table.vector(3, 8)?)?.scalars().map(i64::from_le_bytes) {
        match i32::try_from(z) {
            Ok(z) if (low..=high).contains(&z) => zero_points.push(z),
            _ => {
                let expected = format_args!("zero points of {} from {low} to {high}", dtype.name());
                return Err(tensor.error(ErrorKind::Invalid, expected, format_args!("{z}")));
            }
        }
    }
    if zero_points.is_empty() {
        zero_points.resize(scales.len(), 0);
    }
    if zero_points.len() == 1 {
        zero_points.resize(scales.len(), zero_points.first().copied().unwrap_or(0));
    }
    if zero_points.len() != scales.len() {
        let found = format_args!("{} zero points", zero_points.len());
        return Err(tensor.error(ErrorKind::Invalid, format_args!("{} zero points", scales.len()), found));
    }
    Ok(Some(Quant { scales, zero_points, axis }))
}
