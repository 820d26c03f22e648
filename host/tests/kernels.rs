//! The SIMD kernels give the bits of the scalar ones, in both builds of the guest, over sizes on both sides of every vector's length.
//!
//! Each case is a model of one operator, loaded twice into the same guest: with the kernels it chooses, and with the scalar reference.

mod common;

use common::builds::{BUILDS, load};
use common::single_op::{
    Case, Pool, Prune, Slide, conv, conv_f32, conv_of_one, dense, dense_f32, depthwise, depthwise_f32, padded, pool,
    product, pruned_conv, pruned_dense, reduction, sum, with_first_result,
};
use fastrand::Rng;
use mote::sandbox::Session;
use mote_abi::Build;
use mote_models::tflite::Padding::{self, Same, Valid};

/// Lengths around one and two vectors of eight and of sixteen lanes.
const LENGTHS: [i32; 12] = [1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 32, 33];

const PADDINGS: [Padding; 2] = [Same, Valid];

/// Which kernel a case must be run by where it may choose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Chosen {
    Simd128,
    Scalar,
}

fn kernel(session: &Session) -> &str {
    &session.description().ops[0].kernel
}

/// Inputs of two runs: any values of int8, and then its ends only, where sums are largest.
fn inputs(rng: &mut Rng, case: &Case) -> [Vec<Vec<u8>>; 2] {
    let ends = [i8::MIN as u8, i8::MAX as u8];
    let any = case.inputs.iter().map(|&n| (0..n).map(|_| rng.u8(..)).collect()).collect();
    let extreme = case.inputs.iter().map(|&n| (0..n).map(|_| ends[usize::from(rng.bool())]).collect()).collect();
    [any, extreme]
}

/// Runs each case by the kernel it chooses, which must be of this kind, and by the scalar one.
fn assert_equal(cases: &[Case], chosen: Chosen) {
    for (build, sandbox) in &*BUILDS {
        let mut rng = Rng::with_seed(1);
        let (mut values, mut inside) = (0, 0);
        for case in cases {
            let name = &case.name;
            let (mut fast, mut reference) = (load(sandbox, case, false), load(sandbox, case, true));
            let simd = kernel(&fast).starts_with("simd128");
            assert_eq!(simd, chosen == Chosen::Simd128, "{build}, {name}: run by {}", kernel(&fast));
            assert!(kernel(&reference).starts_with("scalar"), "{build}, {name}: run by {}", kernel(&reference));
            for inputs in inputs(&mut rng, case) {
                let (found, expected) = (fast.infer(&inputs).unwrap(), reference.infer(&inputs).unwrap());
                let (found, expected) = (&found[0], &expected[0]);
                assert_eq!(found.len(), expected.len(), "{build}, {name}");
                if let Some(k) = found.iter().zip(expected).position(|(y, e)| y != e) {
                    let (y, e) = (found[k] as i8, expected[k] as i8);
                    panic!("{build}, {name}: element {k} is {y}, by the scalar kernel {e}");
                }
                values += expected.len();
                inside += expected.iter().filter(|&&y| !matches!(y as i8, i8::MIN | i8::MAX)).count();
            }
        }
        println!("{build}: {} models, {values} values equal, {inside} of them not at an end of int8", cases.len());
        assert!(
            chosen == Chosen::Scalar || inside > values / 4,
            "{build}: outputs that are all clamped compare nothing"
        );
    }
}

#[test]
fn convolutions_of_all_channel_counts() {
    let mut rng = Rng::with_seed(2);
    let taps = [[1, 1], [3, 3], [2, 5], [1, 4]];
    let strides = [[1, 1], [2, 2], [1, 3]];
    let pairs = LENGTHS.into_iter().flat_map(|c| LENGTHS.map(|o| (c, o))).enumerate();
    let mut cases: Vec<Case> = pairs
        .map(|(k, (c, o))| conv(&mut rng, [2, 5, 6, c], o, Slide::new(taps[k % 4], strides[k % 3], PADDINGS[k % 2])))
        .collect();
    // Around the rows of a tile and of a panel, at depths from which fewer rows make a panel.
    for (pixels, depth) in (1..=10).flat_map(|pixels| [227, 228, 257].map(|depth| (pixels, depth))) {
        cases.push(conv(&mut rng, [1, 1, pixels, depth], 17, Slide::new([1, 1], [1, 1], Valid)));
    }
    for (pixels, depth) in (28..=32).chain(59..=62).flat_map(|pixels| [16, 68, 72].map(|depth| (pixels, depth))) {
        cases.push(conv(&mut rng, [1, 1, pixels, depth], 40, Slide::new([1, 1], [1, 1], Valid)));
    }
    assert_equal(&cases, Chosen::Simd128);
}

