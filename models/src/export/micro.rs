//! What TensorFlow Lite Micro needs to run a graph: its operators, and an arena.

use crate::graph::{Graph, Node, Op, TensorType, Value};
use crate::run::Description;

/// The arena's alignment in TensorFlow Lite Micro.
const ALIGN: usize = 16;
/// Bytes of the interpreter's own records, whatever the model.
const RECORD_BYTES: usize = 1536;
/// Bytes of its records for each operator, with its tensors.
const OPERATOR_BYTES: usize = 448;
/// What its convolutions keep for each output channel, whatever their type: a multiplier and a shift.
const CHANNEL_BYTES: usize = 8;
/// The two tables of its softmax over int16.
const SOFTMAX_INT16_BYTES: usize = 2 * 513 * 2;
/// What its LSTM keeps besides: its parameters and its gates' buffers.
const LSTM_BYTES: usize = 2048;
/// Of a Fourier transform: its factors, for each input, and its plan.
const FOURIER_BYTES: [usize; 2] = [4, 256];
/// An accumulator of a transposed convolution, which has one for each output while it runs.
const ACCUMULATOR_BYTES: usize = 8;

/// Bytes of arena with which TensorFlow Lite Micro runs a graph.
///
/// Two parts, as its allocator has them. The head is what its planner makes of the values, each from who writes it to who reads
/// it last (no result lies over an operand there), found by the same greedy plan; or this runtime's arena, if that is more, which
/// has scratch and state. The tail is what the interpreter keeps: 1,536 bytes, 448 for each operator, 8 for each channel of a
/// convolution, and what the constants above say for softmax over int16, LSTM and Fourier transforms.
///
/// The figures cover what `tflite-micro` takes for every file of the interop test, each of which runs there in an arena of this
/// size: a 64-bit build with reference kernels, whose pointers are twice as wide as a microcontroller's. Optimized kernels
/// (CMSIS-NN, ESP-NN) may ask for scratch on top. `interpreter.arena_used_bytes()` tells what is left.
#[must_use]
pub fn micro_arena_bytes(graph: &Graph, description: &Description) -> usize {
    let ours = usize::try_from(description.arena_bytes).unwrap_or(usize::MAX);
    let tail = RECORD_BYTES + graph.nodes.iter().map(|node| kept(graph, node)).sum::<usize>();
    micro_planned_bytes(graph).max(ours).saturating_add(tail).next_multiple_of(ALIGN)
}

/// Bytes of that arena for the values that are fed and computed: more than this runtime's where it lays results over operands.
#[must_use]
pub fn micro_planned_bytes(graph: &Graph) -> usize {
    let mut buffers = buffers(graph);
    let forwards = planned(&buffers);
    // Of buffers of one size either may come first there.
    buffers.reverse();
    forwards.max(planned(&buffers))
}

/// What the interpreter keeps for an operator.
fn kept(graph: &Graph, node: &Node) -> usize {
    let extent = |k: usize, axis: usize| graph.input(node, k).and_then(|v| v.shape.get(axis)).copied().unwrap_or(0);
    let own = match &node.op {
        Op::Conv2d(_) | Op::TransposeConv { .. } => CHANNEL_BYTES * extent(1, 0),
        Op::DepthwiseConv2d { .. } => CHANNEL_BYTES * extent(1, 3),
        Op::Softmax { .. } if graph.input(node, 0).is_some_and(|x| x.dtype == TensorType::Int16) => SOFTMAX_INT16_BYTES,
        Op::UnidirectionalSequenceLstm { .. } => LSTM_BYTES,
        Op::Custom { .. } => {
            let [each, plan] = FOURIER_BYTES;
            each * graph.input(node, 0).map_or(0, Value::len) + plan
        }
        _ => 0,
    };
    OPERATOR_BYTES + own
}

/// Bytes that are needed from one operator to another, both included.
struct Buffer {
    bytes: usize,
    first: usize,
    last: usize,
}

/// The values that are fed and computed, and the scratch of operators.
fn buffers(graph: &Graph) -> Vec<Buffer> {
    let mut lives: Vec<Option<(usize, usize)>> = vec![None; graph.values.len()];
    graph.inputs.iter().for_each(|id| lives[id.index()] = Some((0, 0)));
    let mut scratch = Vec::new();
    for (n, node) in graph.nodes.iter().enumerate() {
        node.outputs.iter().for_each(|id| lives[id.index()] = Some((n, n)));
        for id in node.present_inputs() {
            if let Some((_, last)) = &mut lives[id.index()] {
                *last = n;
            }
        }
        if let (Op::TransposeConv { .. }, Some(y)) = (&node.op, node.outputs.first()) {
            scratch.push(Buffer { bytes: graph.value(*y).len() * ACCUMULATOR_BYTES, first: n, last: n });
        }
    }
    for id in &graph.outputs {
        if let Some((_, last)) = &mut lives[id.index()] {
            *last = graph.nodes.len();
        }
    }
    let of = |(value, life): (&Value, Option<(usize, usize)>)| {
        let (first, last) = life?;
        Some(Buffer { bytes: (value.len() * value.dtype.size()).next_multiple_of(ALIGN), first, last })
    };
    graph.values.iter().zip(lives).filter_map(of).chain(scratch).collect()
}

