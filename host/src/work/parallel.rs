//! Many runs over several instances.

use std::num::NonZero;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use crate::failure::{Failure, FailureKind};
use crate::sandbox::Cancel;
use crate::work::progress;

/// Refuses several instances of a model that keeps state from one sample to the next: each would see only its share of them.
pub fn allowed(jobs: NonZero<usize>, state_bytes: u64) -> Result<(), Failure> {
    if state_bytes == 0 || jobs.get() == 1 {
        return Ok(());
    }
    let what = "the model keeps state from one sample to the next";
    Err(Failure::new(FailureKind::Usage, "--jobs", what).remedy("run it with --jobs 1"))
}

/// Runs `work` for 0..`count`, spread over `jobs` threads that each have their own state, and gives the results in
/// order. Progress is on standard error, where that is a terminal. The first failure, or `cancel`, stops all.
pub fn run<S, T: Send>(
    jobs: NonZero<usize>,
    count: usize,
    cancel: &Cancel,
    state: impl Fn() -> Result<S, Failure> + Sync,
    work: impl Fn(&mut S, usize) -> Result<T, Failure> + Sync,
) -> Result<Vec<T>, Failure> {
    let progress = progress::bar(count);
    progress.set_message("run");
    let next = AtomicUsize::new(0);
    let failed: Mutex<Option<(usize, Failure)>> = Mutex::new(None);
    let fail = |at: usize, failure: Failure| {
        let mut failed = failed.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if failed.as_ref().is_none_or(|(first, _)| at < *first) {
            *failed = Some((at, failure));
        }
        // Nobody takes another piece of work.
        next.fetch_max(count, Ordering::Relaxed);
    };
    let worker = || {
        let mut done = Vec::new();
        let mut state = match state() {
            Ok(state) => state,
            Err(failure) => {
                fail(0, failure);
                return done;
            }
        };
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            if at >= count {
                return done;
            }
            let result = if cancel.is_pulled() { Err(Failure::cancelled()) } else { work(&mut state, at) };
            match result {
                Ok(result) => done.push((at, result)),
                Err(failure) => {
                    fail(at, failure);
                    return done;
                }
            }
            progress.inc(1);
        }
    };
    let mut done: Vec<(usize, T)> = thread::scope(|scope| {
        let threads: Vec<_> = (0..jobs.get().min(count)).map(|_| scope.spawn(worker)).collect();
        threads.into_iter().flat_map(|t| t.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))).collect()
    });
    progress.finish_and_clear();
    if let Some((_, failure)) = failed.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner) {
        return Err(failure);
    }
    done.sort_unstable_by_key(|(at, _)| *at);
    Ok(done.into_iter().map(|(_, result)| result).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::FailureKind;

    fn jobs(n: usize) -> NonZero<usize> {
        NonZero::new(n).unwrap()
    }

    #[test]
    fn results_are_in_order_whoever_made_them() {
        for (threads, count) in [(1, 5), (3, 100), (8, 2), (4, 0)] {
            let found = run(jobs(threads), count, &Cancel::default(), || Ok(()), |(), at| Ok(at * at)).unwrap();
            assert_eq!(found, (0..count).map(|at| at * at).collect::<Vec<_>>());
        }
    }

    #[test]
    fn the_failure_of_the_first_in_order_is_the_one_told() {
        let work = |(): &mut (), at: usize| match at {
            0..7 => Ok(at),
            _ => Err(Failure::new(FailureKind::Data, at, "bad")),
        };
        let failure = run(jobs(3), 1000, &Cancel::default(), || Ok(()), work).unwrap_err();
        assert_eq!(failure.what, "7");
    }

    #[test]
    fn a_state_that_cannot_be_made_is_a_failure() {
        let state = || Err::<(), _>(Failure::new(FailureKind::Model, "m", "bad"));
        let failure = run(jobs(2), 10, &Cancel::default(), state, |(), at| Ok(at)).unwrap_err();
        assert_eq!(failure.kind, FailureKind::Model);
    }

    #[test]
    fn a_pulled_cancel_stops_before_the_next() {
        let cancel = Cancel::default();
        let work = |(): &mut (), at: usize| {
            assert!(at < 3, "no work after the cancel");
            if at == 2 {
                cancel.pull();
            }
            Ok(at)
        };
        let failure = run(jobs(1), 10, &cancel, || Ok(()), work).unwrap_err();
        assert_eq!(failure.kind, FailureKind::Cancelled);
    }
}
