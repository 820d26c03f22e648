//! tract: `into_optimized`, `into_runnable`, as its README has it. It has one thread unless asked for more.

use tract_onnx::prelude::*;

use crate::network::Network;

pub(crate) fn load(model: &[u8]) -> Result<Network, String> {
    let text = |error: TractError| format!("{error:?}");
    let model = tract_onnx::onnx().model_for_read(&mut &*model).map_err(text)?;
    let model = model.into_optimized().map_err(text)?;
    let fact = model.input_fact(0).map_err(text)?;
    let shape = fact.shape.as_concrete().ok_or("an input without a fixed shape")?.to_vec();
    let dtype = match fact.datum_type.unquantized() {
        DatumType::I8 => "int8",
        DatumType::U8 => "uint8",
        DatumType::F32 => "float32",
        other => return Err(format!("an input of {other:?}")),
    };
    let (extents, datum_type) = (shape.clone(), fact.datum_type);
    // A state is kept: its buffers are what a service would keep too.
    let mut state = model.into_runnable().and_then(|model| model.spawn()).map_err(text)?;
    let run = move |input: &[u8]| {
        let mut tensor = Tensor::zero_dt(datum_type, &extents).map_err(text)?;
        tensor.try_as_plain_ram_mut().map_err(text)?.as_bytes_mut().copy_from_slice(input);
        let outputs = state.run(tvec!(tensor.into())).map_err(text)?;
        let output = outputs[0].cast_to::<f32>().map_err(text)?;
        Ok(output.to_plain_array_view::<f32>().map_err(text)?.iter().copied().collect())
    };
    Ok(Network { dtype, shape, run: Box::new(run) })
}
