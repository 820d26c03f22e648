//! The specification: obvious loops, never tuned.

pub mod arithmetic;
pub mod batch_matmul;
pub mod conv_2d;
pub mod depthwise_conv_2d;
pub mod fully_connected;
pub mod movement;
pub mod pool_2d;
pub mod resize;
pub mod transpose_conv;
