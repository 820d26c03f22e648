//! A module written again so that it downloads in fewer bytes, and does the same. The guests pass here, and
//! the page's bundles once wasm-bindgen has done with them.
//!
//! ```text
//! module -> its functions -> equal ones folded -> put in some orders -> the module with each -> the smallest
//! ```
//!
//! - `functions`: the functions taken out of a module, and a module written with them in another order.
//! - `order`: the order in which a compressor finds the most that it has just seen.
//! - `zeros`: instructions that change nothing.
//! - `hints`: words that mean nothing.

mod functions;
mod hints;
mod order;
mod zeros;

use std::io;

use flate2::Compression;
use flate2::read::GzEncoder;

use crate::error::BuildError;
use functions::Functions;
use order::Runs;

/// By how many bytes the orders that are tried look back: which of them is best changes with every change of the code.
const BACK: [usize; 8] = [3_000, 4_000, 5_000, 6_000, 8_000, 10_000, 12_000, 16_000];

/// The module with its functions in another order, equal ones kept once, and without its custom sections.
///
/// # Errors
/// [`BuildError::Module`] for what our modules do not have: tables filled with anything but functions, exceptions, tail calls.
pub fn compact(wasm: &[u8]) -> Result<Vec<u8>, BuildError> {
    let functions = Functions::read(wasm)?;
    let same = functions.folded()?;
    let mut kept = Vec::new();
    let mut bodies = Vec::new();
    for function in (0..same.len()).filter(|&function| same[function] == function) {
        kept.push(function);
        bodies.push(functions.body(function, &same)?);
    }
    let runs = Runs::of(&bodies);
    let mut smallest: Option<(u64, Vec<u8>)> = None;
    for back in BACK {
        let order: Vec<usize> = runs.by_likeness(back).into_iter().map(|k| kept[k]).collect();
        let module = functions.write(&order, &same)?;
        let bytes = downloaded(&module);
        if smallest.as_ref().is_none_or(|&(least, _)| bytes < least) {
            smallest = Some((bytes, module));
        }
    }
    Ok(smallest.map(|(_, module)| module).unwrap_or_default())
}

