//! rten: weights packed at load, as its performance guide advises, and a pool of one thread.

use std::sync::Arc;

use rten::{DataType, Dimension, ModelOptions, RunOptions, ThreadPool, Value, ValueOrView, ValueType};
use rten_tensor::Tensor;
use rten_tensor::prelude::*;

use crate::network::Network;

pub(crate) fn load(model: &[u8]) -> Result<Network, String> {
    let model = ModelOptions::with_all_ops().prepack_weights(true).load(model.to_vec()).map_err(|e| e.to_string())?;
    let id = *model.input_ids().first().ok_or("no input")?;
    let dtype = match model.node_info(id).and_then(|info| info.dtype()) {
        Some(ValueType::Tensor(DataType::Int8)) => "int8",
        Some(ValueType::Tensor(DataType::UInt8)) => "uint8",
        Some(ValueType::Tensor(DataType::Float)) => "float32",
        other => return Err(format!("an input of {other:?}")),
    };
    let fixed = |dimension| match dimension {
        Dimension::Fixed(extent) => Some(extent),
        Dimension::Symbolic(_) => None,
    };
    let shape = model.input_shape(0).ok_or("an input without a shape")?;
    let shape: Vec<usize> = shape.into_iter().map(fixed).collect::<Option<_>>().ok_or("an input of any size")?;
    let extents = shape.clone();
    let pool = (!cfg!(target_arch = "wasm32")).then(|| Arc::new(ThreadPool::with_num_threads(1)));
    let run = move |input: &[u8]| {
        let value: Value = match dtype {
            "int8" => Tensor::from_data(&extents, input.iter().map(|b| b.cast_signed()).collect::<Vec<_>>()).into(),
            "uint8" => Tensor::from_data(&extents, input.to_vec()).into(),
            _ => {
                let numbers = input.as_chunks::<4>().0.iter().map(|&bytes| f32::from_le_bytes(bytes));
                Tensor::from_data(&extents, numbers.collect::<Vec<_>>()).into()
            }
        };
        let options = RunOptions::default().with_thread_pool(pool.clone());
        let output = model.run_one(ValueOrView::from(value), Some(options)).map_err(|e| e.to_string())?;
        let output: Tensor<f32> = output.try_into().map_err(|e| format!("{e:?}"))?;
        Ok(output.to_vec())
    };
    Ok(Network { dtype, shape, run: Box::new(run) })
}
