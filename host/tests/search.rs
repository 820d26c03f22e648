//! `mote search` as a user runs it.

mod common;

use common::command::Mote;
use mote_models::zoo::DIGITS;
use serde_json::{Value, json};

const SEARCH: [&str; 6] = ["search", "zoo:digits", "--max-size", "30kB", "--trials", "6"];

#[test]
fn the_winner_keeps_to_the_limits_and_its_recipe_makes_it_again() {
    let mote = Mote::new();
    let files = ["-o", "winner.tflite", "--save-recipe", "recipe.toml", "--html", "report.html"];
    let report = mote.json(&[&SEARCH[..], &["--max-drop", "2%"], &files].concat());
    let winner = &report["trials"][report["winner"].as_u64().unwrap() as usize]["measured"];
    let bytes = std::fs::read(mote.path("winner.tflite")).unwrap();
    assert_eq!(winner["file-bytes"], json!(bytes.len()));
    assert!(bytes.len() <= 30_000);
    let float = report["original"]["score"].as_f64().unwrap();
    assert!(winner["score"].as_f64().unwrap() >= float - 0.02, "{report}");
    assert!(report["trials"].as_array().unwrap().len() <= 6);
    assert_eq!(report["parts"].as_array().unwrap().len(), 3);

    assert_eq!(mote.json(&["inspect", "winner.tflite"])["metadata"]["labels"][7], json!("7"));
    mote.ok(&["compress", "zoo:digits", "--recipe", "recipe.toml", "-o", "again.tflite", "--runs", "0"]);
    assert!(bytes == std::fs::read(mote.path("again.tflite")).unwrap());

    let page = std::fs::read_to_string(mote.path("report.html")).unwrap();
    for word in ["The front", "Sensitivity", "Everything tried", "<svg"] {
        assert!(page.contains(word), "{word}");
    }
}

#[test]
fn a_kept_search_goes_on_and_ends_as_if_it_had_not_stopped() {
    let mote = Mote::new();
    let args = |trials| ["search", "zoo:digits", "--max-size", "30kB", "--state", "state.json", "--trials", trials];
    mote.json(&args("3"));
    let kept: Value = serde_json::from_slice(&std::fs::read(mote.path("state.json")).unwrap()).unwrap();
    assert_eq!(kept["trials"].as_array().unwrap().len(), 3);
    let resumed = mote.json(&args("6"));
    let whole = mote.json(&SEARCH);
    assert_eq!((&resumed["trials"], &resumed["winner"]), (&whole["trials"], &whole["winner"]));

    let other = ["search", "zoo:digits", "--max-size", "10kB", "--state", "state.json"];
    assert!(mote.fails(2, &other).contains("other options"));
    mote.file("model.tflite", DIGITS.float);
    mote.file("broken.json", "{}");
    assert!(mote.fails(2, &["search", "zoo:digits", "--state", "broken.json"]).contains("no stored search"));
}

#[test]
fn a_search_that_finds_nothing_tells_what_is_nearest_and_fails() {
    let mote = Mote::new();
    let args = ["search", "zoo:digits", "--max-size", "1kB", "--trials", "3", "-o", "out.tflite"];
    let done = mote.run(&args);
    assert_eq!(done.code, 1, "{done:?}");
    for word in ["nothing that was tried", "nearest is"] {
        assert!(done.stderr.contains(word), "{word}: {}", done.stderr);
    }
    assert!(done.stdout.contains("at most 1.00 kB of file") && done.stdout.contains('~'), "{}", done.stdout);
    assert!(!mote.path("out.tflite").exists());
}

#[test]
fn failures_have_their_exit_code() {
    let mote = Mote::new();
    mote.file("model.tflite", DIGITS.float);
    for (code, args, words) in [
        (2, &["search", "model.tflite"][..], ["model.tflite", "DATA is missing"]),
        (2, &["search", "zoo:digits", "--max-size", "big"], ["--max-size", "64KiB"]),
        (2, &["search", "zoo:digits", "--trials", "0"], ["--trials", "0"]),
        (2, &["search", "zoo:digits", "--pattern", "2:4"], ["pattern", "blocks"]),
        (3, &["search", "zoo:digits:int8"], ["float network", "zoo:digits:int8"]),
    ] {
        let stderr = mote.fails(code, args);
        for word in words {
            assert!(stderr.contains(word), "{args:?}: {stderr}");
        }
    }
}

/// A search that is stopped keeps what it has done.
#[cfg(target_os = "linux")]
#[test]
fn ctrl_c_keeps_the_search() {
    use rustix::process::{Pid, Signal, kill_process};
    use std::process::Stdio;

    let mote = Mote::new();
    let args = ["search", "zoo:digits", "--max-size", "1kB", "--trials", "100000", "--state", "state.json"];
    let child = mote.command(&args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    while !mote.path("state.json").exists() {
        std::thread::yield_now();
    }
    kill_process(Pid::from_child(&child), Signal::INT).unwrap();
    let output = child.wait_with_output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(130), "{stderr}");
    assert!(stderr.contains("the same command goes on"), "{stderr}");
    assert!(serde_json::from_slice::<Value>(&std::fs::read(mote.path("state.json")).unwrap()).is_ok());
}

#[test]
fn any_number_of_instances_finds_the_same() {
    let mote = Mote::new();
    let found = |jobs| mote.json(&[&SEARCH[..4], &["--trials", "3", "--jobs", jobs]].concat());
    assert_eq!(found("1"), found("3"));
}
