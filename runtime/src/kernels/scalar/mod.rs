//! The specification: obvious loops, never tuned.
