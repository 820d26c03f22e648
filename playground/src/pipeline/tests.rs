use std::cell::Cell;
use std::num::NonZero;

use mote_models::data::npz;
use mote_models::judge::{Accuracy, TestSet, evaluate};
use mote_models::progress::{Cancelled, Silent};
use mote_models::prune::{Pattern, weights};
use mote_models::quantize;
use mote_models::recipe::{self, Choice, Rule};
use mote_models::run::Native;
use mote_models::zoo::DIGITS;

use super::*;
use crate::shrink::Split;

fn int8() -> Recipe {
    Recipe {
        calibration: Choice { samples: 8, ..Choice::default() },
        quantize: Some(quantize::Options::plain()),
        ..Recipe::default()
    }
}

fn do_it(task: &Task, buffers: &[&[u8]]) -> Result<(Product, Vec<Vec<u8>>), Failure> {
    let buffers: Vec<Vec<u8>> = buffers.iter().map(|bytes| bytes.to_vec()).collect();
    let clock = Cell::new(0.0);
    let now = || clock.replace(clock.get() + 1.0);
    run(&Native, task, &buffers, &now, &Silent)
}

#[test]
fn a_task_and_its_product_are_plain_data() {
    let pattern = Pattern::Keep { keep: NonZero::new(2).unwrap(), of: NonZero::new(4).unwrap() };
    let prune_weights = Some(weights::Options { pattern, ..weights::Options::default() });
    let task = Task::Make { recipe: Recipe { prune_weights, ..int8() }.into() };
    let text = serde_json::to_string(&task).unwrap();
    assert!(text.starts_with(r#"{"make":{"recipe":{"#) && text.contains(r#""pattern":"2:4""#), "{text}");
    assert_eq!(serde_json::from_str::<Task>(&text).unwrap(), task);

    let (made, _) = do_it(&task, &[DIGITS.float, DIGITS.test_data]).unwrap();
    let (judged, _) = do_it(&Task::Judge { places: vec![0, 1, 2] }, &[DIGITS.int8, DIGITS.test_data]).unwrap();
    let (timed, _) = do_it(&Task::Time { places: vec![0] }, &[DIGITS.int8, DIGITS.test_data]).unwrap();
    let (layers, _) = do_it(&Task::Layers, &[DIGITS.float]).unwrap();
    for product in [made, judged, timed, layers, Product::Timed { latency: None }, Product::Reported] {
        let text = serde_json::to_string(&product).unwrap();
        assert_eq!(serde_json::from_str::<Product>(&text).unwrap(), product);
    }
}

#[test]
fn an_artefact_is_what_the_recipe_makes_of_the_archives_samples() {
    let recipe = int8();
    let (product, buffers) =
        do_it(&Task::Make { recipe: recipe.clone().into() }, &[DIGITS.float, DIGITS.test_data]).unwrap();
    let set = DIGITS.test_set().unwrap();
    let made = recipe::apply(&Native, DIGITS.float, &[set.x], &recipe, &Silent).unwrap();
    assert_eq!(buffers, [made.file]);
    assert_eq!(product, Product::Made { summaries: made.summaries });
    let without = Recipe { quantize: None, ..recipe };
    assert!(
        do_it(&Task::Make { recipe: without.into() }, &[DIGITS.float, b""]).is_ok(),
        "nothing to look at samples for"
    );
}

#[test]
fn samples_of_each_class_make_what_the_command_makes_of_them() {
    let calibration = Choice { rule: Rule::Stratified, samples: 30, ..Choice::default() };
    let recipe = Recipe { calibration, ..int8() };
    let task = Task::Make { recipe: recipe.clone().into() };
    let (_, buffers) = do_it(&task, &[DIGITS.float, DIGITS.test_data]).unwrap();
    let set: TestSet = DIGITS.test_set().unwrap().try_into().unwrap();
    let made = recipe::apply(&Native, DIGITS.float, &set, &recipe, &Silent).unwrap();
    assert_eq!(buffers, [made.file]);
    let unlabelled = npz::write([("x", &DIGITS.test_set().unwrap().x)]).unwrap();
    let failure = do_it(&task, &[DIGITS.float, &unlabelled]).unwrap_err();
    assert!(failure.to_string().contains("give the labels too"), "{failure}");
}

#[test]
fn a_model_is_judged_by_the_samples_that_are_named_and_no_others() {
    let split = Split::new(450, Some(&DIGITS.test_set().unwrap().y)).unwrap();
    let survey = Product::Surveyed(Survey { split, labelled: true });
    assert_eq!(do_it(&Task::Survey, &[DIGITS.float, DIGITS.test_data]).unwrap().0, survey);
    let places: Vec<usize> = (0..450).filter(|place| place % 3 == 0).collect();
    let (product, _) = do_it(&Task::Judge { places: places.clone() }, &[DIGITS.int8, DIGITS.test_data]).unwrap();
    let Product::Judged(judged) = product else { panic!("{product:?}") };
    let set = TestSet::try_from(DIGITS.test_set().unwrap()).unwrap().take(&places);
    let found = evaluate(&Native, DIGITS.int8, &set, &Silent).unwrap();
    let Some(Accuracy::Classification { top1, confusion, .. }) = judged.accuracy else { panic!("a classifier") };
    let Accuracy::Classification { top1: expected, .. } = Accuracy::of(&set, &found.predictions).unwrap() else {
        panic!("a classifier")
    };
    assert_eq!((top1, confusion.total()), (expected, 150));
    assert_eq!(judged.size.file_bytes, DIGITS.int8.len() as u64);
    assert!(judged.latency.unwrap().median_millis > 0.0);
}

#[test]
fn samples_without_labels_time_a_model_and_judge_nothing() {
    let set = DIGITS.test_set().unwrap();
    let samples = npz::write([("x", &set.x)]).unwrap();
    let survey = Product::Surveyed(Survey { split: Split::of(450), labelled: false });
    assert_eq!(do_it(&Task::Survey, &[DIGITS.float, &samples]).unwrap().0, survey);
    let (product, _) = do_it(&Task::Judge { places: vec![1] }, &[DIGITS.float, &samples]).unwrap();
    let Product::Judged(judged) = product else { panic!("{product:?}") };
    assert!(judged.accuracy.is_none() && judged.latency.is_some());
}

#[test]
fn what_does_not_suit_keeps_its_type_and_its_words_across_the_boundary() {
    let cases: [(&str, Task, Vec<&[u8]>, &str); 6] = [
        ("no model", Task::Survey, vec![b"\x08\xff", DIGITS.test_data], "malformed"),
        ("no archive", Task::Survey, vec![DIGITS.float, b"nothing"], "npz"),
        ("no source", Task::Make { recipe: int8().into() }, vec![b"\0\0\0\0TFL3", b""], "malformed"),
        (
            "int8 already",
            Task::Make { recipe: int8().into() },
            vec![DIGITS.int8, DIGITS.test_data],
            "is quantized already",
        ),
        ("no such sample", Task::Judge { places: vec![450] }, vec![DIGITS.int8, DIGITS.test_data], "below 450"),
        ("too few buffers", Task::Survey, vec![DIGITS.float], "1 buffers"),
    ];
    for (name, task, buffers, words) in cases {
        let failure = do_it(&task, &buffers).expect_err(name);
        assert!(failure.to_string().contains(words), "{name}: {failure}");
        let text = serde_json::to_string(&failure).unwrap();
        assert_eq!(serde_json::from_str::<Failure>(&text).unwrap(), failure, "{name}");
    }
}

#[test]
fn a_task_ends_when_it_is_told_to() {
    struct Stops(Cell<usize>);
    impl Progress for Stops {
        fn at(&self, _: &str, _: usize, _: usize) -> Result<(), Cancelled> {
            self.0.set(self.0.get() + 1);
            if self.0.get() > 3 { Err(Cancelled) } else { Ok(()) }
        }
    }
    impl Listener for Stops {
        fn found(&self, _: News) {}
    }
    let stops = Stops(Cell::new(0));
    let buffers = [DIGITS.float.to_vec(), DIGITS.test_data.to_vec()];
    let failure = run(&Native, &Task::Make { recipe: int8().into() }, &buffers, &|| 0.0, &stops).unwrap_err();
    assert!(matches!(&failure, Failure::Recipe(error) if error.is_cancelled()), "{failure}");
    assert_eq!(stops.0.get(), 4, "at once");
}

#[test]
fn a_model_of_either_format_is_made_c() {
    let (product, buffers) = do_it(&Task::Export { name: "my digits".into() }, &[DIGITS.int8]).unwrap();
    assert_eq!(product, Product::Exported { name: "my_digits".into() });
    let [header, source] = buffers.as_slice() else { panic!("two files") };
    assert!(String::from_utf8_lossy(header).contains("MY_DIGITS_ARENA_BYTES"));
    assert!(String::from_utf8_lossy(source).contains("const unsigned char my_digits["));
}

#[test]
fn layers_go_by_the_names_that_recipes_know() {
    let (product, _) = do_it(&Task::Layers, &[DIGITS.float]).unwrap();
    let Product::Layers { layers } = product else { panic!("{product:?}") };
    assert!(layers.len() > 2 && layers.iter().all(|layer| layer.weights > 0 && layer.label.len() <= layer.name.len()));
    for layer in layers {
        let options = quantize::Options { keep_float: [layer.name.clone()].into(), ..quantize::Options::plain() };
        let recipe = Recipe { quantize: Some(options), ..int8() };
        let made = do_it(&Task::Make { recipe: recipe.into() }, &[DIGITS.float, DIGITS.test_data]);
        assert!(made.is_ok(), "{}: {made:?}", layer.name);
    }
}

#[test]
fn what_lies_on_the_shelf_is_not_pruned_again_and_changes_no_bit() {
    let mut shelf = Shelf::default();
    let buffers = [DIGITS.float.to_vec(), DIGITS.test_data.to_vec()];
    let pruning = Recipe { prune_weights: Some(weights::Options::default()), ..int8() };
    let fewer_bits = quantize::Options { weight_bits: 4, ..quantize::Options::plain() };
    let denser = weights::Options { sparsity: 0.2, ..weights::Options::default() };
    for (recipe, prunes) in [
        (pruning.clone(), true),
        (Recipe { quantize: Some(fewer_bits), ..pruning.clone() }, false),
        (Recipe { prune_weights: Some(denser), ..pruning.clone() }, true),
        (int8(), false),
    ] {
        let stages = std::cell::RefCell::new(Vec::new());
        let told = Stages(&stages);
        let task = Task::Make { recipe: recipe.clone().into() };
        let (_, made) = run_with(&mut shelf, &Native, &task, &buffers, &|| 0.0, &told).unwrap();
        assert_eq!(made, do_it(&task, &[DIGITS.float, DIGITS.test_data]).unwrap().1);
        assert_eq!(stages.borrow().iter().any(|stage| stage == "refit"), prunes, "{:?}", stages.borrow());
    }
}

struct Stages<'a>(&'a std::cell::RefCell<Vec<String>>);

impl Listener for Stages<'_> {
    fn found(&self, _: News) {}
}

