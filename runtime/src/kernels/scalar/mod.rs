//! The specification: obvious loops, never tuned.

pub mod add;
pub mod arithmetic;
pub mod batch_matmul;
pub mod broadcast;
pub mod conv_2d;
pub mod depthwise_conv_2d;
pub mod fully_connected;
pub mod logistic;
pub mod movement;
pub mod mul;
pub mod pool_2d;
pub mod resize;
pub mod softmax;
pub mod transpose_conv;
