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
