//! 128-bit SIMD of wasm. The only unsafe code of the runtime is in here: vector loads and stores.