#[test]
fn convolutions_of_all_windows() {
    let mut rng = Rng::with_seed(3);
    let mut cases = Vec::new();
    for extent in [1, 2, 5, 8] {
        for taps in [1, 2, 3, 7] {
            for (stride, dilation) in [(1, 1), (2, 1), (5, 1), (1, 2), (1, 3)] {
                for padding in PADDINGS {
                    let image = [1, extent, extent, 5];
                    let mut slide = Slide::new([taps, 1], [stride, 1], padding);
                    slide.dilation = [dilation, 1];
                    if slide.fits(image) {
                        cases.push(conv(&mut rng, image, 9, slide));
                        cases.push(conv(&mut rng, image, 9, slide.transposed()));
                    }
                }
            }
        }
    }
    assert_equal(&cases, Chosen::Simd128);
}

#[test]
fn convolutions_of_3x3_whose_products_are_transformed() {
    let mut rng = Rng::with_seed(9);
    let mut cases = Vec::new();
    for (k, channels) in [16, 24, 32, 64].into_iter().enumerate() {
        for (l, out_channels) in [1, 7, 8, 9, 16, 17].into_iter().enumerate() {
            for [height, width] in [[1, 1], [2, 2], [1, 5], [3, 4], [5, 7], [6, 19], [9, 2]] {
                let slide = Slide::new([3, 3], [1, 1], PADDINGS[(k + l) % 2]);
                if slide.fits([1, height, width, channels]) {
                    cases.push(conv(&mut rng, [2, height, width, channels], out_channels, slide));
                }
            }
        }
    }
    assert_equal(&cases, Chosen::Simd128);
    // All but the few whose weights happen to be 0 in most blocks.
    let (_, sandbox) = &BUILDS[0];
    let transformed = |case: &&Case| kernel(&load(sandbox, case, false)) == "simd128 winograd i8";
    let count = cases.iter().filter(transformed).count();
    assert!(count * 10 > cases.len() * 9, "{count} of {}", cases.len());
}

#[test]
fn depthwise_convolutions() {
    let mut rng = Rng::with_seed(4);
    // Windows of 3x3 have code of their own.
    let windows = [
        Slide::new([3, 3], [1, 1], Same),
        Slide::new([3, 3], [2, 2], Same),
        Slide::new([2, 5], [1, 1], Valid),
        Slide::new([1, 1], [1, 1], Same),
        Slide::new([2, 2], [5, 3], Valid),
        Slide::new([7, 1], [1, 1], Same),
        Slide::new([10, 4], [2, 2], Same),
        Slide { dilation: [2, 3], ..Slide::new([3, 2], [1, 1], Same) },
        Slide { dilation: [3, 2], ..Slide::new([2, 3], [1, 1], Valid) },
    ];
    let mut cases = Vec::new();
    for (k, channels) in LENGTHS.into_iter().enumerate() {
        for multiplier in [1, 2, 3] {
            for slide in windows.iter().skip((k + multiplier as usize) % 3).step_by(3) {
                cases.push(depthwise(&mut rng, [2, 7, 19, channels], multiplier, *slide));
            }
        }
    }
    // Strips of several rows, of one, and of less than a row.
    for [height, width] in [[1, 1], [40, 3], [25, 5], [13, 50], [5, 90], [3, 161], [4, 330]] {
        for stride in [1, 2, 3, 9] {
            for padding in PADDINGS {
                let slide = Slide::new([3, 3], [stride, stride], padding);
                if slide.fits([1, height, width, 9]) {
                    cases.push(depthwise(&mut rng, [1, height, width, 9], 1, slide));
                    cases.push(depthwise(&mut rng, [1, height, width, 4], 1, Slide { taps: [2, 3], ..slide }));
                }
            }
        }
    }
    assert_equal(&cases, Chosen::Simd128);
}