impl Progress for Stages<'_> {
    fn at(&self, stage: &str, _: usize, _: usize) -> Result<(), Cancelled> {
        self.0.borrow_mut().push(stage.to_owned());
        Ok(())
    }
}

#[test]
fn a_report_tells_the_same_figures_in_each_form() {
    let judge =
        |model: &[u8]| match do_it(&Task::Judge { places: vec![0, 1, 2, 3] }, &[model, DIGITS.test_data]).unwrap() {
            (Product::Judged(judged), _) => judged,
            (product, _) => panic!("{product:?}"),
        };
    let kernels = crate::protocol::Kernels::Reference;
    let subjects = vec![
        Subject::original("digits & co".into(), &judge(DIGITS.float), kernels),
        Subject::variant("int8".into(), &judge(DIGITS.int8), kernels, int8()),
    ];
    let written = |form| {
        let task = Task::Report { form, subjects: subjects.clone(), places: (0..40).collect() };
        let (product, buffers) = do_it(&task, &[DIGITS.test_data, DIGITS.float, DIGITS.int8]).unwrap();
        assert_eq!(product, Product::Reported);
        String::from_utf8(buffers.concat()).unwrap()
    };
    let html = written(Form::Html);
    assert!(
        html.contains("digits &amp; co") && html.contains("Reference") && html.contains("scheme = &quot;int8&quot;")
    );
    let json: serde_json::Value = serde_json::from_str(&written(Form::Json)).unwrap();
    assert_eq!(json["report"]["samples"], 40);
    assert_eq!(json["report"]["variants"][1]["size"]["file_bytes"], DIGITS.int8.len());
    let csv = written(Form::Csv);
    assert!(csv.lines().nth(2).unwrap().contains(&DIGITS.int8.len().to_string()), "{csv}");
    let unlabelled = npz::write([("x", &DIGITS.test_set().unwrap().x)]).unwrap();
    let task = Task::Report { form: Form::Csv, subjects, places: vec![0] };
    let failure = do_it(&task, &[&unlabelled, DIGITS.float, DIGITS.int8]).unwrap_err();
    assert!(failure.to_string().contains("labelled"), "{failure}");
}
