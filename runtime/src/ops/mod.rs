//! The operators, one idea a file: what each needs, what it refuses, which kernel runs it.
//!
//! `prepare` looks at a [`Node`] once, when the model is loaded: it checks operands and options, packs weights, chooses a kernel
//! and gives a [`Prepared`] step. All that a run does is call that step's closure on its [`Io`].
//!
//! To add an operator:
//! 1. a file here with `prepare`, and its loop in `runtime/kernels/src/scalar/` if it is more than a few lines;
//! 2. a `mod` and a row in the table below;
//! 3. reference vectors in `runtime/testdata/ops/` (`generate.py`), which the tests then find by themselves;
//! 4. where it pays, the same loop in `runtime/kernels/src/simd128/`, chosen in `prepare`.

use alloc::boxed::Box;
use core::ops::Deref;

use crate::error::Error;
use crate::io::Io;
use crate::kernels::geometry::Margins;
use crate::model::Operator;
use crate::node::{Node, Refused};

mod activation;
mod add;
mod arg_min_max;
mod batch_matmul;
mod binary;
mod cast;
mod concatenation;
mod conv_2d;
mod depth_to_space;
mod depthwise_conv_2d;
mod dequantize;
mod div;
mod elementwise;
mod elu;
mod fully_connected;
mod gather;
mod gelu;
mod hard_swish;
mod hybrid;
mod leaky_relu;
mod log_softmax;
mod logistic;
mod lstm;
mod maximum_minimum;
mod mirror_pad;
mod movement;
mod mul;
mod pack;
mod pad;
mod pool_2d;
mod prelu;
mod quantize;
mod reduce;
mod relu;
mod reshape;
mod resize_bilinear;
mod resize_nearest_neighbor;
mod shape;
mod signal_energy;
mod signal_fft_auto_scale;
mod signal_filter_bank;
mod signal_filter_bank_log;
mod signal_filter_bank_spectral_subtraction;
mod signal_filter_bank_square_root;
mod signal_pcan;
mod signal_rfft;
mod signal_window;
mod slice;
mod softmax;
mod space_to_depth;
mod split;
mod strided_slice;
mod sub;
mod svdf;
mod tanh;
mod transpose;
mod transpose_conv;
mod unary;
mod unidirectional_sequence_lstm;
mod unpack;
mod variable;
mod weighted;
mod window;

/// What runs a step. Closures do; the trait is ours, and not `Fn`, because a boxed `Fn` carries its code a second time, as
/// `FnOnce`.
pub trait Run: Send + Sync {
    /// Computes the outputs from the inputs.
    ///
    /// # Errors
    /// [`Run`](crate::ErrorKind::Run) when values of this run cannot be computed with.
    fn run(&self, io: &mut Io<'_>) -> Result<(), Error>;
}

impl<F: Fn(&mut Io<'_>) -> Result<(), Error> + Send + Sync> Run for F {
    fn run(&self, io: &mut Io<'_>) -> Result<(), Error> {
        self(io)
    }
}

/// An operator that is ready to run. Boxed, so that the results that carry it stay small.
pub struct Prepared(Box<Needs>);

/// What runs an operator, and what it needs while it does.
pub struct Needs {
    /// What runs it.
    pub run: Box<dyn Run>,
    /// The kernel's name: back end and variant.
    pub kernel: &'static str,
    /// Inputs (as bits) whose constants the kernel keeps for itself, packed.
    pub kept: u64,
    /// Inputs (as bits) that output 0 may lie over: same bytes, and each element read before it is written.
    pub in_place: u64,
    /// Whether output 0 is all inputs one behind the other, as they are. If they already lie so, output 0 lies over input 0, and the
    /// step has nothing to do.
    pub joins: bool,
    /// Bytes of scratch.
    pub scratch: usize,
    /// Bytes of state, zero at first.
    pub state: usize,
    /// Multiply-accumulates of one run.
    pub macs: u64,
    /// Bytes of constants that the kernel keeps.
    pub weight_bytes: usize,
    /// The real zeros that the step puts around the images of input 0, if it does nothing else.
    pub margins: Option<Margins>,
}

impl Prepared {
    /// A step that needs nothing but its operands.
    pub fn new(kernel: &'static str, run: impl Fn(&mut Io<'_>) -> Result<(), Error> + Send + Sync + 'static) -> Self {
        Self::boxed(kernel, Box::new(run))
    }

    #[inline(never)]
    fn boxed(kernel: &'static str, run: Box<dyn Run>) -> Self {
        Self(Box::new(Needs {
            run,
            kernel,
            kept: 0,
            in_place: 0,
            joins: false,
            scratch: 0,
            state: 0,
            macs: 0,
            weight_bytes: 0,
            margins: None,
        }))
    }

