//! Arenas against TensorFlow Lite Micro's, as recorded in `runtime/testdata/tflm_arena.csv`.

mod common;

use std::path::Path;

use common::{load, shared};

/// No arena of ours is larger than what TensorFlow Lite Micro takes for the model: its activations and scratch (`head`) and
/// what it keeps beside them (`tail`: state, quantization parameters, its own records), which in ours is state alone.
#[test]
fn no_arena_is_larger_than_tensorflow_lite_micros() {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR"));
    let table = std::fs::read_to_string(repository.join("testdata/tflm_arena.csv")).unwrap();
    let shared = shared();
    if shared.is_none() {
        println!("the shared test data is not here: only the zoo's models are compared");
    }
    let mut compared = 0;
    println!("{:28}{:>10}{:>10}{:>10}{:>10}", "model", "arena", "bound", "tflm head", "tflm all");
    for line in table.lines().skip(1) {
        let columns: Vec<&str> = line.split(',').collect();
        let zoo = repository.join("../models/zoo/digits").join(columns[0]);
        let given = shared.as_ref().map(|root| root.join("models/tflite").join(columns[0]));
        let Some(path) = [Some(zoo), given].into_iter().flatten().find(|path| path.exists()) else { continue };
        let memory = load(&std::fs::read(path).unwrap()).unwrap().memory();
        let (total, head): (usize, usize) = (columns[1].parse().unwrap(), columns[2].parse().unwrap());
        println!("{:28}{:>10}{:>10}{head:>10}{total:>10}", columns[0], memory.arena, memory.lower_bound);
        assert!(memory.arena <= total, "{}: {} bytes, TensorFlow Lite Micro takes {total}", columns[0], memory.arena);
        compared += 1;
    }
    assert!(compared >= 2, "the zoo's models are always there");
}
