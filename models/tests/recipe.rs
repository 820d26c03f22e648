//! Recipes: files that are read as written, and artefacts that come out the same each time.

mod common;

use mote_models::graph::{Graph, Metadata, Normalization};
use mote_models::judge::{Accuracy, Predictions, TestSet, Truth, Weights, evaluate};
use mote_models::progress::Silent;
use mote_models::prune::{channels, weights};
use mote_models::quantize;
use mote_models::recipe::{
    Choice, Made, RECIPE_NOTE, Recipe, RecipeError, Rule, SOURCE_NOTE, Samples, Told, apply, prune, sha256,
};
use mote_models::run::Native;
use mote_models::{export, import, zoo};

fn digits() -> TestSet {
    zoo::DIGITS.test_set().unwrap().try_into().unwrap()
}

fn make(recipe: &Recipe) -> Result<Made, RecipeError> {
    apply(&Native, zoo::DIGITS.float, digits().arrays(), recipe, &Silent)
}

fn full() -> Recipe {
    let mut prune = weights::Options { sparsity: 0.6, ..Default::default() };
    let layer = "functional_1/re_lu_4_1/Relu;functional_1/batch_normalization_4_1/batchnorm/add_1;functional_1/conv2d_2_1/\
                 convolution;functional_1/batch_normalization_4_1/batchnorm/sub1";
    prune.layers.insert(layer.into(), weights::LayerOptions { sparsity: Some(0.25), ..Default::default() });
    let mut quantize =
        quantize::Options { scheme: quantize::Scheme::Int8, percentile: 99.9, ..quantize::Options::plain() };
    quantize.keep_float.insert("a \"quoted\" name".into());
    quantize.keep_float.clear();
    Recipe {
        calibration: Choice { rule: Rule::Random, samples: 60, seed: 11, indices: vec![] },
        prune_channels: Some(channels::Options { target: channels::Target::Macs(0.2), ..Default::default() }),
        prune_weights: Some(prune),
        quantize: Some(quantize),
        ..Recipe::default()
    }
}

/// The same by some samples of each class.
fn by_class(samples: usize) -> Recipe {
    Recipe { calibration: Choice { rule: Rule::Stratified, samples, ..Choice::default() }, ..full() }
}

fn told() -> Told {
    let labels = ["zero", "one \"1\"", "zwei ü", "3", "4", "5", "6", "7", "8", "9"].map(String::from).to_vec();
    Told { labels, normalization: Some(Normalization { mean: vec![83.0], deviation: vec![1.710_270_3] }) }
}

#[test]
fn a_recipe_is_read_as_it_was_written() {
    let telling = Recipe { metadata: told(), export: export::Options { sparse: true }, ..full() };
    let listed = Recipe { calibration: Choice::listed(vec![3, 1, 4]), ..full() };
    let mut odd = full();
    odd.quantize.as_mut().unwrap().keep_float.insert("a \"quoted\" name.of = [layers]\n".into());
    for recipe in [Recipe::default(), full(), by_class(7), full().for_source(zoo::DIGITS.float), listed, odd, telling] {
        let text = recipe.to_toml();
        assert_eq!(Recipe::from_toml(&text).as_ref(), Ok(&recipe), "{text}");
    }
    let short = "version = 1\n[quantize]\nscheme = \"16x8\"\n";
    let recipe = Recipe::from_toml(short).unwrap();
    assert_eq!(recipe.quantize.unwrap().scheme, quantize::Scheme::Int16x8);
    assert_eq!((recipe.prune_weights, recipe.calibration), (None, Choice::default()));
}

