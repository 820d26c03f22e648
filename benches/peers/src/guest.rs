//! The ABI of Mote's guest over the one runtime that was compiled in. `mote_abi` describes the functions.

use std::cell::RefCell;

use mote_abi::exports::{BUILD_RELAXED_SIMD, BUILD_SIMD128, VERSION};
use mote_abi::{Description, GuestError, Op, Tensor};

use crate::network::{Network, Runtime};

/// The only session.
const SESSION: u32 = 1;

#[derive(Default)]
struct Guest {
    network: Option<Network>,
    file_bytes: u64,
    input: Vec<u8>,
    output: Vec<f32>,
    text: Vec<u8>,
    error: Vec<u8>,
}

thread_local! {
    static GUEST: RefCell<Guest> = RefCell::default();
}

impl Guest {
    fn load(&mut self, model: &[u8]) -> Result<(), String> {
        let runtime = Runtime::ALL.first().ok_or("a module without a runtime")?;
        let mut network = runtime.load(model)?;
        let size = if network.dtype == "float32" { 4 } else { 1 };
        self.input = vec![0; network.shape.iter().product::<usize>() * size];
        // How much comes out is known when something has.
        self.output = (network.run)(&self.input)?;
        self.network = Some(network);
        self.file_bytes = model.len() as u64;
        Ok(())
    }

    fn run(&mut self) -> Result<(), String> {
        let network = self.network.as_mut().ok_or("no model is loaded")?;
        let output = (network.run)(&self.input)?;
        // In place: its address was given away.
        self.output.copy_from_slice(&output);
        Ok(())
    }

    fn describe(&self) -> Option<Description> {
        let network = self.network.as_ref()?;
        let tensor = |name: &str, dtype: &str, shape: Vec<u32>, bytes: usize| Tensor {
            index: 0,
            name: name.into(),
            dtype: dtype.into(),
            shape,
            scale_bits: None,
            zero_point: None,
            bytes: bytes as u64,
        };
        let input = network.shape.iter().map(|&d| d as u32).collect();
        let output = tensor("output", "float32", vec![self.output.len() as u32], self.output.len() * 4);
        let whole = Op {
            node: 0,
            op: "MODEL".into(),
            kernel: Runtime::ALL.first()?.name().into(),
            inputs: vec![0],
            outputs: vec![output.clone()],
            macs: 0,
            weight_bytes: 0,
            scratch_bytes: 0,
        };
        Some(Description {
            name: String::new(),
            inputs: vec![tensor("input", network.dtype, input, self.input.len())],
            outputs: vec![output],
            arena_bytes: 0,
            arena_lower_bound: 0,
            state_bytes: 0,
            weight_bytes: 0,
            file_bytes: self.file_bytes,
            ops: vec![whole],
        })
    }

    /// 0 for success; else 1, and the reason is kept.
    fn status(&mut self, result: Result<(), String>) -> u32 {
        let Err(found) = result else { return 0 };
        let error =
            GuestError { kind: "run".into(), place: "file".into(), expected: "a model that runs".into(), found };
        self.error = serde_json::to_vec(&error).unwrap_or_default();
        1
    }
}

fn with<T>(work: impl FnOnce(&mut Guest) -> T) -> T {
    GUEST.with_borrow_mut(work)
}

#[unsafe(no_mangle)]
extern "C" fn mote_abi() -> u32 {
    VERSION
}

#[unsafe(no_mangle)]
extern "C" fn mote_build() -> u32 {
    BUILD_SIMD128 | if cfg!(target_feature = "relaxed-simd") { BUILD_RELAXED_SIMD } else { 0 }
}

#[unsafe(no_mangle)]
extern "C" fn mote_alloc(len: u32) -> *mut u8 {
    Box::leak(vec![0; len as usize].into_boxed_slice()).as_mut_ptr()
}

#[unsafe(no_mangle)]
extern "C" fn mote_free(ptr: *mut u8, len: u32) {
    // SAFETY: the host gives back what `mote_alloc` gave it, with its length, once.
    drop(unsafe { Box::from_raw(std::ptr::slice_from_raw_parts_mut(ptr, len as usize)) });
}

#[unsafe(no_mangle)]
extern "C" fn mote_load(ptr: *const u8, len: u32, _flags: u32) -> u32 {
    // SAFETY: the host wrote `len` bytes to what `mote_alloc` gave it.
    let model = unsafe { std::slice::from_raw_parts(ptr, len as usize) };
    with(|guest| {
        let result = guest.load(model);
        if guest.status(result) == 0 { SESSION } else { 0 }
    })
}

#[unsafe(no_mangle)]
extern "C" fn mote_unload(_session: u32) {
    with(|guest| guest.network = None);
}

#[unsafe(no_mangle)]
extern "C" fn mote_describe(_session: u32) -> u32 {
    with(|guest| {
        guest.text = guest.describe().and_then(|text| serde_json::to_vec(&text).ok()).unwrap_or_default();
        guest.text.len() as u32
    })
}

#[unsafe(no_mangle)]
extern "C" fn mote_last_error() -> u32 {
    with(|guest| {
        guest.text = std::mem::take(&mut guest.error);
        guest.text.len() as u32
    })
}

#[unsafe(no_mangle)]
extern "C" fn mote_text() -> *const u8 {
    with(|guest| guest.text.as_ptr())
}

#[unsafe(no_mangle)]
extern "C" fn mote_input(_session: u32, k: u32) -> *mut u8 {
    with(|guest| if k == 0 { guest.input.as_mut_ptr() } else { std::ptr::null_mut() })
}

#[unsafe(no_mangle)]
extern "C" fn mote_output(_session: u32, k: u32) -> *const f32 {
    with(|guest| if k == 0 { guest.output.as_ptr() } else { std::ptr::null() })
}

#[unsafe(no_mangle)]
extern "C" fn mote_run(_session: u32) -> u32 {
    with(|guest| {
        let result = guest.run();
        guest.status(result)
    })
}

#[unsafe(no_mangle)]
extern "C" fn mote_run_step(session: u32, _step: u32) -> u32 {
    mote_run(session)
}

#[unsafe(no_mangle)]
extern "C" fn mote_step_output(session: u32, _step: u32, k: u32) -> *const f32 {
    mote_output(session, k)
}

#[unsafe(no_mangle)]
extern "C" fn mote_reset(_session: u32) -> u32 {
    0
}
