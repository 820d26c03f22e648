//! A small guest in WebAssembly text whose one model, of one int8 in and out, misbehaves on demand.

/// Input on which the run never ends.
pub(crate) const SPIN: u8 = 1;
/// Input on which the run traps.
pub(crate) const TRAP: u8 = 2;
/// Input on which the run asks for 128 MiB and traps when it gets none.
pub(crate) const HOG: u8 = 3;
/// Input on which the run recurses without end.
pub(crate) const RECURSE: u8 = 4;
/// Input that the run refuses with an error.
pub(crate) const REFUSE: u8 = 5;

/// A model whose loading never ends.
pub(crate) const SPIN_ON_LOAD: &[u8] = &[SPIN];
/// A model that loads.
pub(crate) const DOUBLE: &[u8] = &[0];
/// A model whose output lies outside the memory.
pub(crate) const OUTPUT_OUTSIDE: &[u8] = &[6];

const TENSOR: &str = r#"{\"index\":0,\"name\":\"\",\"dtype\":\"int8\",\"shape\":[1],\"scale_bits\":null,\"zero_point\":null,\"bytes\":1}"#;
const ERROR: &str = r#"{\"kind\":\"run\",\"place\":\"input 0\",\"expected\":\"another value\",\"found\":\"5\"}"#;

/// The guest's text: its output is twice its input, plus the number of runs before since the model was loaded.
pub(crate) fn wat() -> String {
    let description = format!(
        r#"{{\"name\":\"double\",\"inputs\":[{TENSOR}],\"outputs\":[{TENSOR}],\"arena_bytes\":2,\"arena_lower_bound\":2,\"state_bytes\":0,\"weight_bytes\":0,\"file_bytes\":1,\"ops\":[{{\"node\":0,\"op\":\"DOUBLE\",\"kernel\":\"wat\",\"inputs\":[0],\"outputs\":[{TENSOR}],\"macs\":1,\"weight_bytes\":0,\"scratch_bytes\":0}}]}}"#
    );
    let length = |text: &str| text.replace('\\', "").len();
    format!(
        r#"(module
  (memory (export "memory") 1)
  (data (i32.const 1024) "{description}")
  (data (i32.const 8192) "{ERROR}")
  ;; What it keeps between calls lies in its memory: the text's address at 64, the model at 68, the number of runs at 72.
  (func (export "mote_abi") (result i32) i32.const 1)
  (func (export "mote_build") (result i32) i32.const 0)
  (func (export "mote_alloc") (param i32) (result i32) i32.const 16384)
  (func (export "mote_free") (param i32 i32))
  (func (export "mote_load") (param i32 i32 i32) (result i32)
    (i32.store (i32.const 68) (i32.load8_u (local.get 0)))
    (if (i32.eq (i32.load (i32.const 68)) (i32.const 1)) (then (call $spin)))
    i32.const 1)
  (func (export "mote_unload") (param i32))
  (func (export "mote_describe") (param i32) (result i32)
    (i32.store (i32.const 64) (i32.const 1024))
    i32.const {description_length})
  (func (export "mote_last_error") (result i32)
    (i32.store (i32.const 64) (i32.const 8192))
    i32.const {error_length})
  (func (export "mote_text") (result i32) (i32.load (i32.const 64)))
  (func (export "mote_input") (param i32 i32) (result i32) i32.const 16)
  (func (export "mote_output") (param i32 i32) (result i32)
    (select (i32.const -16) (i32.const 32) (i32.eq (i32.load (i32.const 68)) (i32.const 6))))
  (func $run (export "mote_run") (param i32) (result i32)
    (local $input i32)
    (local.set $input (i32.load8_u (i32.const 16)))
    (if (i32.eq (local.get $input) (i32.const 1)) (then (call $spin)))
    (if (i32.eq (local.get $input) (i32.const 2)) (then unreachable))
    (if (i32.eq (local.get $input) (i32.const 3))
      (then (if (i32.eq (memory.grow (i32.const 2048)) (i32.const -1)) (then unreachable))))
    (if (i32.eq (local.get $input) (i32.const 4)) (then (drop (call $run (i32.const 1)))))
    (if (i32.eq (local.get $input) (i32.const 5)) (then (return (i32.const 1))))
    (i32.store8 (i32.const 32)
      (i32.add (i32.shl (local.get $input) (i32.const 1)) (i32.load (i32.const 72))))
    (i32.store (i32.const 72) (i32.add (i32.load (i32.const 72)) (i32.const 1)))
    i32.const 0)
  (func $spin (loop $again (br $again)))
  (func (export "mote_run_step") (param i32 i32) (result i32) (call $run (local.get 0)))
  (func (export "mote_step_output") (param i32 i32 i32) (result i32) i32.const 32)
  (func (export "mote_reset") (param i32) (result i32) i32.const 0))"#,
        description_length = length(&description),
        error_length = length(ERROR),
    )
}

/// A module's bytes from its text.
pub(crate) fn wasm(wat: &str) -> Vec<u8> {
    wat::parse_str(wat).unwrap()
}
