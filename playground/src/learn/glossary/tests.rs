use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use super::*;
use crate::learn::LESSONS;

#[test]
fn a_text_falls_into_words_and_terms() {
    let term = |shown, key| Piece::Term { shown, key };
    let cases = [
        ("", vec![]),
        ("plain", vec![Piece::Words("plain")]),
        ("[int8](int8) is", vec![term("int8", "int8"), Piece::Words(" is")]),
        (
            "The [arena](arena) and [RAM](ram).",
            vec![
                Piece::Words("The "),
                term("arena", "arena"),
                Piece::Words(" and "),
                term("RAM", "ram"),
                Piece::Words("."),
            ],
        ),
        ("a [broken one", vec![Piece::Words("a [broken one")]),
        ("a [broken](one", vec![Piece::Words("a [broken](one")]),
    ];
    for (text, expected) in cases {
        assert_eq!(pieces(text), expected, "{text:?}");
    }
}

#[test]
fn entries_are_in_the_order_of_their_keys_and_say_something() {
    assert!(ENTRIES.windows(2).all(|pair| pair[0].key < pair[1].key), "sorted, and no key twice");
    for Entry { key, name, about } in ENTRIES {
        assert!(!name.is_empty() && about.len() > 40 && about.ends_with(['.', ')']), "{key}");
    }
}

/// Keys in the lessons' texts.
fn of_lessons() -> BTreeSet<String> {
    let texts = LESSONS.iter().flat_map(|lesson| lesson.text.iter().chain(lesson.tasks.iter().map(|task| &task.text)));
    let keys = texts.flat_map(|text| pieces(text)).filter_map(|piece| match piece {
        Piece::Term { key, .. } => Some(key.to_owned()),
        Piece::Words(_) => None,
    });
    keys.collect()
}

/// All sources in a folder of this crate.
fn sources_of(folder: &str) -> String {
    fn gather(folder: &Path, sources: &mut String) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => gather(&path, sources),
                false => sources.push_str(&fs::read_to_string(&path).unwrap()),
            }
        }
    }
    let mut sources = String::new();
    gather(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder), &mut sources);
    sources
}

/// Keys in the views' texts: `term("key", ...)` in the sources of the panels.
fn of_panels() -> BTreeSet<String> {
    let sources = sources_of("src/panels");
    let calls = sources.split("term(").skip(1).filter_map(|rest| rest.trim_start().strip_prefix('"'));
    calls.filter_map(|rest| Some(rest.split_once('"')?.0.to_owned())).collect()
}

#[test]
fn labels_are_in_their_order_and_stand_in_the_views() {
    assert!(LABELS.windows(2).all(|pair| pair[0].0 < pair[1].0), "sorted, and no label twice");
    assert_eq!((of_label("Arena"), of_label("Model")), (Some("arena"), None));
    let sources = sources_of("src/panels") + &sources_of("src/explore");
    for (label, _) in LABELS {
        assert!(sources.contains(&format!("\"{label}\"")), "no view has the label {label}");
    }
}

#[test]
fn every_term_that_is_used_has_an_entry_and_every_entry_is_used() {
    let mut used = of_lessons();
    used.extend(LABELS.iter().map(|(_, key)| (*key).to_owned()));
    used.extend(of_panels());
    let there: BTreeSet<String> = ENTRIES.iter().map(|entry| entry.key.to_owned()).collect();
    let missing: Vec<_> = used.difference(&there).collect();
    let unused: Vec<_> = there.difference(&used).collect();
    assert!(missing.is_empty(), "used, and not in the glossary: {missing:?}");
    assert!(unused.is_empty(), "in the glossary, and nowhere used: {unused:?}");
}