    /// What runs it; what is left of the step does nothing.
    #[must_use]
    pub fn take_run(&mut self) -> Box<dyn Run> {
        core::mem::replace(&mut self.0.run, Box::new(|_: &mut Io<'_>| Ok(())))
    }

    /// The same step behind a check of its inputs, which may then no longer lie under the output unless they are in `in_place`.
    #[must_use]
    pub fn after(
        mut self,
        check: impl Fn(&mut Io<'_>) -> Result<(), Error> + Send + Sync + 'static,
        in_place: u64,
    ) -> Self {
        let run = self.take_run();
        self.0.run = Box::new(move |io: &mut Io<'_>| {
            check(io)?;
            run.run(io)
        });
        self.0.in_place &= in_place;
        self
    }

    /// The kernel keeps the constant of input `k` for itself, in `bytes` bytes.
    #[must_use]
    #[inline(never)]
    pub fn keeps(mut self, k: usize, bytes: usize) -> Self {
        self.0.kept |= 1 << k;
        self.0.weight_bytes += bytes;
        self
    }

    /// Whether the step reads input `k` from memory.
    #[must_use]
    pub fn reads(&self, k: usize) -> bool {
        k >= 64 || self.0.kept >> k & 1 == 0
    }

    /// Output 0 may lie over input `k`.
    #[must_use]
    pub fn in_place(mut self, k: usize) -> Self {
        self.0.in_place |= 1 << k;
        self
    }

    /// Output 0 is all inputs one behind the other, if that is so.
    #[must_use]
    pub fn joins(mut self, joins: bool) -> Self {
        self.0.joins = joins;
        self
    }

    /// The step takes `bytes` of scratch.
    #[must_use]
    pub fn scratch(mut self, bytes: usize) -> Self {
        self.0.scratch = bytes;
        self
    }

    /// The step keeps `bytes` of state between runs.
    #[must_use]
    pub fn state(mut self, bytes: usize) -> Self {
        self.0.state = bytes;
        self
    }

    /// All that the step does is to put so many real zeros around images, if it does that.
    #[must_use]
    pub fn margins(mut self, margins: Option<Margins>) -> Self {
        self.0.margins = margins;
        self
    }

    /// The step does so many multiply-accumulates.
    #[must_use]
    pub fn macs(mut self, macs: u64) -> Self {
        self.0.macs = macs;
        self
    }
}

impl Deref for Prepared {
    type Target = Needs;

    fn deref(&self) -> &Needs {
        &self.0
    }
}

/// Built-in operator code of custom operators, which go by name.
const CUSTOM: u8 = 32;

macro_rules! operators {
    (builtin { $($variant:ident $name:literal $code:literal $prepare:path;)* }
     custom { $($custom:ident $custom_name:literal $custom_prepare:path;)* }) => {
        /// The operators that Mote runs.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[allow(missing_docs, reason = "the names are TensorFlow Lite's")]
        pub enum OpCode {
            $($variant,)*
            $($custom,)*
        }

        impl OpCode {
            /// All of them.
            pub const ALL: &[OpCode] = &[$(OpCode::$variant,)* $(OpCode::$custom,)*];

            /// The operator's name: the schema's, or its own if it is custom.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self {
                    $(OpCode::$variant => $name,)*
                    $(OpCode::$custom => $custom_name,)*
                }
            }

            /// The schema's code of each; [`CUSTOM`] for custom operators. A table, because the compiler makes code of a `match`.
            const CODES: &[u8] = &[$($code,)* $({ let _ = OpCode::$custom; CUSTOM },)*];

            /// From the schema's code and, for custom operators, the name.
            #[must_use]
            pub fn of(operator: &Operator<'_>) -> Option<Self> {
                Self::ALL.iter().zip(Self::CODES).find_map(|(&op, &code)| {
                    let is_it = i32::from(code) == operator.code && (code != CUSTOM || op.name() == operator.custom_name);
                    is_it.then_some(op)
                })
            }
        }

        /// Checks an operator and makes it ready to run.
        ///
        /// # Errors
        /// A typed refusal that names the node.
        pub fn prepare(code: OpCode, node: &Node<'_>) -> Result<Prepared, Error> {
            // A table of functions, so that each stays one: inlined here, they would be one frame of many kilobytes.
            let prepare: fn(&Node<'_>) -> Result<Prepared, Refused> = match code {
                $(OpCode::$variant => $prepare,)*
                $(OpCode::$custom => $custom_prepare,)*
            };
            prepare(node).map_err(|refused| node.refusal(refused))
        }
    };
}

