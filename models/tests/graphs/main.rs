//! What clean-up and pruning do to graphs: seeded networks and real ones, before and after.

#[path = "../common/mod.rs"]
mod common;

mod cost;
mod net;
mod passes;
mod weights;