/// Bytes of a download.
fn downloaded(module: &[u8]) -> u64 {
    let mut compressed = GzEncoder::new(module, Compression::best());
    io::copy(&mut compressed, &mut io::sink()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn module(text: &str) -> Vec<u8> {
        wat::parse_str(text).unwrap()
    }

    #[test]
    fn equal_functions_are_one_and_whoever_named_the_other_names_it() {
        let given = module(
            r#"(module
                (type $one (func (param i32) (result i32)))
                (type $same_form (func (param i32) (result i32)))
                (table 3 funcref)
                (memory (export "memory") 1)
                (global $top (mut i32) (i32.const 64))
                (export "first" (func 2))
                (export "second" (func 3))
                (export "other" (func 4))
                (elem (i32.const 1) func 1 0)
                (func (type $one) (i32.mul (local.get 0) (i32.const 3)))
                (func (type $one) (i32.mul (local.get 0) (i32.const 3)))
                (func (type $one) (call 0 (i32.add (local.get 0) (global.get $top))))
                (func (type $one) (call 1 (i32.add (local.get 0) (global.get $top))))
                (func (type $same_form) (i32.mul (local.get 0) (i32.const 3)))
                (data (i32.const 8) "kept"))"#,
        );
        let expected = module(
            r#"(module
                (type (func (param i32) (result i32)))
                (type (func (param i32) (result i32)))
                (table 3 funcref)
                (memory (export "memory") 1)
                (global (mut i32) (i32.const 64))
                (export "first" (func 0))
                (export "second" (func 0))
                (export "other" (func 2))
                (elem (i32.const 1) func 1 1)
                (func (type 0) (call 1 (i32.add (local.get 0) (global.get 0))))
                (func (type 0) (i32.mul (local.get 0) (i32.const 3)))
                (func (type 1) (i32.mul (local.get 0) (i32.const 3)))
                (data (i32.const 8) "kept"))"#,
        );
        assert_eq!(compact(&given).unwrap(), expected);
    }

    #[test]
    fn locals_of_one_type_are_declared_together() {
        let given = module(
            "(func (param i64) (local f32 i32 f32)
                (local.set 1 (f32.const 1)) (drop (local.tee 2 (i32.const 2))) (local.set 3 (local.get 1)) (drop (local.get 0)))",
        );
        let expected = module(
            "(func (param i64) (local f32 f32 i32)
                (local.set 1 (f32.const 1)) (drop (local.tee 3 (i32.const 2))) (local.set 2 (local.get 1)) (drop (local.get 0)))",
        );
        assert_eq!(compact(&given).unwrap(), expected);
    }

    #[test]
    fn zeros_are_written_only_where_something_else_may_have_been() {
        let given = module(
            "(func (param i32) (local i32 i32)
                (local.set 0 (i32.const 0)) (local.set 1 (i32.const 0))
                (block (local.set 1 (i32.const 0)) (local.set 1 (i32.const 1)) (local.set 1 (i32.const 0)))
                (loop (local.set 2 (i32.const 0)) (local.set 2 (i32.const 5)) (br 0))
                (local.set 1 (i32.const 0)))",
        );
        let expected = module(
            "(func (param i32) (local i32 i32)
                (local.set 0 (i32.const 0))
                (block (local.set 1 (i32.const 1)) (local.set 1 (i32.const 0)))
                (loop (local.set 2 (i32.const 0)) (local.set 2 (i32.const 5)) (br 0))
                (local.set 1 (i32.const 0)))",
        );
        assert_eq!(compact(&given).unwrap(), expected);
    }

    #[test]
    fn locals_of_one_type_are_numbered_as_they_are_first_named() {
        let given = module(
            "(func (param i64) (local i32 f32 i32 i32)
                (drop (local.tee 4 (i32.const 4))) (drop (local.tee 1 (i32.const 1))) (drop (local.tee 4 (local.get 3))))",
        );
        let expected = module(
            "(func (param i64) (local i32 i32 i32 f32)
                (drop (local.tee 1 (i32.const 4))) (drop (local.tee 2 (i32.const 1))) (drop (local.tee 1 (local.get 3))))",
        );
        assert_eq!(compact(&given).unwrap(), expected);
    }

    #[test]
    fn loads_and_stores_of_every_kind_lose_their_hints_of_alignment_and_nothing_else() {
        let with = |hints: [u32; 6]| {
            let [word, double, float, half, vector, lane] = hints;
            module(&format!(
                r#"(module (memory 1) (func (param i32 v128) (result i32)
                    (i32.store offset=40 align={word} (local.get 0) (i32.load offset=300 align={word} (local.get 0)))
                    (i64.store align={double} (local.get 0) (i64.load align={double} (local.get 0)))
                    (f32.store align={float} (local.get 0) (f32.load align={float} (local.get 0)))
                    (i64.store32 align={word} (local.get 0) (i64.load16_s align={half} (local.get 0)))
                    (v128.store align={vector} (local.get 0) (v128.load8x8_s align={double} (local.get 0)))
                    (v128.store16_lane align={half} 5 (local.get 0) (v128.load32_zero align={lane} (local.get 0)))
                    (v128.store8_lane 3 (local.get 0) (i8x16.shuffle 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 40 (local.get 1) (local.get 1)))
                    (i32.add (i32.const 40) (memory.size))))"#
            ))
        };
        assert_eq!(compact(&with([4, 8, 4, 2, 16, 4])).unwrap(), with([1; 6]));
    }

    #[test]
    fn imported_functions_keep_their_numbers_and_the_start_is_found_again() {
        let given = module(
            r#"(module
                (import "host" "memory" (memory 1))
                (import "host" "first" (func (param externref)))
                (import "host" "second" (func))
                (table 3 funcref)
                (table 1 externref)
                (export "given" (func 1))
                (start 2)
                (elem (i32.const 1) func 1 3)
                (func (local externref) (call 0 (local.get 0)))
                (func (call 2) (call 1) (call 4) (call 1))
                (func (local externref) (call 0 (local.get 0))))"#,
        );
        let expected = module(
            r#"(module
                (type (func (param externref)))
                (type (func))
                (import "host" "memory" (memory 1))
                (import "host" "first" (func (type 0)))
                (import "host" "second" (func (type 1)))
                (table 3 funcref)
                (table 1 externref)
                (export "given" (func 1))
                (start 3)
                (elem (i32.const 1) func 1 2)
                (func (type 1) (call 3) (call 1) (call 3) (call 1))
                (func (type 1) (local externref) (call 0 (local.get 0))))"#,
        );
        assert_eq!(compact(&given).unwrap(), expected);
    }

    #[test]
    fn what_no_module_of_ours_has_is_refused() {
        for (text, found) in [
            ("(func (drop (ref.func 0))) (elem declare func 0)", "functions as values, tail calls"),
            (
                "(table 1 externref) (elem (i32.const 0) externref (ref.null extern))",
                "a table that is filled with anything but functions",
            ),
        ] {
            let error = compact(&module(text)).unwrap_err().to_string();
            assert_eq!(error, format!("the built module: expected a module of ours, found {found}"), "{text}");
        }
        assert!(compact(b"no module").is_err());
    }
}
