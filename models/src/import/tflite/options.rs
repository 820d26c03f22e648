//! Operators with their options, from the file's tables. Field numbers are the places of the fields in the schema, as the
//! writer has them in `tflite/schema.rs`.

use mote_runtime::Error;
use mote_runtime::model::Operator;
use mote_runtime::ops::OpCode;
use mote_runtime::read::flatbuf::Table;

use crate::tflite::{Activation, Conv2d, Op, Padding, Pool2d, StridedSlice, TensorType};

/// The operator; none when the writer does not know it, or does not know one of its options' values.
pub(super) fn op(code: OpCode, operator: &Operator<'_>) -> Result<Option<Op>, Error> {
    let options = Options(operator.options);
    Ok(Some(match code {
        OpCode::Conv2d => {
            let (Some(padding), Some(activation)) = (options.padding()?, options.activation(3)?) else {
                return Ok(None);
            };
            Op::Conv2d(Conv2d { padding, stride: options.stride()?, dilation: options.dilation(4)?, activation })
        }
        OpCode::DepthwiseConv2d => {
            let (Some(padding), Some(activation)) = (options.padding()?, options.activation(4)?) else {
                return Ok(None);
            };
            let conv = Conv2d { padding, stride: options.stride()?, dilation: options.dilation(5)?, activation };
            Op::DepthwiseConv2d { conv, multiplier: options.i32(3, 0)? }
        }
        OpCode::TransposeConv => {
            let (Some(padding), Some(activation)) = (options.padding()?, options.activation(3)?) else {
                return Ok(None);
            };
            Op::TransposeConv { padding, stride: options.stride()?, activation }
        }
        OpCode::FullyConnected => match (options.activation(0)?, options.i8(1)?) {
            (Some(activation), 0) => Op::FullyConnected { activation, keep_num_dims: options.bool(2)? },
            _ => return Ok(None),
        },
        OpCode::BatchMatmul => Op::BatchMatMul { adj_x: options.bool(0)?, adj_y: options.bool(1)? },
        OpCode::AveragePool2d => match options.pool()? {
            Some(pool) => Op::AveragePool2d(pool),
            None => return Ok(None),
        },
        OpCode::MaxPool2d => match options.pool()? {
            Some(pool) => Op::MaxPool2d(pool),
            None => return Ok(None),
        },
        // A new field is true unless the file says otherwise.
        OpCode::Add => match options.activation(0)? {
            Some(activation) => Op::Add { activation, pot_scale_int16: options.true_unless(1)? },
            None => return Ok(None),
        },
        OpCode::Sub => match options.activation(0)? {
            Some(activation) => Op::Sub { activation, pot_scale_int16: options.true_unless(1)? },
            None => return Ok(None),
        },
        OpCode::Mul => match options.activation(0)? {
            Some(activation) => Op::Mul { activation },
            None => return Ok(None),
        },
        OpCode::Div => match options.activation(0)? {
            Some(activation) => Op::Div { activation },
            None => return Ok(None),
        },
        OpCode::Minimum => Op::Minimum,
        OpCode::Maximum => Op::Maximum,
        OpCode::Mean => Op::Mean { keep_dims: options.bool(0)? },
        OpCode::Sum => Op::Sum { keep_dims: options.bool(0)? },
        OpCode::ReduceMax => Op::ReduceMax { keep_dims: options.bool(0)? },
        OpCode::ArgMax => match options.dtype(0)? {
            Some(output) => Op::ArgMax { output },
            None => return Ok(None),
        },
        OpCode::ArgMin => match options.dtype(0)? {
            Some(output) => Op::ArgMin { output },
            None => return Ok(None),
        },
        OpCode::Softmax => Op::Softmax { beta: options.f32(0)? },
        OpCode::LogSoftmax => Op::LogSoftmax,
        OpCode::Logistic => Op::Logistic,
        OpCode::Tanh => Op::Tanh,
        OpCode::Relu => Op::Relu,
        OpCode::Relu6 => Op::Relu6,
        OpCode::ReluN1To1 => Op::ReluN1To1,
        OpCode::LeakyRelu => Op::LeakyRelu { alpha: options.f32(0)? },
        OpCode::Prelu => Op::Prelu,
        OpCode::HardSwish => Op::HardSwish,
        OpCode::Elu => Op::Elu,
        OpCode::Gelu => Op::Gelu { approximate: options.bool(0)? },
        OpCode::Abs => Op::Abs,
        OpCode::Neg => Op::Neg,
        OpCode::Exp => Op::Exp,
        OpCode::Log => Op::Log,
        OpCode::Sqrt => Op::Sqrt,
        OpCode::Rsqrt => Op::Rsqrt,
        OpCode::Reshape => Op::Reshape { shape: options.i32s(0)? },
        OpCode::Squeeze => Op::Squeeze { axes: options.i32s(0)? },
        OpCode::ExpandDims => Op::ExpandDims,
        OpCode::Shape => match options.dtype(0)? {
            Some(output) => Op::Shape { output },
            None => return Ok(None),
        },
        OpCode::Transpose => Op::Transpose,
        OpCode::Pad => Op::Pad,
        OpCode::PadV2 => Op::PadV2,
        OpCode::MirrorPad => Op::MirrorPad { symmetric: options.i8(0)? == 1 },
        OpCode::Concatenation => match options.activation(1)? {
            Some(activation) => Op::Concatenation { axis: options.i32(0, 0)?, activation },
            None => return Ok(None),
        },
        OpCode::Split => Op::Split { count: options.i32(0, 0)? },
        OpCode::SplitV => Op::SplitV { count: options.i32(0, 0)? },
        OpCode::Slice => Op::Slice,
        OpCode::StridedSlice => Op::StridedSlice(StridedSlice {
            begin_mask: options.i32(0, 0)?,
            end_mask: options.i32(1, 0)?,
            ellipsis_mask: options.i32(2, 0)?,
            new_axis_mask: options.i32(3, 0)?,
            shrink_axis_mask: options.i32(4, 0)?,
        }),
        OpCode::Pack => Op::Pack { count: options.i32(0, 0)?, axis: options.i32(1, 0)? },
        OpCode::Unpack => Op::Unpack { count: options.i32(0, 0)?, axis: options.i32(1, 0)? },
        OpCode::Gather => Op::Gather { axis: options.i32(0, 0)?, batch_dims: options.i32(1, 0)? },
        OpCode::DepthToSpace => Op::DepthToSpace { block: options.i32(0, 0)? },
        OpCode::SpaceToDepth => Op::SpaceToDepth { block: options.i32(0, 0)? },
        OpCode::ResizeNearestNeighbor => {
            Op::ResizeNearestNeighbor { align_corners: options.bool(0)?, half_pixel_centers: options.bool(1)? }
        }
        OpCode::ResizeBilinear => {
            Op::ResizeBilinear { align_corners: options.bool(2)?, half_pixel_centers: options.bool(3)? }
        }
        OpCode::Cast => match (options.dtype(0)?, options.dtype(1)?) {
            (Some(from), Some(to)) => Op::Cast { from, to },
            _ => return Ok(None),
        },
        OpCode::Quantize => Op::Quantize,
        OpCode::Dequantize => Op::Dequantize,
        OpCode::Densify => Op::Densify,
        OpCode::Svdf => match options.activation(1)? {
            Some(activation) => Op::Svdf { rank: options.i32(0, 0)?, activation },
            None => return Ok(None),
        },
        OpCode::UnidirectionalSequenceLstm => match options.activation(0)? {
            Some(activation) => Op::UnidirectionalSequenceLstm {
                activation,
                cell_clip: options.f32(1)?,
                proj_clip: options.f32(2)?,
                time_major: options.bool(3)?,
            },
            None => return Ok(None),
        },
        OpCode::VarHandle => Op::VarHandle { container: options.text(0)?, shared_name: options.text(1)? },
        OpCode::ReadVariable => Op::ReadVariable,
        OpCode::AssignVariable => Op::AssignVariable,
        OpCode::Lstm | OpCode::CallOnce => return Ok(None),
        OpCode::SignalWindow
        | OpCode::SignalFftAutoScale
        | OpCode::SignalRfft
        | OpCode::SignalEnergy
        | OpCode::SignalFilterBank
        | OpCode::SignalFilterBankSquareRoot
        | OpCode::SignalFilterBankSpectralSubtraction
        | OpCode::SignalPcan
        | OpCode::SignalFilterBankLog => {
            Op::Custom { code: code.name().into(), options: operator.custom_options.to_vec() }
        }
    }))
}

