//! The bundle of the worker that does tasks.

/// Prepares the worker.
fn main() {
    #[cfg(target_arch = "wasm32")]
    mote_playground::tell_panics();
}

/// Handles one message of the page, handed over by the worker's script.
#[cfg(target_arch = "wasm32")]
#[wasm_bindgen::prelude::wasm_bindgen]
pub async fn handle_message(message: wasm_bindgen::JsValue) {
    mote_playground::worker::workshop::handle(message).await;
}
