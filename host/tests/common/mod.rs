//! What the host's tests share. Each test binary uses its own part of it.
#![allow(dead_code, reason = "every test binary compiles this module and uses some of it")]

pub(crate) mod builds;
pub(crate) mod command;
pub(crate) mod guest;
pub(crate) mod single_op;
pub(crate) mod testdata;
