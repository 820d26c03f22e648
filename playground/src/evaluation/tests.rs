use std::cell::Cell;

use mote_abi::client::Export;
use mote_abi::exports::VERSION;
use mote_models::data::{Array, npz};

use super::*;

const INPUT: u32 = 16;
const OUTPUT: u32 = 32;
const TEXT: u32 = 64;

/// A guest whose one op copies three int8 scores from its input, and whose state counts its runs since the last reset.
struct Copier {
    memory: Vec<u8>,
    runs_since_reset: u32,
    resets: u32,
    fails: bool,
}

fn tensor() -> Tensor {
    Tensor {
        index: 0,
        name: "x".into(),
        dtype: "int8".into(),
        shape: vec![1, 3],
        scale_bits: Some(1f32.to_bits()),
        zero_point: Some(0),
        bytes: 3,
    }
}

fn description(state_bytes: u64) -> Description {
    Description {
        name: "copy".into(),
        inputs: vec![tensor()],
        outputs: vec![tensor()],
        arena_bytes: 6,
        arena_lower_bound: 6,
        state_bytes,
        weight_bytes: 0,
        file_bytes: 1,
        ops: Vec::new(),
    }
}

fn client(state_bytes: u64) -> Client<Copier> {
    let mut memory = vec![0; 4096];
    let text = serde_json::to_vec(&description(state_bytes)).unwrap();
    memory[TEXT as usize..][..text.len()].copy_from_slice(&text);
    memory[..4].copy_from_slice(&(text.len() as u32).to_le_bytes());
    Client::load(Copier { memory, runs_since_reset: 0, resets: 0, fails: false }, &[0], false).unwrap()
}

impl Instance for Copier {
    type Fault = String;

    fn call(&mut self, export: Export, _: &[u32]) -> Result<u32, String> {
        Ok(match export {
            Export::Abi => VERSION,
            Export::Alloc => 2048,
            Export::Load => 1,
            Export::Describe => u32::from_le_bytes(self.memory[..4].try_into().unwrap()),
            Export::Text => TEXT,
            Export::Input => INPUT,
            Export::Output => OUTPUT,
            Export::Run if self.fails => return Err("unreachable executed".into()),
            Export::Run => {
                self.memory.copy_within(INPUT as usize..INPUT as usize + 3, OUTPUT as usize);
                self.runs_since_reset += 1;
                0
            }
            Export::Reset => {
                self.runs_since_reset = 0;
                self.resets += 1;
                0
            }
            Export::Free | Export::Unload | Export::Build => 0,
            Export::LastError | Export::RunStep | Export::StepOutput => return Err("not of this guest".into()),
        })
    }

    fn read(&mut self, ptr: u32, out: &mut [u8]) -> Result<(), String> {
        out.copy_from_slice(&self.memory[ptr as usize..][..out.len()]);
        Ok(())
    }

    fn write(&mut self, ptr: u32, bytes: &[u8]) -> Result<(), String> {
        self.memory[ptr as usize..][..bytes.len()].copy_from_slice(bytes);
        Ok(())
    }
}

/// Four samples whose highest scores are 0, 1, 2, 2 beside the labels 0, 1, 2, 1.
fn samples() -> Vec<u8> {
    let x = Array::new([4, 3], vec![9i8, 0, 0, 0, 9, 0, 0, 0, 9, 0, 0, 9]).unwrap();
    npz::write([("x", &x), ("y", &Array::vector(vec![0i64, 1, 2, 1]))]).unwrap()
}

/// A clock that goes on by so many milliseconds each time it is read.
fn clock(step: f64) -> impl Fn() -> f64 {
    let time = Cell::new(0.0);
    move || {
        time.set(time.get() + step);
        time.get()
    }
}

fn evaluation(client: &Client<Copier>) -> Evaluation {
    Evaluation::new(client.description(), &samples()).unwrap()
}

#[test]
fn samples_are_compared_with_their_labels() {
    let mut client = client(0);
    let answered = evaluation(&client).run(&mut client, Part::ALL, clock(0.01)).unwrap();
    assert_eq!((answered.part, answered.total), (Part { from: 0, end: 4 }, 4));
    assert_eq!(answered.counts, [(0, 0, 1), (1, 1, 1), (1, 2, 1), (2, 2, 1)]);
    assert!(answered.millis > 0.0);
}