/// The end of a greedy plan: the largest first, each into the first gap between those that live when it does.
///
/// Source: `greedy_memory_planner.cc` of TensorFlow Lite Micro.
fn planned(buffers: &[Buffer]) -> usize {
    let mut order: Vec<&Buffer> = buffers.iter().collect();
    order.sort_by_key(|buffer| std::cmp::Reverse(buffer.bytes));
    let mut placed: Vec<(usize, &Buffer)> = Vec::new();
    let mut end = 0;
    for buffer in order {
        let mut at = 0;
        for &(begin, other) in placed.iter().filter(|(_, o)| o.first <= buffer.last && buffer.first <= o.last) {
            if begin >= at + buffer.bytes {
                break;
            }
            at = at.max(begin + other.bytes);
        }
        let place = placed.partition_point(|&(begin, _)| begin <= at);
        placed.insert(place, (at, buffer));
        end = end.max(at + buffer.bytes);
    }
    end
}

/// The function of `MicroMutableOpResolver` that registers an operator; none for one that TensorFlow Lite Micro does not have.
///
/// Source: `tensorflow/lite/micro/micro_mutable_op_resolver.h`.
pub(super) fn resolver(op: &Op) -> Option<&'static str> {
    Some(match op {
        Op::Conv2d(_) => "AddConv2D",
        Op::DepthwiseConv2d { .. } => "AddDepthwiseConv2D",
        Op::TransposeConv { .. } => "AddTransposeConv",
        Op::FullyConnected { .. } => "AddFullyConnected",
        Op::BatchMatMul { .. } => "AddBatchMatMul",
        Op::AveragePool2d(_) => "AddAveragePool2D",
        Op::MaxPool2d(_) => "AddMaxPool2D",
        Op::Add { .. } => "AddAdd",
        Op::Sub { .. } => "AddSub",
        Op::Mul { .. } => "AddMul",
        Op::Div { .. } => "AddDiv",
        Op::Minimum => "AddMinimum",
        Op::Maximum => "AddMaximum",
        Op::Mean { .. } => "AddMean",
        Op::Sum { .. } => "AddSum",
        Op::ReduceMax { .. } => "AddReduceMax",
        Op::ArgMax { .. } => "AddArgMax",
        Op::ArgMin { .. } => "AddArgMin",
        Op::Softmax { .. } => "AddSoftmax",
        Op::LogSoftmax => "AddLogSoftmax",
        Op::Logistic => "AddLogistic",
        Op::Tanh => "AddTanh",
        Op::Relu => "AddRelu",
        Op::Relu6 => "AddRelu6",
        Op::LeakyRelu { .. } => "AddLeakyRelu",
        Op::Prelu => "AddPrelu",
        Op::HardSwish => "AddHardSwish",
        Op::Elu => "AddElu",
        Op::Abs => "AddAbs",
        Op::Neg => "AddNeg",
        Op::Exp => "AddExp",
        Op::Log => "AddLog",
        Op::Sqrt => "AddSqrt",
        Op::Rsqrt => "AddRsqrt",
        Op::Reshape { .. } => "AddReshape",
        Op::Squeeze { .. } => "AddSqueeze",
        Op::ExpandDims => "AddExpandDims",
        Op::Shape { .. } => "AddShape",
        Op::Transpose => "AddTranspose",
        Op::Pad => "AddPad",
        Op::PadV2 => "AddPadV2",
        Op::MirrorPad { .. } => "AddMirrorPad",
        Op::Concatenation { .. } => "AddConcatenation",
        Op::Split { .. } => "AddSplit",
        Op::SplitV { .. } => "AddSplitV",
        Op::Slice => "AddSlice",
        Op::StridedSlice(_) => "AddStridedSlice",
        Op::Pack { .. } => "AddPack",
        Op::Unpack { .. } => "AddUnpack",
        Op::Gather { .. } => "AddGather",
        Op::DepthToSpace { .. } => "AddDepthToSpace",
        Op::SpaceToDepth { .. } => "AddSpaceToDepth",
        Op::ResizeNearestNeighbor { .. } => "AddResizeNearestNeighbor",
        Op::ResizeBilinear { .. } => "AddResizeBilinear",
        Op::Cast { .. } => "AddCast",
        Op::Quantize => "AddQuantize",
        Op::Dequantize => "AddDequantize",
        Op::Svdf { .. } => "AddSvdf",
        Op::UnidirectionalSequenceLstm { .. } => "AddUnidirectionalSequenceLSTM",
        Op::VarHandle { .. } => "AddVarHandle",
        Op::ReadVariable => "AddReadVariable",
        Op::AssignVariable => "AddAssignVariable",
        Op::CallOnce { .. } => "AddCallOnce",
        Op::ReluN1To1 | Op::Gelu { .. } | Op::Densify => return None,
        Op::Custom { code, .. } => match code.as_str() {
            "SignalWindow" => "AddWindow",
            "SignalFftAutoScale" => "AddFftAutoScale",
            "SignalRfft" => "AddRfft",
            "SignalEnergy" => "AddEnergy",
            "SignalFilterBank" => "AddFilterBank",
            "SignalFilterBankSquareRoot" => "AddFilterBankSquareRoot",
            "SignalFilterBankSpectralSubtraction" => "AddFilterBankSpectralSubtraction",
            "SignalPCAN" => "AddPCAN",
            "SignalFilterBankLog" => "AddFilterBankLog",
            _ => return None,
        },
    })
}