#[test]
fn what_is_no_recipe_is_refused_with_its_place() {
    let cases = [
        ("unknown section", "version = 1\n[distil]\n", 2, "distil"),
        ("unknown option", "version = 1\n\n[quantize]\nscheme = \"int8\"\nscales = 3\n", 5, "scales"),
        ("unknown option of a layer", "version = 1\n[prune-weights.layers.conv]\nspars = 0.5\n", 3, "spars"),
        ("unknown choice", "version = 1\n[calibration]\nrule = \"best\"\n", 3, "best"),
        ("unknown metadata", "version = 1\n[metadata]\nauthor = \"me\"\n", 3, "author"),
        ("unknown option of the file", "version = 1\n[export]\nspare = true\n", 3, "spare"),
        ("a text for a number", "version = 1\n[prune-weights]\nsparsity = \"half\"\n", 3, "half"),
        ("no TOML", "version = 1\nquantize = {\n", 3, ""),
        ("no version", "[quantize]\n", 1, "version"),
    ];
    for (name, text, expected, part) in cases {
        match Recipe::from_toml(text) {
            Err(RecipeError::Text { line, what, column }) => {
                assert!(line.abs_diff(expected) <= 1 && column >= 1, "{name}: line {line}: {what}");
                assert!(what.contains(part), "{name}: {what}");
            }
            other => panic!("{name}: {other:?}"),
        }
    }
    assert_eq!(Recipe::from_toml("version = 2"), Err(RecipeError::Version { found: 2 }));
}

#[test]
fn the_same_source_samples_and_recipe_give_the_same_bytes() {
    let recipe = full().for_source(zoo::DIGITS.float);
    let made = make(&recipe).unwrap();
    assert_eq!(made.summaries.calibration.len(), 60);
    let again = make(&Recipe::from_toml(&recipe.to_toml()).unwrap()).unwrap();
    assert!(made.file == again.file, "two files differ");
    assert_eq!(made.summaries, again.summaries);
    let other = make(&Recipe { calibration: Choice { seed: 12, ..recipe.calibration.clone() }, ..recipe }).unwrap();
    assert!(made.file != other.file, "other samples, another calibration");
}

#[test]
fn samples_of_each_class_make_an_artefact_and_the_number_of_a_class_does_not_matter() {
    let set = digits();
    let made = |set: &TestSet| apply(&Native, zoo::DIGITS.float, set, &by_class(30), &Silent).unwrap();
    let Truth::Classes { y, names } = set.truth() else { panic!("a classifier's") };
    let calibration = made(&set).summaries.calibration;
    let of = |class: usize| calibration.iter().filter(|&&place| y[place] == class).count();
    assert_eq!((0..10).map(of).collect::<Vec<_>>(), [3; 10]);
    let renamed = Truth::Classes { y: y.iter().map(|class| 9 - class).collect(), names: names.clone() };
    let renamed = TestSet::new(set.arrays().to_vec(), renamed).unwrap();
    assert!(made(&renamed).file == made(&set).file);
}

#[test]
fn what_was_pruned_once_serves_all_recipes_that_prune_alike() {
    let (set, float, fewer_bits) = (digits(), full(), full());
    let float = Recipe { quantize: None, ..float };
    let options = quantize::Options { weight_bits: 4, ..quantize::Options::plain() };
    let fewer_bits = Recipe { quantize: Some(options), ..fewer_bits };
    let other = Recipe { refit: false, ..full() };
    let samples = Samples::from(&set);
    let pruned = prune(&Native, zoo::DIGITS.float, &samples, &full(), &Silent).unwrap();
    for recipe in [full(), float, fewer_bits] {
        assert_eq!(recipe.pruning(), full().pruning());
        let made = pruned.clone().finish(&Native, &samples, &recipe, &Silent).unwrap();
        assert_eq!(made, make(&recipe).unwrap());
    }
    assert_ne!(other.pruning(), full().pruning());
    let unpruned = |samples| Recipe { calibration: Choice { samples, ..Choice::default() }, ..Recipe::default() };
    assert_eq!(unpruned(3).pruning(), unpruned(30).pruning(), "without pruning no sample is looked at");
}

