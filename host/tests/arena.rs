//! The arena of the SIMD kernels, in both builds of the guest: their scratch counts, and what lies over its input does not.

mod common;

use common::builds::{BUILDS, load};
use common::single_op::{Slide, conv, depthwise};
use fastrand::Rng;
use mote::sandbox::LoadOptions;
use mote_models::tflite::Padding::Same;

/// Each by another kernel; that they compute the same over their inputs is among what `kernels.rs` asks.
#[test]
fn what_keeps_the_extents_of_an_image_lies_over_it() {
    let mut rng = Rng::with_seed(18);
    let [pixel, square, wide] = [[1, 1], [3, 3], [5, 3]].map(|taps| Slide::new(taps, [1, 1], Same));
    let image = [1, 24, 20, 16];
    let cases = [
        conv(&mut rng, image, 16, pixel),
        conv(&mut rng, image, 16, square),
        conv(&mut rng, image, 16, wide),
        depthwise(&mut rng, image, 1, square),
    ];
    for (build, sandbox) in &*BUILDS {
        for case in &cases {
            let session = load(sandbox, case, false);
            let (arena, bytes) = (session.description().arena_bytes, image.iter().product::<i32>() as u64);
            assert!(arena < 2 * bytes, "{build}, {}: {arena} bytes for images of {bytes}", case.name);
            let apart = load(sandbox, case, true).description().arena_bytes;
            assert!(apart >= 2 * bytes, "{build}, {}: the reference takes {apart} bytes", case.name);
        }
    }
}

/// The packed kernels' scratch counts: what `runtime/tests/arena.rs` asks of the scalar ones holds for them too.
#[test]
fn no_arena_is_larger_than_tensorflow_lite_micros() {
    let Some(testdata) = common::testdata::folder() else { return };
    let table = include_str!("../../runtime/testdata/tflm_arena.csv");
    for line in table.lines().skip(1) {
        let mut columns = line.split(',');
        let (name, total) = (columns.next().unwrap(), columns.next().unwrap().parse::<u64>().unwrap());
        let Ok(model) = std::fs::read(testdata.join("models/tflite").join(name)) else { continue };
        for (build, sandbox) in &*BUILDS {
            let session = sandbox.load(model.clone(), &LoadOptions::default()).unwrap();
            let arena = session.description().arena_bytes;
            println!("{build}, {name}: {arena} bytes, TensorFlow Lite Micro takes {total}");
            assert!(arena <= total, "{build}, {name}: {arena} bytes, TensorFlow Lite Micro takes {total}");
        }
    }
}
