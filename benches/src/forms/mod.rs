//! One quantized network in the forms that other runtimes take it in: the same weights, scales and zero points.
//!
//! - [`onnx`]: ONNX, in each of the ways in which its integers can be written down.
//! - [`float_ends`]: `.tflite` with real numbers going in and coming out, for interpreters that refuse int8 at their ends.

pub mod onnx;

mod float_ends;

pub use float_ends::float_ends;

#[cfg(test)]
mod tests {
    use mote_models::run::{Engine as _, Native};
    use mote_models::{export, import};

    use super::onnx::{self, Form, InputType, onnx};
    use super::*;
    use crate::peers::case::{Case, cases};
    use crate::peers::measured::Agreement;

    /// The outputs of a file in our runtime; `real` says whether its input is.
    fn outputs(case: &Case, file: &[u8], real: bool) -> Vec<Vec<f32>> {
        let mut model = Native.load(file).expect("a model");
        let is_real = model.description().outputs[0].dtype == "float32";
        let run = |stored: &Vec<u8>| {
            let input = match real {
                true => onnx::real(case.input(), stored).iter().flat_map(|v| v.to_le_bytes()).collect(),
                false => stored.clone(),
            };
            let bytes = model.run(&[input]).expect("a run").swap_remove(0);
            match is_real {
                true => bytes.as_chunks::<4>().0.iter().map(|&b| f32::from_le_bytes(b)).collect(),
                false => onnx::real(case.output(), &bytes),
            }
        };
        case.inputs.iter().map(run).collect()
    }

    #[test]
    fn every_onnx_form_that_we_import_answers_as_the_network_it_came_from() {
        for case in cases() {
            for form in [Form::Qdq, Form::QLinear, Form::Float] {
                let file = onnx(&case.graph, form).expect("a form");
                let graph = import::onnx(&file).unwrap_or_else(|e| panic!("{} {}: {e}", case.name, form.name()));
                let file = export::tflite(&graph).expect("a file");
                let found = outputs(&case, &file, form.input() == InputType::Float32);
                let agreement = Agreement::of(&case, &found);
                assert!(agreement.holds(), "{} {}: {agreement:?}", case.name, form.name());
            }
        }
    }

    #[test]
    fn float_ends_change_nothing_between_them() {
        for case in cases() {
            let found = outputs(&case, &float_ends(&case.graph).expect("a file"), true);
            assert_eq!(found, outputs(&case, &case.model, false), "{}", case.name);
        }
    }
}
