//! Operators of one subgraph, in order: wiring checked, prepared, and run at once where all their inputs are constants.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::cell::RefCell;

use super::padding::{self, Padded, Readers};
use crate::bytes::AlignedBytes;
use crate::dtype::DType;
use crate::error::{Error, ErrorKind, Place};
use crate::kernels::Backend;
use crate::model::{Model, Operator, Subgraph, Tensor};
use crate::node::{Node, Operand};
use crate::ops::{self, OpCode, Prepared};
use crate::program::{Call, Layout, Location, Span};
use crate::session::LoadOptions;

/// A subgraph whose operators are ready to be placed.
pub(crate) struct PreparedGraph<'a> {
    /// Its index in the model.
    pub(crate) index: usize,
    pub(crate) subgraph: &'a Subgraph<'a>,
    pub(crate) steps: Vec<PreparedStep>,
    /// Values of tensors that were computed while loading.
    pub(crate) folded: Vec<Option<AlignedBytes>>,
    /// Where each tensor that is kept between runs lies, once that is settled.
    pub(crate) tensors: Vec<Option<Location>>,
}

/// An operator that runs in each run.
pub(crate) struct PreparedStep {
    pub(crate) node: usize,
    pub(crate) op: &'static str,
    pub(crate) prepared: Prepared,
    pub(crate) inputs: Vec<Option<usize>>,
    pub(crate) outputs: Vec<usize>,
    /// Where the state that it keeps lies, once that is settled.
    pub(crate) state: Option<Span>,
}

impl PreparedGraph<'_> {
    /// The value of a tensor that is known when the model is loaded.
    pub(crate) fn constant(&self, tensor: usize) -> Option<&[u8]> {
        self.folded[tensor].as_ref().map(AlignedBytes::as_slice).or(self.subgraph.tensors[tensor].constant.as_deref())
    }
}

pub(crate) fn prepare_graph<'a>(
    model: &'a Model<'a>,
    index: usize,
    options: &LoadOptions,
) -> Result<PreparedGraph<'a>, Error> {
    let subgraph = &model.subgraphs[index];
    let count = subgraph.tensors.len();
    let mut graph = PreparedGraph {
        index,
        subgraph,
        steps: Vec::new(),
        folded: core::iter::repeat_with(|| None).take(count).collect(),
        tensors: alloc::vec![None; count],
    };
    add_steps(&mut graph, options)?;
    Ok(graph)
}

fn add_steps(graph: &mut PreparedGraph<'_>, options: &LoadOptions) -> Result<(), Error> {
    let subgraph = graph.subgraph;
    let mut written = Written::new(subgraph);
    written.inputs()?;
    let readers = Readers::of(subgraph);
    let mut folded_bytes = 0usize;
    for operator in &subgraph.operators {
        let code = code(operator)?;
        written.operator(operator)?;
        let padded = if options.reference { None } else { padding::padded(graph, operator, code, &readers) };
        let mut prepared = prepare(graph, operator, code, padded, options)?;
        if matches!(code, OpCode::VarHandle | OpCode::CallOnce) {
            continue;
        }
        let constant = |&t: &usize| graph.constant(t).is_some() || subgraph.tensors[t].shape.is_none();
        // Shapes are static, so a SHAPE is as good as a constant.
        let foldable = !operator.inputs.is_empty()
            && (code == OpCode::Shape || operator.inputs.iter().flatten().all(constant))
            && prepared.state == 0
            && !operator.outputs.is_empty();
        if foldable {
            fold(graph, operator, code, &mut prepared, &mut folded_bytes, options.limits.arena_bytes)?;
        } else {
            let mut inputs = operator.inputs.clone();
            if let Some(Padded { image, .. }) = padded {
                graph.steps.pop();
                inputs[0] = Some(image);
            }
            graph.steps.push(PreparedStep {
                node: operator.index,
                op: code.name(),
                prepared,
                inputs,
                outputs: operator.outputs.clone(),
                state: None,
            });
        }
    }
    for &output in &subgraph.outputs {
        written.read(output, None, "a graph output that is computed")?;
    }
    Ok(())
}

/// Where errors about an operator point to.
pub(crate) fn place(operator: &Operator<'_>) -> Place {
    Place::Node { index: operator.index, op: OpCode::of(operator).map_or("?", OpCode::name).into() }
}

fn code(operator: &Operator<'_>) -> Result<OpCode, Error> {
    OpCode::of(operator).ok_or_else(|| {
        let op = match operator.custom_name.as_str() {
            "" => format!("builtin operator {}", operator.code),
            name => format!("custom operator {name}"),
        };
        Error::new(
            ErrorKind::Unsupported,
            Place::Node { index: operator.index, op: op.clone() },
            format_args!("an operator that Mote runs"),
            format_args!("{op}, version {}", operator.version),
        )
    })
}

/// Which tensors have a value so far: an operator may read only those, and each is written once.
struct Written<'a> {
    subgraph: &'a Subgraph<'a>,
    has_value: Vec<bool>,
}

impl<'a> Written<'a> {
    fn new(subgraph: &'a Subgraph<'a>) -> Self {
        let has_value = |t: &Tensor<'_>| t.constant.is_some() || t.is_variable || t.shape.is_none();
        Self { subgraph, has_value: subgraph.tensors.iter().map(has_value).collect() }
    }