#[test]
fn dense_layers() {
    let mut rng = Rng::with_seed(5);
    let pairs = LENGTHS.into_iter().flat_map(|depth| LENGTHS.map(|units| (depth, units)));
    let mut cases: Vec<Case> = pairs.map(|(depth, units)| dense(&mut rng, 2, depth, units)).collect();
    // Around the inputs that are widened at once, and twice their number.
    for depth in [1023, 1024, 1025, 2047, 2048, 2049] {
        cases.push(dense(&mut rng, 2, depth, 17));
    }
    // Around the outputs whose sums are gathered.
    for units in [255, 256, 257, 513] {
        cases.push(dense(&mut rng, 2, 33, units));
        cases.push(dense(&mut rng, 1, 1030, units));
    }
    // Around the rows from which on they are the pixels of a convolution.
    for (k, depth) in (0..).zip(LENGTHS) {
        cases.push(dense(&mut rng, 6 + k % 5, depth, 17 + k % 8));
    }
    assert_equal(&cases, Chosen::Simd128);
}

/// Around the rows of a tile, the outputs of a block, the inputs of a pair; where few blocks stay they alone are multiplied.
#[test]
fn pruned_layers() {
    let mut rng = Rng::with_seed(11);
    let mut cases = Vec::new();
    let shares = [0.3, 0.5, 0.7, 0.9, 1.0];
    for (k, (depth, units)) in LENGTHS.into_iter().flat_map(|depth| LENGTHS.map(|units| (depth, units))).enumerate() {
        let share = shares[k % 5];
        cases.push(pruned_dense(&mut rng, 2, depth, units, &Prune { outputs: 16, inputs: 2, share }));
        let slide = Slide::new([[1, 1], [3, 3], [2, 1]][k % 3], [1, 1 + k as i32 % 2], PADDINGS[k % 2]);
        let (inputs, image) = ([1, 2][k % 2], [2, 5, 6, depth]);
        cases.push(pruned_conv(&mut rng, image, units, slide, &Prune { outputs: 8, inputs, share }));
    }
    for pixels in (1..=9).chain([15, 16, 17, 31, 32, 33, 61]) {
        let slide = Slide::new([1, 1], [1, 1], Valid);
        for (depth, share) in [(16, 0.6), (72, 0.8), (257, 0.9)] {
            let prune = Prune { outputs: 8, inputs: 2, share };
            cases.push(pruned_conv(&mut rng, [1, 1, pixels, depth], 40, slide, &prune));
        }
    }
    // Single weights: around the pixels of a tile, the inputs of a vector and the outputs of a block.
    for (k, pixels) in [23, 24, 25, 47, 48, 49, 63, 72].into_iter().enumerate() {
        let slide = Slide::new([1, 1], [1, 1], PADDINGS[k % 2]);
        for (depth, outputs, share) in [(24, 8, 0.8), (32, 9, 0.9), (36, 16, 0.8), (64, 23, 0.7), (512, 7, 0.97)] {
            let prune = Prune { outputs: 1, inputs: 1, share };
            cases.push(pruned_conv(&mut rng, [1 + k as i32 % 2, 1, pixels, depth], outputs, slide, &prune));
        }
    }
    // Around the inputs that are widened at once, and the outputs whose sums are gathered.
    for (depth, units) in [(1023, 17), (1024, 257), (1025, 256), (2047, 33), (2048, 300), (2049, 513)] {
        let prune = Prune { outputs: 16, inputs: 2, share: 0.7 };
        cases.push(pruned_dense(&mut rng, 2, depth, units, &prune));
    }
    assert_equal(&cases, Chosen::Simd128);
    let (_, sandbox) = &BUILDS[0];
    let sparse = |case: &&Case| kernel(&load(sandbox, case, false)).contains("sparse");
    let count = cases.iter().filter(sparse).count();
    assert!(count * 2 > cases.len(), "{count} of {} skip zeros", cases.len());
    let single = |case: &&Case| kernel(&load(sandbox, case, false)) == "simd128 sparse pointwise i8";
    let count = cases.iter().filter(single).count();
    assert!(count >= 20, "{count} skip single zeros");
}

#[test]
fn an_exact_dot_product_is_found_and_used() {
    let (_, sandbox) = &BUILDS[2];
    let mut rng = Rng::with_seed(12);
    let slide = Slide::new([1, 1], [1, 1], Valid);
    let mut kernels = Vec::new();
    for (depth, outputs) in [1, 3, 8, 15, 16, 17, 33].into_iter().flat_map(|depth| [7, 16, 25].map(|o| (depth, o))) {
        let cases = [conv(&mut rng, [1, 2, 3, depth], outputs, slide), dense(&mut rng, 2, depth, outputs)];
        for case in cases {
            let (mut session, mut reference) = (load(sandbox, &case, false), load(sandbox, &case, true));
            assert_eq!(session.build().unwrap(), Build::RelaxedDotSigned);
            kernels.push(kernel(&session).to_owned());
            for inputs in inputs(&mut rng, &case) {
                assert_eq!(session.infer(&inputs).unwrap(), reference.infer(&inputs).unwrap(), "{}", case.name);
            }
        }
    }
    for name in ["simd128 dot conv i8", "simd128 dot dense i8"] {
        let count = kernels.iter().filter(|kernel| *kernel == name).count();
        assert!(count > 7, "{name}: {count} of {}", kernels.len() / 2);
    }
}

