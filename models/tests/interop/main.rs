//! What Mote writes, in other interpreters: TensorFlow Lite Micro must give our bits, LiteRT's reference kernels too, but for
//! dense layers, which round once there and twice in the other two.
//!
//! Every model of the zoo, of the shared test data and of the runtime's operator vectors is imported and written again. Models
//! of integers are also cut into their operators, each a file of its own that is fed what it reads inside the model: so what
//! LiteRT may differ by is said of single layers. Float models are also quantized here, and pruned ones written sparse.
//!
//! In TensorFlow Lite Micro each file has the arena that the C artefact would give it, and no more.
//!
//! `cargo xtask test` installs the interpreters and names their Python in `MOTE_INTEROP_PYTHON`.

#[path = "../common/mod.rs"]
mod common;

mod cases;
mod compare;
mod engines;
mod made;
mod pieces;

use std::collections::BTreeMap;

use cases::Case;
use compare::{Allowed, Difference};
use engines::Engine;

/// What came of the files of one group in one engine.
#[derive(Debug, Default)]
struct Tally {
    run: usize,
    values: usize,
    differing: usize,
    largest: f64,
    not_run: usize,
}

#[test]
fn artefacts_give_the_same_bits_in_other_interpreters() {
    let Some(python) = engines::python() else { return };
    let mut cases = cases::zoo();
    cases.extend(cases::vectors());
    let testdata = common::testdata("artefacts_give_the_same_bits_in_other_interpreters");
    match &testdata {
        Some(folder) => cases.extend(cases::models(folder)),
        None => println!("only the zoo and the operator vectors are run"),
    }
    cases.extend(made::cases(testdata.as_deref()));
    let answers = engines::run(&python, &cases);

    let mut failures = Vec::new();
    let mut tallies: BTreeMap<(&str, Engine, &str), Tally> = BTreeMap::new();
    for (case, answers) in cases.iter().zip(&answers) {
        for (engine, answer) in answers {
            let tally = tallies.entry((case.group, *engine, case.allowed(*engine).name())).or_default();
            match judge(case, *engine, answer, tally) {
                Ok(()) => {}
                Err(why) => failures.push(format!("{} in {}: {why}", case.name, engine.name())),
            }
        }
    }
    println!(
        "{:26}{:8}{:10}{:>6}{:>10}{:>9}{:>10}{:>9}",
        "files of", "engine", "held to", "run", "values", "differ", "by up to", "not run"
    );
    for ((group, engine, rule), Tally { run, values, differing, largest, not_run }) in &tallies {
        let engine = engine.name();
        println!("{group:26}{engine:8}{rule:10}{run:>6}{values:>10}{differing:>9}{largest:>10.1}{not_run:>9}");
    }
    println!("integers differ in steps; float32 in units in the last place of the output's largest magnitude");
    assert!(failures.is_empty(), "{} differ:\n{}", failures.len(), failures.join("\n"));
    for engine in Engine::ALL {
        assert!(
            tallies.iter().any(|((_, e, _), tally)| *e == engine && tally.run > 0),
            "{} ran nothing",
            engine.name()
        );
    }
}

/// Counts an answer; an error when it is not what the case allows.
fn judge(case: &Case, engine: Engine, answer: &Result<Vec<u8>, String>, tally: &mut Tally) -> Result<(), String> {
    let allowed = case.allowed(engine);
    let answer = match answer {
        Ok(answer) => answer,
        Err(why) => {
            tally.not_run += 1;
            let known =
                |&(name, e, what): &(&str, Engine, &str)| name == case.name && e == engine && why.contains(what);
            let excused = matches!(allowed, Allowed::Anything | Allowed::NotTried) || cases::NOT_RUN.iter().any(known);
            return if excused { Ok(()) } else { Err(why.clone()) };
        }
    };
    let Difference { values, differing, largest } = case.difference(answer)?;
    tally.run += 1;
    tally.values += values;
    tally.differing += differing;
    tally.largest = tally.largest.max(largest);
    let limit = allowed.limit(case.is_float());
    if largest > limit {
        return Err(format!("{differing} of {values} values differ, by up to {largest:.1}, {limit:.1} allowed"));
    }
    Ok(())
}