/// The table of options; where a file has none, each option has its default.
struct Options<'a>(Option<Table<'a>>);

impl Options<'_> {
    fn i8(&self, id: u16) -> Result<i8, Error> {
        self.0.map_or(Ok(0), |t| t.i8(id, 0))
    }

    fn bool(&self, id: u16) -> Result<bool, Error> {
        self.0.map_or(Ok(false), |t| t.bool(id))
    }

    fn true_unless(&self, id: u16) -> Result<bool, Error> {
        self.0.map_or(Ok(true), |t| Ok(t.u8(id, 1)? != 0))
    }

    fn i32(&self, id: u16, default: i32) -> Result<i32, Error> {
        self.0.map_or(Ok(default), |t| t.i32(id, default))
    }

    fn f32(&self, id: u16) -> Result<f32, Error> {
        self.0.map_or(Ok(0.0), |t| t.f32(id, 0.0))
    }

    fn i32s(&self, id: u16) -> Result<Vec<i32>, Error> {
        let Some(table) = self.0 else { return Ok(Vec::new()) };
        Ok(table.vector(id, 4)?.i32s().collect())
    }

    fn text(&self, id: u16) -> Result<String, Error> {
        self.0.map_or(Ok(String::new()), |t| t.string(id))
    }

    fn padding(&self) -> Result<Option<Padding>, Error> {
        Ok(match self.i8(0)? {
            0 => Some(Padding::Same),
            1 => Some(Padding::Valid),
            _ => None,
        })
    }

    /// The file has columns before rows.
    fn stride(&self) -> Result<[i32; 2], Error> {
        Ok([self.i32(2, 0)?, self.i32(1, 0)?])
    }

    fn dilation(&self, columns: u16) -> Result<[i32; 2], Error> {
        Ok([self.i32(columns + 1, 1)?, self.i32(columns, 1)?])
    }

    fn pool(&self) -> Result<Option<Pool2d>, Error> {
        let (Some(padding), Some(activation)) = (self.padding()?, self.activation(5)?) else { return Ok(None) };
        let window = [self.i32(4, 0)?, self.i32(3, 0)?];
        Ok(Some(Pool2d { padding, stride: self.stride()?, window, activation }))
    }

    fn activation(&self, id: u16) -> Result<Option<Activation>, Error> {
        Ok(match self.i8(id)? {
            0 => Some(Activation::None),
            1 => Some(Activation::Relu),
            2 => Some(Activation::ReluN1To1),
            3 => Some(Activation::Relu6),
            4 => Some(Activation::Tanh),
            _ => None,
        })
    }

    fn dtype(&self, id: u16) -> Result<Option<TensorType>, Error> {
        Ok(TensorType::from_schema(self.i8(id)?))
    }
}