#[test]
fn a_recipe_prunes_and_quantizes_and_the_artefact_still_works() {
    let made = make(&full()).unwrap();
    let (before, after) = (Weights::of(&made.original), Weights::of(&made.graph));
    assert!(made.file.len() < zoo::DIGITS.float.len() / 2);
    assert!(before.sparsity() < 0.01 && after.sparsity() > 0.25, "{} {}", before.sparsity(), after.sparsity());
    let channels = made.summaries.prune_channels.as_ref().unwrap();
    assert!(channels.macs_after * 10 <= channels.macs_before * 8, "{} {}", channels.macs_before, channels.macs_after);
    let pruned = made.summaries.prune_weights.as_ref().unwrap();
    assert!(
        pruned.layers.iter().any(|layer| layer.pruned && layer.zeros * 4 == layer.weights),
        "one has a share of its own"
    );
    assert!(Weights::of(&made.float).non_zeros < before.non_zeros);
    let set = digits();
    let score = |made: &Made| {
        let found = evaluate(&Native, &made.file, &set, &Silent).unwrap();
        assert!(matches!(found.predictions, Predictions::Classes(_)));
        Accuracy::score_of(&set, &found.predictions).unwrap()
    };
    let plain = make(&Recipe { refit: false, ..full() }).unwrap();
    let (fitted, plain) = (score(&made), score(&plain));
    println!("fitted {fitted}, as pruned {plain}");
    assert!(fitted > 0.85 && fitted > plain, "fitted {fitted}, as pruned {plain}");
}

#[test]
fn an_onnx_source_is_read_as_well() {
    let Some(folder) = common::testdata("an_onnx_source_is_read_as_well") else { return };
    let source = std::fs::read(folder.join("models/onnx/wand5.onnx")).unwrap();
    let made = apply(&Native, &source, &[], &Recipe::default().for_source(&source), &Silent).unwrap();
    let inputs: Vec<_> = made.graph.inputs.iter().map(|&id| made.graph.value(id).len()).collect();
    assert_eq!(inputs, [714]);
}

#[test]
fn a_recipe_without_stages_makes_the_float_network_and_looks_at_no_sample() {
    let made = apply(&Native, zoo::DIGITS.float, &[], &Recipe::default(), &Silent).unwrap();
    assert_eq!(made.summaries, Default::default());
    let set = digits().take(&[0, 1, 2]);
    let outputs = |file: &[u8]| evaluate(&Native, file, &set, &Silent).unwrap().predictions;
    assert_eq!(outputs(&made.file), outputs(zoo::DIGITS.float));
}

#[test]
fn another_source_and_missing_samples_are_refused() {
    let recipe = full().for_source(zoo::DIGITS.int8);
    let Err(RecipeError::Source { expected, found }) = make(&recipe) else { panic!("not refused") };
    assert_eq!((expected.len(), found.len()), (64, 64));
    let none = apply(&Native, zoo::DIGITS.float, &[], &full(), &Silent);
    assert!(matches!(none, Err(RecipeError::Samples(_))), "{none:?}");
    let listed = Recipe { calibration: Choice::listed(vec![0, 450]), ..full() };
    assert_eq!(make(&listed), Err(RecipeError::Sample { index: 450, count: 450 }));
    assert_eq!(make(&by_class(60)), Err(RecipeError::Classes));
}

