//! The guest modules as they ship: what they may do is read off their bytes.

use std::collections::BTreeSet;

use mote::sandbox::guest::{RELAXED_SIMD, SIMD128};
use mote_abi::client::Export;
use wasmparser::{ExternalKind, Parser, Payload};

const MODULES: [(&str, &[u8]); 2] = [("simd128", SIMD128), ("relaxed", RELAXED_SIMD)];

/// Constants that the linker exports from every module for this target: where its data ends and its heap begins.
const OF_THE_LINKER: [&str; 2] = ["__data_end", "__heap_base"];

#[test]
fn the_guests_import_nothing_and_export_exactly_the_abi() {
    let abi: BTreeSet<&str> = Export::ALL.iter().map(|export| export.name()).chain(["memory"]).collect();
    for (name, module) in MODULES {
        let mut imports = Vec::new();
        let mut exports = BTreeSet::new();
        for payload in Parser::new(0).parse_all(module) {
            match payload.unwrap() {
                Payload::ImportSection(section) => {
                    imports.extend(section.into_iter().map(|import| format!("{:?}", import.unwrap())));
                }
                Payload::ExportSection(section) => {
                    let of_guest = section.into_iter().map(Result::unwrap).filter(|export| {
                        !(export.kind == ExternalKind::Global && OF_THE_LINKER.contains(&export.name))
                    });
                    exports.extend(of_guest.map(|export| export.name));
                }
                _ => {}
            }
        }
        assert!(imports.is_empty(), "{name} imports {imports:?}");
        assert_eq!(exports, abi, "{name}");
    }
}

/// A copy of an instance's memory must be the whole of it: only the stack pointer, back at its start between calls, lies elsewhere.
#[test]
fn the_guests_keep_everything_between_calls_in_their_memory() {
    for (name, module) in MODULES {
        let mut mutable = 0;
        for payload in Parser::new(0).parse_all(module) {
            match payload.unwrap() {
                Payload::GlobalSection(section) => {
                    mutable += section.into_iter().filter(|global| global.as_ref().unwrap().ty.mutable).count();
                }
                Payload::StartSection { .. } => panic!("{name} has a start function"),
                Payload::DataSection(section) => {
                    let active = |data: wasmparser::Data<'_>| matches!(data.kind, wasmparser::DataKind::Active { .. });
                    assert!(section.into_iter().all(|data| active(data.unwrap())), "{name}: data for later copies");
                }
                _ => {}
            }
        }
        assert_eq!(mutable, 1, "{name}: the stack pointer");
    }
}
