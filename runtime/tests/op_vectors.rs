//! Every operator against the vectors of `runtime/testdata/ops`, which TensorFlow Lite Micro (or, for what that does not run,
//! LiteRT's reference kernels) computed. Integers must be equal; floats within a few units in the last place.
//!
//! `MOTE_OPS=CONV_2D,ADD` runs only some.

mod common;

use std::collections::BTreeMap;
use std::path::Path;

use common::{Npz, difference, inputs, is_exact, load, run};

/// Units in the last place of the output's largest magnitude. Sums may be taken in another order, and elementary functions come
/// from another library.
const FLOAT_UNITS: f64 = 8.0;

#[test]
fn operators_equal_the_reference() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/ops");
    let index = std::fs::read_to_string(folder.join("index.csv")).unwrap();
    let wanted = std::env::var("MOTE_OPS").ok();
    let mut done: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    let mut failures = Vec::new();
    for line in index.lines().skip(1) {
        let columns: Vec<&str> = line.split(',').collect();
        let (file, op) = (columns[0], columns[1]);
        if wanted.as_ref().is_some_and(|w| !w.split(',').any(|o| o == op)) {
            continue;
        }
        let (cases, values) = done.entry(op).or_default();
        match case(&folder.join(file)) {
            Ok(compared) => {
                *cases += 1;
                *values += compared;
            }
            Err(why) => failures.push(format!("{file}: {why}")),
        }
    }
    for (op, (cases, values)) in &done {
        println!("{op}: {cases} cases, {values} values");
    }
    let total = done.values().fold((0, 0), |(c, v), (cases, values)| (c + cases, v + values));
    println!("{} operators, {} cases, {} values equal", done.len(), total.0, total.1);
    assert!(failures.is_empty(), "{} cases differ:\n{}", failures.len(), failures.join("\n"));
    assert!(total.0 > 0, "no vector was found");
}

/// Runs one case; the number of values compared, or what differs.
fn case(path: &Path) -> Result<usize, String> {
    let mut npz = Npz::open(path);
    let model = npz.get("model").unwrap().bytes;
    let mut session = load(&model).map_err(|e| e.to_string())?;
    let inputs = inputs(&mut npz);
    let outputs: Vec<_> = (0..).map_while(|k| npz.get(&format!("output_{k}"))).collect();
    let mut compared = 0;
    for row in 0..outputs[0].shape[0] {
        run(&mut session, &inputs, row).map_err(|e| e.to_string())?;
        for (k, expected) in outputs.iter().enumerate() {
            let info = session.outputs().nth(k).unwrap().clone();
            if info.dtype.name() != expected.dtype || info.bytes() != expected.row(row).len() {
                return Err(format!("output {k} is {} of {} bytes", info.dtype.name(), info.bytes()));
            }
            let d = difference(expected.dtype, expected.row(row), session.output(k).unwrap());
            let allowed = if is_exact(info.dtype) { 0.0 } else { FLOAT_UNITS };
            if d.largest > allowed {
                return Err(format!(
                    "run {row}, output {k}: {} of {} differ, by up to {}",
                    d.differing, d.compared, d.largest
                ));
            }
            compared += d.compared;
        }
    }
    Ok(compared)
}
