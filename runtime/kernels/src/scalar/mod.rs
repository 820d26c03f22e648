//! The specification: obvious loops, never tuned.

pub mod add;
pub mod arithmetic;
pub mod batch_matmul;
pub mod broadcast;
pub mod cast;
pub mod conv_2d;
pub mod depthwise_conv_2d;
pub mod div;
pub mod fft;
pub mod fully_connected;
pub mod hard_swish;
pub mod log_softmax;
pub mod logistic;
pub mod lstm;
pub mod lstm_full;
pub mod movement;
pub mod mul;
pub mod pool_2d;
pub mod reduce;
pub mod resize;
pub mod signal;
pub mod softmax;
pub mod svdf;
pub mod transpose_conv;
