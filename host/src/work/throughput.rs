//! How many runs a second several instances of a model make together.

use std::num::NonZero;
use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

use serde::Serialize;

/// One look at the rate lasts this long: hundreds of runs of a small model, and less than the memory of a turbo clock.
const SPELL: Duration = Duration::from_millis(100);
/// Looks at one instance and at all of them take turns, this many of each; the median of each counts.
const SPELLS: usize = 5;

/// Runs a second.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Throughput {
    /// Instances at work together, each on a thread of its own.
    pub jobs: NonZero<usize>,
    /// Runs a second of one of them, alone.
    pub alone_per_second: f64,
    /// Runs a second of all of them.
    pub together_per_second: f64,
}

impl Throughput {
    /// How many instances' worth of work all of them do.
    #[must_use]
    pub fn scaling(&self) -> f64 {
        self.together_per_second / self.alone_per_second
    }

    /// Measures `instances`; `run` runs one of them once. The first failure ends it.
    pub fn of<S: Send, E: Send>(
        instances: &mut [S],
        run: impl Fn(&mut S) -> Result<(), E> + Sync,
    ) -> Result<Option<Self>, E> {
        let Some(jobs) = NonZero::new(instances.len()) else { return Ok(None) };
        let (mut alone, mut together) = (Vec::new(), Vec::new());
        for _ in 0..SPELLS {
            alone.push(rate(&mut instances[..1], &run)?);
            together.push(rate(instances, &run)?);
        }
        let [alone_per_second, together_per_second] = [alone, together].map(|mut rates| {
            rates.sort_by(f64::total_cmp);
            rates[SPELLS / 2]
        });
        Ok(Some(Self { jobs, alone_per_second, together_per_second }))
    }
}

/// Runs a second of these instances: each thread's own rate over its own time, so that none is charged for another's end.
fn rate<S: Send, E: Send>(instances: &mut [S], run: &(impl Fn(&mut S) -> Result<(), E> + Sync)) -> Result<f64, E> {
    let start = Barrier::new(instances.len());
    let work = |instance: &mut S| {
        start.wait();
        let started = Instant::now();
        let mut runs = 0u32;
        loop {
            run(instance)?;
            runs += 1;
            let elapsed = started.elapsed();
            if elapsed >= SPELL {
                return Ok(f64::from(runs) / elapsed.as_secs_f64());
            }
        }
    };
    thread::scope(|scope| {
        let work = &work;
        let threads: Vec<_> = instances.iter_mut().map(|instance| scope.spawn(move || work(instance))).collect();
        threads.into_iter().map(|t| t.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))).sum()
    })
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::*;

    #[test]
    fn every_instance_takes_part_and_one_of_them_alone_too() {
        let mut counts = [0u64; 3];
        let total = AtomicU64::new(0);
        let run = |count: &mut u64| {
            *count += 1;
            total.fetch_add(1, Ordering::Relaxed);
            Ok::<_, ()>(())
        };
        let found = Throughput::of(&mut counts, run).unwrap().unwrap();
        assert_eq!(found.jobs.get(), 3);
        assert!(counts.iter().all(|&count| count > 0), "{counts:?}");
        assert_eq!(counts.iter().sum::<u64>(), total.into_inner());
        assert!(found.alone_per_second > 0.0 && found.scaling() > 0.0);
    }

    #[test]
    fn a_failure_ends_it() {
        let run = |left: &mut u32| {
            *left = left.checked_sub(1).ok_or("no more")?;
            Ok(())
        };
        assert_eq!(Throughput::of(&mut [5, 1], run), Err("no more"));
        assert_eq!(Throughput::of(&mut [0u32; 0], run), Ok(None));
    }
}
