//! An ONNX model through the importer, the exporter and the runtime, and its results beside those that are known.

use mote_models::data::{Array, DType, Elements};
use mote_models::export;
use mote_models::import::onnx::{self, Imported};
use mote_runtime::{LoadOptions, Session};

/// How far a real number may be from the one that is known.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tolerance {
    pub(crate) relative: f64,
    pub(crate) absolute: f64,
    /// Steps of integers.
    pub(crate) steps: i64,
}

/// What became of a model.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Outcome {
    /// Every output is within the tolerance.
    Pass,
    /// By the importer, with its reason.
    Refused(String),
    /// Imported, and yet not run, or run with another result.
    Wrong(String),
}

/// Imports, runs and compares. Inputs and outputs are in the file's order and layout.
pub(crate) fn check(model: &[u8], inputs: &[Array], outputs: &[Array], tolerance: Tolerance) -> Outcome {
    let imported = match onnx::read(model) {
        Ok(imported) => imported,
        Err(error) => return Outcome::Refused(error.to_string()),
    };
    match compute(&imported, inputs) {
        // Values of this run that cannot be computed with: told, not guessed.
        Err(what) if what.starts_with("not run: run:") => Outcome::Refused(what),
        Err(what) => Outcome::Wrong(what),
        Ok(found) if found.len() != outputs.len() => Outcome::Wrong(format!("{} outputs", found.len())),
        Ok(found) => {
            let differ = found.iter().zip(outputs).enumerate().find_map(|(k, (found, known))| {
                difference(found, known, tolerance).map(|what| format!("output {k}: {what}"))
            });
            differ.map_or(Outcome::Pass, Outcome::Wrong)
        }
    }
}

/// The outputs, as the file has them.
pub(crate) fn compute(imported: &Imported, inputs: &[Array]) -> Result<Vec<Array>, String> {
    let file = export::tflite(&imported.graph).map_err(|e| format!("not written: {e}"))?;
    let mut session = Session::load(&file, &LoadOptions::default()).map_err(|e| format!("not loaded: {e}"))?;
    if inputs.len() != imported.inputs.len() {
        return Err(format!("{} inputs instead of {}", imported.inputs.len(), inputs.len()));
    }
    for (k, (placement, input)) in imported.inputs.iter().zip(inputs).enumerate() {
        let array = placement.to_graph(input).ok_or_else(|| format!("input {k}: {:?}", input.shape()))?;
        let bytes = array.elements().to_le_bytes();
        let to = session.input_mut(k).ok_or("no such input")?;
        if to.len() != bytes.len() {
            return Err(format!("input {k}: {} bytes instead of {}", to.len(), bytes.len()));
        }
        to.copy_from_slice(&bytes);
    }
    session.run().map_err(|e| format!("not run: {e}"))?;
    let mut outputs = Vec::new();
    for (k, (placement, &id)) in imported.outputs.iter().zip(&imported.graph.outputs).enumerate() {
        let value = imported.graph.value(id);
        let dtype = value.dtype.element().ok_or("an output of no array type")?;
        let bytes = session.output(k).ok_or("no such output")?;
        let array = Array::new(value.shape.clone(), elements(dtype, bytes)).map_err(|e| e.to_string())?;
        outputs.push(placement.to_file(&array).ok_or_else(|| format!("output {k}: {:?}", array.shape()))?);
    }
    Ok(outputs)
}

/// Little-endian elements of a type.
pub(crate) fn elements(dtype: DType, bytes: &[u8]) -> Elements {
    macro_rules! numbers {
        ($t:ty) => {
            bytes.as_chunks().0.iter().map(|&b| <$t>::from_le_bytes(b)).collect::<Vec<$t>>().into()
        };
    }
    match dtype {
        DType::Bool => bytes.iter().map(|&b| b != 0).collect::<Vec<bool>>().into(),
        DType::Int8 => numbers!(i8),
        DType::UInt8 => bytes.to_vec().into(),
        DType::Int16 => numbers!(i16),
        DType::UInt16 => numbers!(u16),
        DType::Int32 => numbers!(i32),
        DType::UInt32 => numbers!(u32),
        DType::Int64 => numbers!(i64),
        DType::UInt64 => numbers!(u64),
        DType::Float32 => numbers!(f32),
        DType::Float64 => numbers!(f64),
    }
}

/// What is wrong with an array; none when it is the known one.
pub(crate) fn difference(found: &Array, known: &Array, tolerance: Tolerance) -> Option<String> {
    if found.shape() != known.shape() || found.dtype() != known.dtype() {
        return Some(format!("{} of {:?}, not {} of {:?}", found.dtype(), found.shape(), known.dtype(), known.shape()));
    }
    (0..known.elements().len()).find_map(|k| {
        let near = match (found.elements().integer(k), known.elements().integer(k)) {
            (Some(a), Some(b)) => a.abs_diff(b) <= tolerance.steps.unsigned_abs(),
            _ => match (found.elements().real(k), known.elements().real(k)) {
                (Some(a), Some(b)) => {
                    a == b
                        || a.is_nan() && b.is_nan()
                        || (a - b).abs() <= tolerance.absolute + tolerance.relative * b.abs()
                }
                _ => false,
            },
        };
        let show = |array: &Array| array.elements().real(k).unwrap_or(f64::NAN);
        (!near).then(|| format!("element {k} is {}, not {}", show(found), show(known)))
    })
}