#[test]
fn an_artefact_carries_the_recipe_that_makes_it_again() {
    for recipe in [
        Recipe::default(),
        full(),
        Recipe { metadata: told(), export: export::Options { sparse: true }, ..full() },
        Recipe { calibration: Choice::listed(vec![3, 1, 4, 15]), prune_channels: None, ..full() },
    ] {
        let made = make(&recipe).unwrap();
        let carried = Recipe::of_artefact(&made.file).unwrap();
        assert_eq!(carried, recipe.clone().for_source(zoo::DIGITS.float));
        assert!(make(&carried).unwrap().file == made.file, "the carried recipe makes another file");
        let read = import::metadata(&made.file).unwrap();
        assert_eq!(read, import::tflite(&made.file).unwrap().metadata);
        assert_eq!((&read.labels, &read.normalization), (&recipe.metadata.labels, &recipe.metadata.normalization));
        assert_eq!(read.notes[SOURCE_NOTE], sha256(zoo::DIGITS.float));
        assert_eq!(read.notes[RECIPE_NOTE], carried.to_toml());
    }
    assert_eq!(Recipe::of_artefact(zoo::DIGITS.float), Err(RecipeError::Absent));
    assert!(matches!(Recipe::of_artefact(b"version = 1"), Err(RecipeError::Import(_))));
}

#[test]
fn what_the_source_tells_is_kept_and_what_the_recipe_tells_comes_first() {
    let Told { labels, normalization } = told();
    let notes = [("licence".to_owned(), "MIT".to_owned()), (RECIPE_NOTE.to_owned(), "version = 1\n".to_owned())].into();
    let graph = import::tflite(zoo::DIGITS.float).unwrap();
    let graph = Graph { metadata: Metadata { labels: labels.clone(), normalization, notes }, ..graph };
    let source = export::tflite(&graph).unwrap();
    let made = |recipe: Recipe| {
        let made = apply(&Native, &source, digits().arrays(), &recipe, &Silent).unwrap();
        import::metadata(&made.file).unwrap()
    };
    let kept = made(full());
    assert_eq!((&kept.labels, &kept.normalization), (&labels, &graph.metadata.normalization));
    let own: Vec<&str> = kept.notes.keys().map(String::as_str).collect();
    assert_eq!(own, [RECIPE_NOTE, SOURCE_NOTE, "source.licence", "source.recipe"]);
    let others = Told { labels: (0..10).map(|n| format!("digit {n}")).collect(), normalization: None };
    let found = made(Recipe { metadata: others.clone(), ..Recipe::default() });
    assert_eq!((found.labels, found.normalization), (others.labels, graph.metadata.normalization));
}

#[test]
fn metadata_that_does_not_suit_the_network_is_refused() {
    let with = |labels: usize, mean: &[f32], deviation: &[f32]| {
        let labels = (0..labels).map(|n| n.to_string()).collect();
        let normalization = Normalization { mean: mean.into(), deviation: deviation.into() };
        let metadata = Told { labels, normalization: Some(normalization) };
        make(&Recipe { metadata, ..Recipe::default() })
    };
    assert!(with(10, &[0.0], &[1.0]).is_ok());
    for (name, found, part) in [
        ("a name too few", with(9, &[0.0], &[1.0]), "labels"),
        ("as many channels", with(10, &[0.0, 0.0], &[1.0, 1.0]), "normalization"),
        ("nothing to divide by", with(10, &[0.0], &[0.0]), "normalization"),
        ("no number", with(10, &[f32::NAN], &[1.0]), "normalization"),
    ] {
        match found {
            Err(RecipeError::Told { place, .. }) => assert_eq!(place, part, "{name}"),
            other => panic!("{name}: {other:?}"),
        }
    }
}

#[test]
fn a_sparse_artefact_is_smaller_and_computes_the_same() {
    let prune = weights::Options { sparsity: 0.9, ..Default::default() };
    let recipe =
        |sparse| Recipe { prune_weights: Some(prune.clone()), export: export::Options { sparse }, ..Recipe::default() };
    let (dense, sparse) = (make(&recipe(false)).unwrap(), make(&recipe(true)).unwrap());
    assert!(sparse.file.len() < dense.file.len(), "{} {}", sparse.file.len(), dense.file.len());
    let outputs = |file: &[u8]| evaluate(&Native, file, &digits(), &Silent).unwrap().outputs;
    assert_eq!(outputs(&sparse.file), outputs(&dense.file));
}