/// In the machine code that wasmtime makes for this processor: the loops that multiply, and in them `sdot`, 16 products each.
#[test]
#[cfg(target_arch = "aarch64")]
fn sixteen_products_are_one_instruction() {
    let engine = wasmtime::Engine::default();
    let module = wasmtime::Module::new(&engine, mote::sandbox::guest::RELAXED_SIMD).unwrap();
    let code: Vec<u32> = module.text().as_chunks().0.iter().map(|word| u32::from_le_bytes(*word)).collect();
    // `sdot Vd.4S, Vn.16B, Vm.16B`; and how far back a branch goes, if it does.
    let is_sdot = |word: &&u32| **word & 0xffe0_fc00 == 0x4e80_9400;
    let back = |word: u32| match word {
        b if b & 0xfc00_0000 == 0x1400_0000 => Some(((b << 6) as i32) >> 6),
        cond if cond & 0xff00_0010 == 0x5400_0000 || cond & 0x7e00_0000 == 0x3400_0000 => {
            Some(((cond << 8) as i32) >> 13)
        }
        _ => None,
    };
    let mut loops = Vec::new();
    let mut begin = 0;
    for (at, &word) in code.iter().enumerate() {
        let Some(distance) = back(word).filter(|&distance| distance < 0) else { continue };
        let Some(first) = at.checked_sub(distance.unsigned_abs() as usize).filter(|&first| first >= begin) else {
            continue;
        };
        let body = &code[first..=at];
        let count = body.iter().filter(is_sdot).count();
        if count > 0 {
            println!("a loop of {} instructions, {count} of them sdot", body.len());
            loops.push((count, body.len()));
        }
        begin = at + 1;
    }
    // Convolutions: 4 rows x 8 outputs x 8 inputs a turn; dense layers: 16 outputs x 4 inputs.
    for products in [256, 64] {
        let sdots = products / 16;
        let tight = |&(count, length): &(usize, usize)| count == sdots && length <= 4 * sdots;
        assert!(loops.iter().any(tight), "no loop of {products} products by {sdots} sdots: {loops:?}");
    }
}

/// Runs each case as loaded for speed and as the reference; returns how many steps the former has.
fn assert_equal_to_reference(rng: &mut Rng, cases: &[Case]) -> Vec<usize> {
    let mut steps = Vec::new();
    for (build, sandbox) in &*BUILDS {
        for case in cases {
            let (mut fast, mut reference) = (load(sandbox, case, false), load(sandbox, case, true));
            for mut inputs in inputs(rng, case) {
                if fast.description().inputs[0].dtype == "float32" {
                    let mut any =
                        |bytes: usize| (0..bytes / 4).flat_map(|_| (rng.f32() * 2.0 - 1.0).to_le_bytes()).collect();
                    inputs = case.inputs.iter().map(|&bytes| any(bytes)).collect();
                }
                let (found, expected) = (fast.infer(&inputs).unwrap(), reference.infer(&inputs).unwrap());
                assert_eq!(found, expected, "{build}, {}", case.name);
            }
            steps.push(fast.description().ops.len());
        }
    }
    steps
}

/// Margins beside a window of 3 rows by 4 columns: none, on one side, on all, and as large as a position may not see past.
const MARGINS: [[[i32; 2]; 2]; 6] =
    [[[0, 0], [0, 0]], [[0, 1], [0, 1]], [[1, 0], [1, 1]], [[1, 1], [2, 1]], [[2, 0], [0, 3]], [[2, 2], [3, 3]]];