    fn inputs(&mut self) -> Result<(), Error> {
        for &input in &self.subgraph.inputs {
            let tensor = &self.subgraph.tensors[input];
            if tensor.dtype()? == DType::Resource {
                return Err(tensor.error(
                    ErrorKind::Invalid,
                    format_args!("a graph input with elements"),
                    format_args!("a handle"),
                ));
            }
            tensor.shape()?;
            if core::mem::replace(&mut self.has_value[input], true) {
                return Err(tensor.error(
                    ErrorKind::Invalid,
                    format_args!("each graph input once"),
                    format_args!("twice"),
                ));
            }
        }
        Ok(())
    }

    fn operator(&mut self, operator: &Operator<'_>) -> Result<(), Error> {
        for &input in operator.inputs.iter().flatten() {
            self.read(input, Some(operator), "inputs that earlier operators have written")?;
        }
        for &output in &operator.outputs {
            if core::mem::replace(&mut self.has_value[output], true) {
                let found = format_args!("tensor {output}, which has a value already");
                let expected = format_args!("outputs that are written once");
                return Err(Error::new(ErrorKind::Invalid, place(operator), expected, found));
            }
        }
        Ok(())
    }

    /// Refuses a tensor without a value, which an operator or, if that is none, the caller reads.
    fn read(&self, tensor: usize, reader: Option<&Operator<'_>>, expected: &'static str) -> Result<(), Error> {
        if self.has_value[tensor] {
            return Ok(());
        }
        let name: &String = &self.subgraph.tensors[tensor].name;
        let found = format_args!("tensor {tensor} ({name}): a cycle, a wrong order, or nobody writes it");
        Err(Error::new(ErrorKind::Invalid, reader.map_or(Place::File, place), format_args!("{expected}"), found))
    }
}

fn prepare(
    graph: &PreparedGraph<'_>,
    operator: &Operator<'_>,
    code: OpCode,
    padded: Option<Padded>,
    options: &LoadOptions,
) -> Result<Prepared, Error> {
    let mut node = Node {
        index: operator.index,
        op: code.name(),
        version: operator.version,
        inputs: Vec::with_capacity(operator.inputs.len()),
        outputs: Vec::with_capacity(operator.outputs.len()),
        intermediates: operator.intermediates.iter().map(|&t| &graph.subgraph.tensors[t]).collect(),
        options: operator.options,
        custom_options: operator.custom_options,
        backend: Backend::choose(options.reference),
        margins: padded.map_or([[0; 2]; 2], |padded| padded.margins),
        refusal: RefCell::default(),
    };
    add_operands(&mut node, graph, operator)?;
    if let (Some(Padded { image, .. }), [Some(x), ..]) = (padded, &mut *node.inputs) {
        // Stored as the padded image, which has the same elements.
        x.shape = graph.subgraph.tensors[image].shape()?;
    }
    ops::prepare(code, &node)
}

fn add_operands<'n>(node: &mut Node<'n>, graph: &'n PreparedGraph<'_>, operator: &Operator<'_>) -> Result<(), Error> {
    let operand = |t: usize| -> Result<Operand<'n>, Error> {
        let tensor = &graph.subgraph.tensors[t];
        Ok(Operand { tensor, dtype: tensor.dtype()?, shape: tensor.shape()?, constant: graph.constant(t) })
    };
    for input in &operator.inputs {
        node.inputs.push(match *input {
            Some(t) if graph.subgraph.tensors[t].shape.is_some() => Some(operand(t)?),
            Some(_) | None => None,
        });
    }
    for &output in &operator.outputs {
        node.outputs.push(operand(output)?);
    }
    Ok(())
}

/// Runs an operator on constants, in a small arena of its own. `total` counts the bytes of all that is folded, up to `limit`.
fn fold(
    graph: &mut PreparedGraph<'_>,
    operator: &Operator<'_>,
    code: OpCode,
    prepared: &mut Prepared,
    total: &mut usize,
    limit: usize,
) -> Result<(), Error> {
    let overflow = || {
        let expected = format_args!("at most {limit} bytes of folded constants");
        Error::new(ErrorKind::Limit, place(operator), expected, format_args!("more"))
    };
    let mut end = 0usize;
    let mut take = |len: usize| {
        let begin = end;
        end = crate::bytes::align_up(len).and_then(|l| end.checked_add(l)).ok_or_else(overflow)?;
        Ok::<_, Error>(Span { begin, len })
    };
    let mut layout = Layout::default();
    for (k, input) in operator.inputs.iter().enumerate() {
        layout.inputs.push(match input.filter(|_| prepared.reads(k)).and_then(|t| graph.constant(t)) {
            None => Location::Absent,
            Some(value) => Location::Arena(take(value.len())?),
        });
    }
    for &output in &operator.outputs {
        let bytes = graph.subgraph.tensors[output].bytes()?;
        *total = total.checked_add(bytes).filter(|&t| t <= limit).ok_or_else(overflow)?;
        layout.outputs.push(take(bytes)?);
    }
    if prepared.scratch > 0 {
        layout.scratch = Some(take(prepared.scratch)?);
    }
    let mut arena = AlignedBytes::zeroed(end)?;
    for (input, location) in operator.inputs.iter().zip(&layout.inputs) {
        if let (&Some(t), &Location::Arena(span)) = (input, location) {
            arena.as_mut_slice()[span.range()].copy_from_slice(graph.constant(t).unwrap_or_default());
        }
    }
    Call::new(prepared.take_run(), (operator.index, code.name()), &layout)?.run(arena.as_mut_slice(), &[])?;
    for (&output, span) in operator.outputs.iter().zip(&layout.outputs) {
        graph.folded[output] = Some(AlignedBytes::copy_of(&arena.as_slice()[span.range()])?);
    }
    Ok(())
}
