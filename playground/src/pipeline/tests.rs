use std::cell::Cell;
use std::num::NonZero;

use mote_models::data::npz;
use mote_models::judge::{Accuracy, TestSet, evaluate};
use mote_models::progress::{Cancelled, Silent};
use mote_models::prune::{Pattern, weights};
use mote_models::quantize;
use mote_models::recipe::{self, Choice};
use mote_models::run::Native;
use mote_models::zoo::DIGITS;

use super::*;

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
    assert!(text.starts_with(r#"{"type":"make","recipe":{"#) && text.contains(r#""pattern":"2:4""#), "{text}");
    assert_eq!(serde_json::from_str::<Task>(&text).unwrap(), task);

    let (made, _) = do_it(&task, &[DIGITS.float, DIGITS.test_data]).unwrap();
    let (judged, _) = do_it(&Task::Judge { places: vec![0, 1, 2] }, &[DIGITS.int8, DIGITS.test_data]).unwrap();
    for product in [made, judged] {
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
fn a_model_is_judged_by_the_samples_that_are_named_and_no_others() {
    let survey = Product::Surveyed(Survey { samples: 450, labelled: true });
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
    let survey = Product::Surveyed(Survey { samples: 450, labelled: false });
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