#[test]
fn zeros_around_an_image_are_left_to_the_convolution() {
    let mut rng = Rng::with_seed(13);
    let mut cases = Vec::new();
    for (k, margins) in MARGINS.into_iter().enumerate() {
        for (l, channels) in [1, 3, 8, 9, 16, 33].into_iter().enumerate() {
            let stride = 1 + ((k + l) % 3) as i32;
            let slide = Slide::new([3, 4], [stride, 3 - stride % 3], Valid);
            let dilated = Slide { dilation: [2, 1], stride: [1, 1], ..slide };
            let image = [2, 7 + k as i32, 8, channels];
            let these = [
                conv(&mut rng, image, 9, slide),
                conv(&mut rng, image, 8, dilated),
                depthwise(&mut rng, image, 1 + l as i32 % 2, slide),
                depthwise(&mut rng, image, 1, dilated),
                conv_f32(&mut rng, image, 9, slide),
                depthwise_f32(&mut rng, [2, 7, 8, 4 * channels], 1, slide),
            ];
            cases.extend(these.map(|case| padded(case, margins)));
        }
    }
    // Windows of 3x3, which have code of their own.
    for margins in [[[1, 1], [1, 1]], [[0, 1], [0, 1]], [[1, 0], [2, 0]], [[2, 2], [2, 2]]] {
        for (height, stride) in [(5, 1), (6, 1), (6, 2), (9, 2)] {
            let slide = Slide::new([3, 3], [stride, stride], Valid);
            cases.push(padded(conv(&mut rng, [2, height, 7, 16], 17, slide), margins));
            cases.push(padded(depthwise(&mut rng, [1, height, 12, 9], 1, slide), margins));
        }
    }
    let steps = assert_equal_to_reference(&mut rng, &cases);
    assert!(steps.iter().all(|&steps| steps == 1), "{steps:?}");
}

#[test]
fn what_a_convolution_cannot_pad_by_itself_stays_a_step() {
    let mut rng = Rng::with_seed(14);
    let slide = Slide::new([3, 3], [1, 1], Valid);
    let image = [1, 9, 9, 8];
    let wide = [[3, 0], [0, 0]];
    let one = [[1, 1], [1, 1]];
    let cases = [
        padded(conv(&mut rng, image, 8, slide), wide),
        padded(depthwise(&mut rng, image, 1, slide), wide),
        padded(conv(&mut rng, image, 8, Slide { padding: Same, ..slide }), one),
        padded(pool(&mut rng, Pool::Average, image, slide), one),
        padded(pool(&mut rng, Pool::Max, image, slide), one),
        with_first_result(padded(conv(&mut rng, image, 8, slide), one)),
    ];
    let steps = assert_equal_to_reference(&mut rng, &cases);
    assert!(steps.iter().all(|&steps| steps == 2), "{steps:?}");
}

#[test]
fn pools() {
    let mut rng = Rng::with_seed(6);
    let windows =
        [Slide::new([2, 2], [2, 2], Valid), Slide::new([3, 3], [1, 1], Same), Slide::new([5, 1], [3, 1], Same)];
    let mut cases = Vec::new();
    for which in [Pool::Average, Pool::Max] {
        for channels in LENGTHS {
            cases.extend(windows.map(|slide| pool(&mut rng, which, [2, 5, 6, channels], slide)));
        }
        // A count whose inverse in single precision is too small: a mean by multiplication would fall short of integers.
        cases.push(pool(&mut rng, which, [1, 1, 64, 9], Slide::new([1, 41], [1, 1], Valid)));
        // The largest window whose mean is taken in single precision.
        cases.push(pool(&mut rng, which, [1, 256, 256, 1], Slide::new([256, 256], [1, 1], Valid)));
    }
    assert_equal(&cases, Chosen::Simd128);
}

#[test]
fn sums_and_differences() {
    let mut rng = Rng::with_seed(7);
    let mut cases = Vec::new();
    // Around the stretches that a step in place takes, too.
    for n in LENGTHS.into_iter().chain([511, 512, 513, 1023, 1025]) {
        for (k, ratio) in [0.02, 0.5, 1.0, 37.0].into_iter().enumerate() {
            cases.push(sum(&mut rng, k % 2 == 0, [&[n], &[n], &[n]], ratio));
        }
        cases.push(sum(&mut rng, false, [&[3, n], &[n], &[3, n]], 0.7));
        cases.push(sum(&mut rng, true, [&[3, 1], &[n], &[3, n]], 0.7));
    }
    assert_equal(&cases, Chosen::Simd128);
}

#[test]
fn products() {
    let mut rng = Rng::with_seed(17);
    let mut cases = Vec::new();
    // Around the blocks that are scaled together, too; a factor of a power of two has many results at a tie.
    for n in LENGTHS.into_iter().chain([127, 128, 129, 511, 512, 513]) {
        for factor in [0.01, 1.0 / 64.0, 0.3] {
            cases.push(product(&mut rng, [&[n], &[n], &[n]], factor));
        }
        cases.push(product(&mut rng, [&[3, n], &[n], &[3, n]], 0.02));
        cases.push(product(&mut rng, [&[3, 1], &[n], &[3, n]], 0.02));
    }
    assert_equal(&cases, Chosen::Simd128);
}

