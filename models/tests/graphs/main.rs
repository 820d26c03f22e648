//! What clean-up and pruning do to graphs: seeded networks and real ones, before and after.

#[path = "../common/mod.rs"]
mod common;

mod activity;
mod blocks;
mod channels;
mod cost;
mod net;
mod passes;
mod refit;
mod weights;