#[test]
fn parts_give_the_same_counts_as_the_whole() {
    let mut client = client(0);
    let evaluation = evaluation(&client);
    let whole = evaluation.run(&mut client, Part::ALL, clock(0.01)).unwrap().counts;
    for cut in 0..=4 {
        let mut counts = BTreeMap::new();
        for part in [Part { from: 0, end: cut }, Part { from: cut, end: 9 }] {
            for (label, class, samples) in evaluation.run(&mut client, part, clock(0.01)).unwrap().counts {
                *counts.entry((label, class)).or_insert(0) += samples;
            }
        }
        let counts: Vec<_> = counts.into_iter().map(|((label, class), samples)| (label, class, samples)).collect();
        assert_eq!(counts, whole, "cut at {cut}");
    }
    let beyond = evaluation.run(&mut client, Part { from: 9, end: 12 }, clock(0.01)).unwrap();
    assert!(beyond.part.is_empty() && beyond.counts.is_empty());
}

#[test]
fn a_slice_of_time_ends_a_part_but_not_before_a_sample_has_run() {
    let mut client = client(0);
    let evaluation = evaluation(&client);
    let answered = evaluation.run(&mut client, Part::ALL, clock(SLICE_MILLIS)).unwrap();
    assert_eq!(answered.part, Part { from: 0, end: 1 });
    let answered = evaluation.run(&mut client, Part { from: 1, end: 3 }, clock(SLICE_MILLIS)).unwrap();
    assert_eq!((answered.part, answered.counts), (Part { from: 1, end: 2 }, vec![(1, 1, 1)]));
}

#[test]
fn short_runs_are_timed_in_blocks() {
    let mut client = client(0);
    let mut evaluation = evaluation(&client);
    assert_eq!(evaluation.latency(), None);
    // Each run reads the clock once, so that a run seems to take 0.5 ms.
    let (now, mut slices) = (clock(0.5), 1);
    while evaluation.time(&mut client, &now).unwrap() {
        slices += 1;
    }
    let latency = evaluation.latency().unwrap();
    assert_eq!(latency.blocks, 20);
    // A block's first reading comes before its first run: four runs lie between five readings.
    assert!((0.5..0.7).contains(&latency.median_millis), "{latency:?}");
    assert!(slices > 1, "20 blocks take more than one slice");
}

#[test]
fn few_long_runs_suffice() {
    let mut client = client(0);
    let mut evaluation = evaluation(&client);
    // A block of one run reads the clock twice after its start.
    let now = clock(300.0);
    while evaluation.time(&mut client, &now).unwrap() {}
    let latency = evaluation.latency().unwrap();
    assert_eq!((latency.blocks, latency.runs, latency.median_millis), (2, 2, 600.0));
}

#[test]
fn a_model_with_state_starts_each_run_from_its_start() {
    let mut client = client(8);
    run_once(&mut client, &[vec![1, 2, 3]]).unwrap();
    assert_eq!(run_once(&mut client, &[vec![4, 5, 6]]).unwrap(), [[4, 5, 6]]);
    assert_eq!((client.instance().resets, client.instance().runs_since_reset), (2, 1));
}

#[test]
fn what_does_not_fit_is_refused_with_words() {
    let description = description(0);
    let x = Array::new([2, 3], vec![0i8; 6]).unwrap();
    let wide = Array::new([2, 4], vec![0i8; 8]).unwrap();
    let y = Array::vector(vec![0i64, 1]);
    for (name, bytes) in [
        ("not an archive", b"PK but not one".to_vec()),
        ("no labels", npz::write([("x", &x)]).unwrap()),
        ("another shape", npz::write([("x", &wide), ("y", &y)]).unwrap()),
        ("a label beyond all classes", npz::write([("x", &x), ("y", &Array::vector(vec![0i64, 1 << 40]))]).unwrap()),
        ("a label short", npz::write([("x", &x), ("y", &Array::vector(vec![1i64]))]).unwrap()),
    ] {
        let Err(Failure::Data(text)) = Evaluation::new(&description, &bytes) else { panic!("{name} was taken") };
        assert!(!text.is_empty(), "{name}");
    }
    let error = run_once(&mut client(0), &[]).unwrap_err();
    assert!(matches!(error, ClientError::Size { expected: 1, found: 0, .. }));
}

#[test]
fn a_trap_ends_the_evaluation() {
    let mut client = client(0);
    let mut evaluation = evaluation(&client);
    client.instance().fails = true;
    let trap = Failure::Trap("unreachable executed".into());
    assert_eq!(evaluation.run(&mut client, Part::ALL, clock(1.0)), Err(trap.clone()));
    assert_eq!(evaluation.time(&mut client, clock(1.0)), Err(trap));
}