operators! {
    builtin {
        Add "ADD" 0 add::prepare;
        AveragePool2d "AVERAGE_POOL_2D" 1 pool_2d::average_pool_2d;
        Concatenation "CONCATENATION" 2 concatenation::prepare;
        Conv2d "CONV_2D" 3 conv_2d::prepare;
        DepthwiseConv2d "DEPTHWISE_CONV_2D" 4 depthwise_conv_2d::prepare;
        DepthToSpace "DEPTH_TO_SPACE" 5 depth_to_space::prepare;
        Dequantize "DEQUANTIZE" 6 dequantize::prepare;
        FullyConnected "FULLY_CONNECTED" 9 fully_connected::prepare;
        Logistic "LOGISTIC" 14 logistic::prepare;
        Lstm "LSTM" 16 lstm::prepare;
        MaxPool2d "MAX_POOL_2D" 17 pool_2d::max_pool_2d;
        Mul "MUL" 18 mul::prepare;
        Relu "RELU" 19 relu::relu;
        ReluN1To1 "RELU_N1_TO_1" 20 relu::relu_n1_to_1;
        Relu6 "RELU6" 21 relu::relu6;
        Reshape "RESHAPE" 22 reshape::reshape;
        ResizeBilinear "RESIZE_BILINEAR" 23 resize_bilinear::prepare;
        Softmax "SOFTMAX" 25 softmax::prepare;
        SpaceToDepth "SPACE_TO_DEPTH" 26 space_to_depth::prepare;
        Svdf "SVDF" 27 svdf::prepare;
        Tanh "TANH" 28 tanh::prepare;
        Pad "PAD" 34 pad::pad;
        Gather "GATHER" 36 gather::prepare;
        Transpose "TRANSPOSE" 39 transpose::prepare;
        Mean "MEAN" 40 reduce::mean;
        Sub "SUB" 41 sub::prepare;
        Div "DIV" 42 div::prepare;
        Squeeze "SQUEEZE" 43 reshape::squeeze;
        UnidirectionalSequenceLstm "UNIDIRECTIONAL_SEQUENCE_LSTM" 44 unidirectional_sequence_lstm::prepare;
        StridedSlice "STRIDED_SLICE" 45 strided_slice::prepare;
        Exp "EXP" 47 unary::exp;
        Split "SPLIT" 49 split::split;
        LogSoftmax "LOG_SOFTMAX" 50 log_softmax::prepare;
        Cast "CAST" 53 cast::prepare;
        Prelu "PRELU" 54 prelu::prepare;
        Maximum "MAXIMUM" 55 maximum_minimum::maximum;
        ArgMax "ARG_MAX" 56 arg_min_max::arg_max;
        Minimum "MINIMUM" 57 maximum_minimum::minimum;
        Neg "NEG" 59 unary::neg;
        PadV2 "PADV2" 60 pad::padv2;
        Slice "SLICE" 65 slice::prepare;
        TransposeConv "TRANSPOSE_CONV" 67 transpose_conv::prepare;
        ExpandDims "EXPAND_DIMS" 70 reshape::expand_dims;
        Log "LOG" 73 unary::log;
        Sum "SUM" 74 reduce::sum;
        Sqrt "SQRT" 75 unary::sqrt;
        Rsqrt "RSQRT" 76 unary::rsqrt;
        Shape "SHAPE" 77 shape::prepare;
        ArgMin "ARG_MIN" 79 arg_min_max::arg_min;
        ReduceMax "REDUCE_MAX" 82 reduce::reduce_max;
        Pack "PACK" 83 pack::prepare;
        Unpack "UNPACK" 88 unpack::prepare;
        ResizeNearestNeighbor "RESIZE_NEAREST_NEIGHBOR" 97 resize_nearest_neighbor::prepare;
        LeakyRelu "LEAKY_RELU" 98 leaky_relu::prepare;
        MirrorPad "MIRROR_PAD" 100 mirror_pad::prepare;
        Abs "ABS" 101 unary::abs;
        SplitV "SPLIT_V" 102 split::split_v;
        Elu "ELU" 111 elu::prepare;
        Quantize "QUANTIZE" 114 quantize::prepare;
        HardSwish "HARD_SWISH" 117 hard_swish::prepare;
        Densify "DENSIFY" 124 reshape::reshape;
        BatchMatmul "BATCH_MATMUL" 126 batch_matmul::prepare;
        CallOnce "CALL_ONCE" 129 variable::call_once;
        VarHandle "VAR_HANDLE" 142 variable::var_handle;
        ReadVariable "READ_VARIABLE" 143 variable::read_variable;
        AssignVariable "ASSIGN_VARIABLE" 144 variable::assign_variable;
        Gelu "GELU" 150 gelu::prepare;
    }
    custom {
        SignalWindow "SignalWindow" signal_window::prepare;
        SignalFftAutoScale "SignalFftAutoScale" signal_fft_auto_scale::prepare;
        SignalRfft "SignalRfft" signal_rfft::prepare;
        SignalEnergy "SignalEnergy" signal_energy::prepare;
        SignalFilterBank "SignalFilterBank" signal_filter_bank::prepare;
        SignalFilterBankSquareRoot "SignalFilterBankSquareRoot" signal_filter_bank_square_root::prepare;
        SignalFilterBankSpectralSubtraction "SignalFilterBankSpectralSubtraction" signal_filter_bank_spectral_subtraction::prepare;
        SignalPcan "SignalPCAN" signal_pcan::prepare;
        SignalFilterBankLog "SignalFilterBankLog" signal_filter_bank_log::prepare;
    }
}
