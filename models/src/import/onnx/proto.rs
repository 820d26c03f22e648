//! The messages of an ONNX file, as far as they are imported.
//!
//! Source: `onnx/onnx.proto3`, whose field numbers stand in the matches below. Fields that are not named there are skipped.

use super::limits::{ENTRIES, NODES};
use super::wire::{Field, Message};
use crate::import::{FileErrorKind, ImportError};

/// A file.
#[derive(Debug, Default)]
pub(super) struct Model<'a> {
    /// Operator sets: domain and version.
    pub(super) opsets: Vec<(&'a str, i64)>,
    pub(super) graph: Option<Graph<'a>>,
    /// Whether it defines functions of its own.
    pub(super) has_functions: bool,
}

/// A graph.
#[derive(Debug, Default)]
pub(super) struct Graph<'a> {
    pub(super) name: &'a str,
    pub(super) nodes: Vec<Node<'a>>,
    pub(super) initializers: Vec<Tensor<'a>>,
    pub(super) inputs: Vec<ValueInfo<'a>>,
    pub(super) outputs: Vec<ValueInfo<'a>>,
    /// Whether it has initializers in the sparse form.
    pub(super) has_sparse: bool,
}

/// A node.
#[derive(Debug, Default)]
pub(super) struct Node<'a> {
    pub(super) name: &'a str,
    pub(super) op: &'a str,
    pub(super) domain: &'a str,
    /// Names; empty for an optional input that is left out.
    pub(super) inputs: Vec<&'a str>,
    pub(super) outputs: Vec<&'a str>,
    pub(super) attributes: Vec<Attribute<'a>>,
}

/// An attribute of a node.
#[derive(Debug)]
pub(super) struct Attribute<'a> {
    pub(super) name: &'a str,
    pub(super) value: AttributeValue<'a>,
}

/// What an attribute holds.
#[derive(Debug)]
pub(super) enum AttributeValue<'a> {
    Float(f32),
    Int(i64),
    Text(&'a [u8]),
    Tensor(Box<Tensor<'a>>),
    Floats(Vec<f32>),
    Ints(Vec<i64>),
    Texts(Vec<&'a [u8]>),
    /// A graph inside the graph, or several.
    Graph,
    /// Another kind: a sparse tensor, a type.
    Other,
}

/// A constant tensor.
#[derive(Debug, Default, Clone)]
pub(super) struct Tensor<'a> {
    pub(super) name: &'a str,
    pub(super) dims: Vec<i64>,
    /// The number of its type in the schema.
    pub(super) data_type: i64,
    pub(super) raw: Option<&'a [u8]>,
    pub(super) floats: Vec<f32>,
    /// Of `int32_data`, which holds all integer types below 32 bits too.
    pub(super) int32s: Vec<i64>,
    pub(super) int64s: Vec<i64>,
    pub(super) doubles: Vec<f64>,
    pub(super) uint64s: Vec<i64>,
    /// The file that holds its data, if that is another one.
    pub(super) external: Option<&'a str>,
}

/// The description of an input or output.
#[derive(Debug, Default)]
pub(super) struct ValueInfo<'a> {
    pub(super) name: &'a str,
    /// The number of its element type in the schema; none when it is no tensor.
    pub(super) data_type: Option<i64>,
    /// Its extents; none when they are not told.
    pub(super) dims: Option<Vec<Dim<'a>>>,
}

/// An extent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dim<'a> {
    Fixed(i64),
    /// Open, with a name or without.
    Open(&'a str),
}

/// Reads a file, and counts what it takes from it.
pub(super) fn read(file: &[u8]) -> Result<Model<'_>, ImportError> {
    Reader { entries: 0 }.model(Message::of_file(file))
}

/// Reads a file that is one tensor.
pub(super) fn read_tensor(file: &[u8]) -> Result<Tensor<'_>, ImportError> {
    Reader { entries: 0 }.tensor(Message::of_file(file))
}

struct Reader {
    entries: usize,
}

impl Reader {
    /// One more message, name or the like.
    fn entry(&mut self) -> Result<(), ImportError> {
        self.entries += 1;
        if self.entries <= ENTRIES {
            return Ok(());
        }
        let expected = format!("at most {ENTRIES} nodes, names, attributes and tensors together");
        Err(ImportError::file(FileErrorKind::Limit, "file", expected, "more"))
    }

