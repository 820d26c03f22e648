//! Tensors of the file as arrays, and their types.

use super::limits::{RANK, TENSOR_BYTES};
use super::proto;
use super::refusal::{Outcome, invalid, over, unsupported};
use crate::data::{Array, DType, Elements};
use crate::graph::TensorType;

/// The element type with this number in the schema. float16 and bfloat16 are widened to float32.
pub(super) fn dtype(number: i64) -> Outcome<DType> {
    Ok(match number {
        1 | 10 | 16 => DType::Float32,
        2 => DType::UInt8,
        3 => DType::Int8,
        4 => DType::UInt16,
        5 => DType::Int16,
        6 => DType::Int32,
        7 => DType::Int64,
        9 => DType::Bool,
        11 => DType::Float64,
        12 => DType::UInt32,
        13 => DType::UInt64,
        8 | 14 | 15 | 17..=26 => {
            let why = format!("elements of type {}", type_name(number));
            return Err(unsupported(why, "export it with float32, float16 or integers of 8 to 64 bits"));
        }
        _ => return Err(invalid("an element type of ONNX", number.to_string())),
    })
}

/// The schema's name of an element type.
pub(super) fn type_name(number: i64) -> &'static str {
    const NAMES: [&str; 27] = [
        "undefined",
        "float",
        "uint8",
        "int8",
        "uint16",
        "int16",
        "int32",
        "int64",
        "string",
        "bool",
        "float16",
        "double",
        "uint32",
        "uint64",
        "complex64",
        "complex128",
        "bfloat16",
        "float8e4m3fn",
        "float8e4m3fnuz",
        "float8e5m2",
        "float8e5m2fnuz",
        "uint4",
        "int4",
        "float4e2m1",
        "float8e8m0",
        "uint2",
        "int2",
    ];
    usize::try_from(number).ok().and_then(|k| NAMES.get(k)).copied().unwrap_or("unknown")
}

/// What the runtime computes with; it has neither float64 nor uint16.
pub(super) fn runtime_type(dtype: DType) -> Outcome<TensorType> {
    match dtype {
        DType::Float64 => Err(unsupported("computes in float64", "export it in float32")),
        DType::UInt16 => Err(unsupported("computes in uint16", "export it in int32")),
        other => Ok(other.into()),
    }
}

/// Extents of a tensor whose elements, of `bytes` each, are within the limits.
pub(super) fn extents(dims: &[i64], bytes: usize) -> Outcome<Vec<usize>> {
    let shape: Option<Vec<usize>> = dims.iter().map(|&d| usize::try_from(d).ok()).collect();
    let shape = shape.ok_or_else(|| invalid("extents of at least 0", format!("{dims:?}")))?;
    within_limits(&shape, bytes)?;
    Ok(shape)
}

/// Refuses a shape of too many axes or bytes; gives the number of its elements.
pub(super) fn within_limits(shape: &[usize], bytes: usize) -> Outcome<usize> {
    if shape.len() > RANK {
        return Err(over(format!("at most {RANK} axes"), shape.len().to_string()));
    }
    // Counted without the extents of 0, so that no other extent hides behind one.
    let most = shape.iter().filter(|&&d| d > 0).try_fold(bytes, |n, &d| n.checked_mul(d));
    match most.filter(|&n| n <= TENSOR_BYTES) {
        Some(_) => Ok(shape.iter().product()),
        None => Err(over(format!("a tensor of at most {TENSOR_BYTES} bytes"), format!("{shape:?}"))),
    }
}

/// The array that a constant of the file is.
pub(super) fn array(tensor: &proto::Tensor<'_>) -> Outcome<Array> {
    if let Some(location) = tensor.external {
        let why = format!("its data lie in another file ({location:?})");
        return Err(unsupported(why, "save the model with its data inside: onnx.save(onnx.load(PATH), OTHER)"));
    }
    let dtype = dtype(tensor.data_type)?;
    let shape = extents(&tensor.dims, dtype.size())?;
    let count: usize = shape.iter().product();
    let elements = match tensor.raw {
        Some(raw) => of_bytes(tensor.data_type, dtype, raw, count)?,
        None => of_fields(tensor, dtype)?,
    };
    let found = elements.len();
    Array::new(shape, elements)
        .map_err(|_| invalid(format!("{count} elements for the extents {:?}", tensor.dims), found.to_string()))
}

fn of_bytes(number: i64, dtype: DType, raw: &[u8], count: usize) -> Outcome<Elements> {
    let size = if widening(number).is_some() { 2 } else { dtype.size() };
    if count.checked_mul(size) != Some(raw.len()) {
        return Err(invalid(format!("{count} elements of {size} bytes"), format!("{} bytes", raw.len())));
    }
    Ok(match widening(number) {
        Some(widen) => {
            Elements::Float32(raw.as_chunks::<2>().0.iter().map(|&b| widen(u16::from_le_bytes(b))).collect())
        }
        None => Elements::from_le_bytes(dtype, raw),
    })
}

/// What the bits of a float16 or a bfloat16 are as a float32; none for the number of any other type.
fn widening(number: i64) -> Option<fn(u16) -> f32> {
    match number {
        10 => Some(|bits| half::f16::from_bits(bits).to_f32()),
        16 => Some(|bits| half::bf16::from_bits(bits).to_f32()),
        _ => None,
    }
}

fn of_fields(tensor: &proto::Tensor<'_>, dtype: DType) -> Outcome<Elements> {
    let small = || tensor.int32s.iter().copied();
    fn each<T: TryFrom<i64>>(values: impl Iterator<Item = i64>) -> Outcome<Vec<T>> {
        values.map(|v| T::try_from(v).map_err(|_| invalid("elements within their type", v.to_string()))).collect()
    }
    if let Some(widen) = widening(tensor.data_type) {
        return Ok(Elements::Float32(each(small())?.into_iter().map(widen).collect()));
    }
    Ok(match dtype {
        DType::Float32 => Elements::Float32(tensor.floats.clone()),
        DType::Float64 => Elements::Float64(tensor.doubles.clone()),
        DType::Bool => Elements::Bool(small().map(|v| v != 0).collect()),
        DType::Int8 => Elements::Int8(each(small())?),
        DType::UInt8 => Elements::UInt8(each(small())?),
        DType::Int16 => Elements::Int16(each(small())?),
        DType::UInt16 => Elements::UInt16(each(small())?),
        DType::Int32 => Elements::Int32(each(small())?),
        DType::Int64 => Elements::Int64(tensor.int64s.clone()),
        DType::UInt32 => Elements::UInt32(each(tensor.uint64s.iter().copied())?),
        DType::UInt64 => Elements::UInt64(tensor.uint64s.iter().map(|&v| v.cast_unsigned()).collect()),
    })
}
