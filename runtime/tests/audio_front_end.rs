//! From recordings to keywords: the audio front end, whose state goes from frame to frame, then the keyword model on its features.

mod common;

use common::{Npz, load, shared};

const FRAME: usize = 480;
const STEP: usize = 320;

#[test]
fn recordings_give_the_golden_features_and_scores() {
    let Some(root) = shared() else {
        println!("skipped: the shared test data (../shared/testdata, or MOTE_TESTDATA) is not here");
        return;
    };
    let model = |name: &str| {
        let file = std::fs::read(root.join("models/tflite").join(name)).unwrap();
        load(&file).unwrap_or_else(|e| panic!("{name}: {e}"))
    };
    let (mut front_end, mut keywords) = (model("audio_preprocessor_int8.tflite"), model("micro_speech_int8.tflite"));
    for recording in ["yes_1000ms", "no_1000ms", "noise_1000ms", "silence_1000ms", "yes_30ms", "no_30ms"] {
        let mut golden = Npz::open(&root.join(format!("golden/audio_{recording}.npz")));
        let (samples, expected) = (golden.get("samples").unwrap().bytes, golden.get("features").unwrap());
        front_end.reset().unwrap();
        let mut features = Vec::new();
        for frame in 0..expected.shape[0] {
            let at = 2 * frame * STEP;
            front_end.input_mut(0).unwrap().copy_from_slice(&samples[at..at + 2 * FRAME]);
            front_end.run().unwrap();
            features.extend_from_slice(front_end.output(0).unwrap());
        }
        assert_eq!(features, expected.bytes, "{recording}: features");
        if let Some(scores) = golden.get("scores") {
            keywords.input_mut(0).unwrap().copy_from_slice(&features);
            keywords.run().unwrap();
            assert_eq!(keywords.output(0).unwrap(), scores.bytes, "{recording}: scores");
        }
    }
}