    fn model<'a>(&mut self, mut message: Message<'a>) -> Result<Model<'a>, ImportError> {
        let mut model = Model::default();
        while let Some(field) = message.next()? {
            match field.number {
                // A message that stands twice is one message: its parts are merged.
                7 => self.graph(field.message()?, model.graph.get_or_insert_default())?,
                8 => {
                    self.entry()?;
                    model.opsets.push(opset(field.message()?)?);
                }
                25 => model.has_functions = true,
                _ => {}
            }
        }
        Ok(model)
    }

    fn graph<'a>(&mut self, mut message: Message<'a>, graph: &mut Graph<'a>) -> Result<(), ImportError> {
        while let Some(field) = message.next()? {
            match field.number {
                1 => {
                    if graph.nodes.len() == NODES {
                        return Err(ImportError::file(FileErrorKind::Limit, "graph", format!("{NODES} nodes"), "more"));
                    }
                    graph.nodes.push(self.node(field.message()?)?);
                }
                2 => graph.name = field.text()?,
                5 => graph.initializers.push(self.tensor(field.message()?)?),
                11 => graph.inputs.push(self.value_info(field.message()?)?),
                12 => graph.outputs.push(self.value_info(field.message()?)?),
                15 => graph.has_sparse = true,
                _ => {}
            }
        }
        Ok(())
    }

    fn node<'a>(&mut self, mut message: Message<'a>) -> Result<Node<'a>, ImportError> {
        self.entry()?;
        let mut node = Node::default();
        while let Some(field) = message.next()? {
            match field.number {
                1 => {
                    self.entry()?;
                    node.inputs.push(field.text()?);
                }
                2 => {
                    self.entry()?;
                    node.outputs.push(field.text()?);
                }
                3 => node.name = field.text()?,
                4 => node.op = field.text()?,
                5 => node.attributes.push(self.attribute(field.message()?)?),
                7 => node.domain = field.text()?,
                _ => {}
            }
        }
        Ok(node)
    }

    fn attribute<'a>(&mut self, mut message: Message<'a>) -> Result<Attribute<'a>, ImportError> {
        self.entry()?;
        let (mut name, mut kind, mut value) = ("", 0, None);
        let (mut float, mut int, mut text) = (0.0, 0, &[][..]);
        let (mut floats, mut ints, mut texts) = (Vec::new(), Vec::new(), Vec::new());
        while let Some(field) = message.next()? {
            match field.number {
                1 => name = field.text()?,
                2 => float = field.float()?,
                3 => int = field.integer()?,
                4 => text = field.bytes()?,
                5 => value = Some(AttributeValue::Tensor(Box::new(self.tensor(field.message()?)?))),
                6 | 11 => value = Some(AttributeValue::Graph),
                7 => field.floats(&mut floats)?,
                8 => field.integers(&mut ints)?,
                9 => {
                    self.entry()?;
                    texts.push(field.bytes()?);
                }
                20 => kind = field.integer()?,
                _ => {}
            }
        }
        let value = match (kind, value) {
            (1, _) => AttributeValue::Float(float),
            (2, _) => AttributeValue::Int(int),
            (3, _) => AttributeValue::Text(text),
            (6, _) => AttributeValue::Floats(floats),
            (7, _) => AttributeValue::Ints(ints),
            (8, _) => AttributeValue::Texts(texts),
            (_, Some(value)) => value,
            _ => AttributeValue::Other,
        };
        Ok(Attribute { name, value })
    }

    fn tensor<'a>(&mut self, mut message: Message<'a>) -> Result<Tensor<'a>, ImportError> {
        self.entry()?;
        let mut tensor = Tensor::default();
        while let Some(field) = message.next()? {
            match field.number {
                1 => field.integers(&mut tensor.dims)?,
                2 => tensor.data_type = field.integer()?,
                4 => field.floats(&mut tensor.floats)?,
                5 => field.integers(&mut tensor.int32s)?,
                7 => field.integers(&mut tensor.int64s)?,
                8 => tensor.name = field.text()?,
                9 => tensor.raw = Some(field.bytes()?),
                10 => field.doubles(&mut tensor.doubles)?,
                11 => field.integers(&mut tensor.uint64s)?,
                13 => {
                    self.entry()?;
                    let (key, value) = key_and_value(field.message()?)?;
                    let location = tensor.external.get_or_insert("");
                    if key == "location" {
                        *location = value;
                    }
                }
                // data_location EXTERNAL.
                14 if field.integer()? == 1 => {
                    tensor.external.get_or_insert("");
                }
                _ => {}
            }
        }
        Ok(tensor)
    }

    fn value_info<'a>(&mut self, mut message: Message<'a>) -> Result<ValueInfo<'a>, ImportError> {
        self.entry()?;
        let mut info = ValueInfo::default();
        while let Some(field) = message.next()? {
            match field.number {
                1 => info.name = field.text()?,
                2 => {
                    let mut kinds = field.message()?;
                    while let Some(kind) = kinds.next()? {
                        if kind.number == 1 {
                            self.tensor_type(&kind, &mut info)?;
                        }
                    }
                }
                _ => {}
            }
        }
        Ok(info)
    }

    fn tensor_type<'a>(&mut self, field: &Field<'a>, info: &mut ValueInfo<'a>) -> Result<(), ImportError> {
        let mut message = field.message()?;
        while let Some(field) = message.next()? {
            match field.number {
                1 => info.data_type = Some(field.integer()?),
                2 => {
                    let dims = info.dims.get_or_insert_default();
                    let mut shape = field.message()?;
                    while let Some(field) = shape.next()? {
                        if field.number == 1 {
                            self.entry()?;
                            dims.push(dim(field.message()?)?);
                        }
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }
}

fn dim(mut message: Message<'_>) -> Result<Dim<'_>, ImportError> {
    let mut dim = Dim::Open("");
    while let Some(field) = message.next()? {
        match field.number {
            1 => dim = Dim::Fixed(field.integer()?),
            2 => dim = Dim::Open(field.text()?),
            _ => {}
        }
    }
    Ok(dim)
}

fn opset(mut message: Message<'_>) -> Result<(&str, i64), ImportError> {
    let (mut domain, mut version) = ("", 0);
    while let Some(field) = message.next()? {
        match field.number {
            1 => domain = field.text()?,
            2 => version = field.integer()?,
            _ => {}
        }
    }
    Ok((domain, version))
}

fn key_and_value(mut message: Message<'_>) -> Result<(&str, &str), ImportError> {
    let (mut key, mut value) = ("", "");
    while let Some(field) = message.next()? {
        match field.number {
            1 => key = field.text()?,
            2 => value = field.text()?,
            _ => {}
        }
    }
    Ok((key, value))
}
