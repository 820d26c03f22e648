//! Why a file did not become a graph.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What is wrong with a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FileErrorKind {
    /// The bytes do not follow the format.
    Malformed,
    /// The graph contradicts itself.
    Invalid,
    /// Over a limit.
    Limit,
    /// Sound, but nothing that is imported here, whatever its nodes are.
    Unsupported,
}

/// The first thing that is wrong with a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileError {
    /// What kind.
    pub kind: FileErrorKind,
    /// Where: `node 3 (CONV_2D)`, `tensor 4 (w)`, `byte 12`.
    pub place: String,
    /// What should have been there.
    pub expected: String,
    /// What was there.
    pub found: String,
}

/// A node that is not supported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnsupportedNode {
    /// Its place in the file.
    pub index: usize,
    /// Its name in the file, or that of its first output.
    pub name: String,
    /// The operator, with its domain where that is not the format's own.
    pub op: String,
    /// The version of the operator: an ONNX opset, the version of a `.tflite` operator code.
    pub version: i64,
    /// Types of its inputs.
    pub dtypes: Vec<String>,
    /// Why it is not supported.
    pub why: String,
    /// What its owner can do about it.
    pub remedy: String,
}

/// Why a file did not become a graph.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ImportError {
    /// The file cannot be used.
    File(FileError),
    /// All of its nodes that are not supported; at least one.
    Nodes(Vec<UnsupportedNode>),
}

impl ImportError {
    /// A file that cannot be used.
    pub(crate) fn file(
        kind: FileErrorKind,
        place: impl Into<String>,
        expected: impl Into<String>,
        found: impl Into<String>,
    ) -> Self {
        Self::File(FileError { kind, place: place.into(), expected: expected.into(), found: found.into() })
    }
}

impl fmt::Display for FileErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            FileErrorKind::Malformed => "malformed",
            FileErrorKind::Invalid => "invalid",
            FileErrorKind::Limit => "over a limit",
            FileErrorKind::Unsupported => "unsupported",
        })
    }
}

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kind, place, expected, found } = self;
        write!(f, "{kind}: {place}: expected {expected}, found {found}")
    }
}

impl fmt::Display for UnsupportedNode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { index, name, op, version, dtypes, why, remedy } = self;
        let dtypes = dtypes.join(", ");
        write!(f, "node {index} ({name}): {op} version {version} of ({dtypes}): {why}; {remedy}")
    }
}

impl fmt::Display for ImportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ImportError::File(error) => error.fmt(f),
            ImportError::Nodes(nodes) => {
                let plural = if nodes.len() == 1 { "node is" } else { "nodes are" };
                write!(f, "{} {plural} not supported", nodes.len())?;
                nodes.iter().try_for_each(|node| write!(f, "\n  {node}"))
            }
        }
    }
}

impl std::error::Error for ImportError {}
