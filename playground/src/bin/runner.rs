//! The bundle of the workers that have a guest with a model in them.

/// Prepares the worker.
fn main() {
    #[cfg(target_arch = "wasm32")]
    mote_playground::tell_panics();
}

/// Handles one message of the page, handed over by the worker's script.
#[cfg(target_arch = "wasm32")]
#[wasm_bindgen::prelude::wasm_bindgen]
pub async fn handle_message(message: wasm_bindgen::JsValue) {
    mote_playground::worker::runner::handle(message).await;
}