#[test]
fn means_and_totals() {
    let mut rng = Rng::with_seed(16);
    let mut cases = Vec::new();
    for n in LENGTHS {
        for (k, axes) in [&[1, 2][..], &[3], &[0, 3], &[1], &[0, 1, 2, 3]].into_iter().enumerate() {
            cases.push(reduction(&mut rng, k % 2 == 0 || n > 9, &[2, 3, 5, n], axes, 1.7));
            cases.push(reduction(&mut rng, n % 2 == 0, &[1, n, 2, 9], axes, 0.2));
        }
    }
    assert_equal(&cases, Chosen::Simd128);
}

#[test]
fn float32() {
    let mut rng = Rng::with_seed(10);
    let slides = [
        Slide::new([1, 1], [1, 1], Valid),
        Slide::new([3, 3], [1, 1], Same),
        Slide::new([3, 2], [2, 3], Same),
        Slide { dilation: [2, 1], ..Slide::new([2, 3], [1, 1], Valid) },
    ];
    let mut cases = Vec::new();
    for (k, (channels, out_channels)) in LENGTHS.into_iter().flat_map(|c| LENGTHS.map(|o| (c, o))).enumerate() {
        cases.push(conv_f32(&mut rng, [2, 4, 7, channels], out_channels, slides[k % slides.len()]));
        cases.push(dense_f32(&mut rng, [1, 2, 8, 9][k % 4], channels, out_channels));
    }
    for slide in slides {
        for channels in [4, 8, 20, 32] {
            cases.push(depthwise_f32(&mut rng, [2, 5, 6, channels], 1, slide));
        }
        for multiplier in [1, 7, 8, 17] {
            cases.push(depthwise_f32(&mut rng, [2, 5, 6, 1], multiplier, slide));
        }
    }
    // A row of the panel that is longer than the panel is meant to be.
    cases.push(conv_f32(&mut rng, [1, 1, 5, 1100], 9, slides[0]));
    for (build, sandbox) in &*BUILDS {
        let mut values = 0;
        for case in &cases {
            let name = &case.name;
            let (mut fast, mut reference) = (load(sandbox, case, false), load(sandbox, case, true));
            assert!(kernel(&fast).starts_with("simd128"), "{build}, {name}: run by {}", kernel(&fast));
            let input = (0..case.inputs[0] / 4).flat_map(|_| (rng.f32() * 2.0 - 1.0).to_le_bytes());
            let inputs = [input.collect::<Vec<u8>>()];
            let (found, expected) = (fast.infer(&inputs).unwrap(), reference.infer(&inputs).unwrap());
            assert_eq!(found, expected, "{build}, {name}");
            values += expected[0].len() / 4;
        }
        println!("{build}: {} models, {values} values equal", cases.len());
    }
}

#[test]
fn sums_on_both_sides_of_ties() {
    let mut cases = Vec::new();
    for (shift, odd) in (1..=28).flat_map(|shift| [-15, -1, 3, 13].map(|odd| (shift, odd))) {
        // odd / 2 outputs, give or take the inputs.
        let bias = odd << (shift - 1);
        cases.push(conv_of_one([1.0, 2.0f32.powi(-shift)], bias, 0));
    }
    assert_equal(&cases, Chosen::Simd128);
}

#[test]
fn what_simd_would_not_compute_exactly_is_left_to_the_scalar_kernels() {
    /// Their product is `1 - 2^-26`.
    const NEARLY_ONE: [f32; 2] = [1.0 + 1.0 / 8192.0, 1.0 - 1.0 / 8192.0];
    let mut rng = Rng::with_seed(8);
    let cases = [
        conv_of_one([1.0, 1.0], 3, 0),
        conv_of_one([1e3, 1e3], -3, 5),
        // A factor so near to 1 that scaled sums leave no room to add the zero point to.
        conv_of_one(NEARLY_ONE, i32::MAX - 128, 127),
        conv_of_one(NEARLY_ONE, i32::MIN + 128, -128),
        pool(&mut rng, Pool::Average, [1, 257, 256, 1], Slide::new([257, 256], [1, 1], Valid)),
        product(&mut rng, [&[40], &[40], &[40]], 1.0),
    ];
    assert_equal(&cases, Chosen::Scalar);
}
