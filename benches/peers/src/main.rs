//! One model in one runtime, as a child process of the benches: `mote-peers RUNTIME MODEL INPUT`.
//!
//! The file INPUT holds the bytes of one input or of several. It prints `ready`, or `error WHAT`, and then answers lines:
//! `run N` with the nanoseconds of N runs of the first input, `outputs` with the numbers that come out for each, one after
//! the other. It ends with its standard input.

use std::io::{BufRead, stdin};
use std::process::ExitCode;
use std::time::Instant;

use mote_peers::network::{Network, Runtime};

fn main() -> ExitCode {
    match load().and_then(|(network, input)| answer(network, &input)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(what) => {
            println!("error {}", what.replace('\n', " "));
            ExitCode::FAILURE
        }
    }
}

fn load() -> Result<(Network, Vec<u8>), String> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [runtime, model, input] = &arguments[..] else { return Err("usage: mote-peers RUNTIME MODEL INPUT".into()) };
    let runtime = Runtime::ALL.iter().find(|r| r.name() == runtime).ok_or_else(|| format!("no runtime {runtime}"))?;
    let read = |file: &String| std::fs::read(file).map_err(|error| format!("{file}: {error}"));
    Ok((runtime.load(&read(model)?)?, read(input)?))
}

fn answer(mut network: Network, inputs: &[u8]) -> Result<(), String> {
    let size = network.shape.iter().product::<usize>() * if network.dtype == "float32" { 4 } else { 1 };
    let input = inputs.get(..size).ok_or_else(|| format!("{} bytes are no input of {size}", inputs.len()))?;
    (network.run)(input)?;
    println!("ready");
    for line in stdin().lock().lines() {
        let line = line.map_err(|error| error.to_string())?;
        let numbers: Vec<String> = match line.split_once(' ') {
            Some(("run", count)) => {
                let count: usize = count.parse().map_err(|_| format!("no number of runs: {count}"))?;
                let mut times = Vec::with_capacity(count);
                for _ in 0..count {
                    let started = Instant::now();
                    (network.run)(input)?;
                    times.push(started.elapsed().as_nanos().to_string());
                }
                times
            }
            _ => {
                let mut outputs = Vec::new();
                for input in inputs.chunks_exact(size) {
                    outputs.extend((network.run)(input)?.iter().map(f32::to_string));
                }
                outputs
            }
        };
        println!("{}", numbers.join(" "));
    }
    Ok(())
}
