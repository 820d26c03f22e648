//! A model as C for TensorFlow Lite Micro: a header and a source file that a sketch includes as they are.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::micro::{micro_arena_bytes, resolver};
use super::tflite;
use crate::graph::{Graph, GraphError, Metadata, Node, Normalization, Value};
use crate::run::Description;

/// The two files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CSource {
    /// The name of everything in them.
    pub name: String,
    /// Sizes, scales, class names and the operators to register.
    pub header: String,
    /// The model's bytes, and the class names.
    pub source: String,
}

/// Bytes of the model on a line.
const COLUMNS: usize = 16;

/// A graph as C. `file` is what the header and the source are called before their endings; an identifier is made of it, which
/// all names in them begin with. Metadata stays out of the model's bytes: names of classes and
/// scales are in the header, where a sketch can reach them.
///
/// `description` is what the runtime tells of the same graph; the arena follows from it, see [`micro_arena_bytes`].
///
/// # Errors
/// When the graph is not sound, or has an operator that TensorFlow Lite Micro does not have.
pub fn c_source(file: &str, graph: &Graph, description: &Description) -> Result<CSource, GraphError> {
    let name = identifier(file);
    let model = tflite(&Graph { metadata: Metadata::default(), ..graph.clone() })?;
    let adds = registrations(graph)?;
    let labels = &graph.metadata.labels;
    let guard = format!("{}_H_", name.to_uppercase());
    let header = Header { name: &name, graph, file_bytes: model.len(), arena: micro_arena_bytes(graph, description) };
    let mut h = format!("#ifndef {guard}\n#define {guard}\n\n");
    h += &header.text(&adds, labels);
    let _ = writeln!(h, "#endif /* {guard} */");
    Ok(CSource { source: source(file, &name, &model, labels), header: h, name })
}

struct Header<'g> {
    name: &'g str,
    graph: &'g Graph,
    file_bytes: usize,
    arena: usize,
}

impl Header<'_> {
    fn text(&self, adds: &BTreeSet<&str>, labels: &[String]) -> String {
        let Self { name, graph, file_bytes, arena } = self;
        let upper = name.to_uppercase();
        let mut h = String::from("#ifdef __cplusplus\nextern \"C\" {\n#endif\n\n");
        let _ = writeln!(h, "/* The model, a .tflite file. */\n#define {upper}_BYTES {file_bytes}");
        let _ = writeln!(h, "extern const unsigned char {name}[{upper}_BYTES];\n");
        h += "/* Bytes of tensor arena: values, state, and the interpreter's records, for reference kernels on 64 bits. Optimized\n";
        h += "   kernels may take scratch on top; arena_used_bytes() tells what a build takes. */\n";
        let _ = writeln!(h, "#define {upper}_ARENA_BYTES {arena}\n");
        if let Some(Normalization { mean, deviation }) = &graph.metadata.normalization {
            h += "/* Input 0 takes (raw - mean) / deviation, before it is quantized; one of each, or one for each channel. */\n";
            let _ = writeln!(h, "#define {upper}_INPUT_MEAN {}", initializer(mean));
            let _ = writeln!(h, "#define {upper}_INPUT_DEVIATION {}\n", initializer(deviation));
        }
        for (what, ids) in [("INPUT", &graph.inputs), ("OUTPUT", &graph.outputs)] {
            for (k, id) in ids.iter().enumerate() {
                let prefix = if k == 0 { format!("{upper}_{what}") } else { format!("{upper}_{what}_{k}") };
                h += &port(&prefix, graph.value(*id));
            }
        }
        if !labels.is_empty() {
            let _ = writeln!(h, "#define {upper}_CLASSES {}", labels.len());
            let _ = writeln!(h, "extern const char *const {name}_labels[{upper}_CLASSES];\n");
        }
        h += "#ifdef __cplusplus\n}\n\n";
        let count = adds.len();
        let _ = write!(
            h,
            "/* For tflite::MicroMutableOpResolver<{upper}_OPERATORS>. */\n#define {upper}_OPERATORS {count}\n"
        );
        let _ =
            write!(h, "template <typename Resolver>\ninline bool {name}_register(Resolver &resolver) {{\n  return ");
        // kTfLiteOk is 0.
        let calls: Vec<String> = adds.iter().map(|add| format!("resolver.{add}() == 0")).collect();
        let calls = if calls.is_empty() { "true".to_owned() } else { calls.join(" &&\n         ") };
        let _ = writeln!(h, "{calls};\n}}\n#endif\n");
        h
    }
}

/// An input's or output's size, and its scale: real = scale * (stored - zero point).
fn port(prefix: &str, value: &Value) -> String {
    let shape: Vec<String> = value.shape.iter().map(ToString::to_string).collect();
    let dtype = format!("{:?}", value.dtype).to_lowercase();
    let mut text = format!("/* {dtype}, {}. */\n#define {prefix}_ELEMENTS {}\n", shape.join(" x "), value.len());
    if let Some(quantization) = &value.quantization
        && let (&[scale], &[zero_point]) = (&quantization.scales[..], &quantization.zero_points[..])
    {
        // As many digits as tell this float32 from its neighbours.
        let _ = write!(text, "#define {prefix}_SCALE {scale:e}f\n#define {prefix}_ZERO_POINT ({zero_point})\n");
    }
    text.push('\n');
    text
}

/// One number, or several as an array is initialized.
fn initializer(numbers: &[f32]) -> String {
    let list: Vec<String> = numbers.iter().map(|number| format!("{number:e}f")).collect();
    if list.len() == 1 { list.concat() } else { format!("{{{}}}", list.join(", ")) }
}

fn source(file: &str, name: &str, model: &[u8], labels: &[String]) -> String {
    let mut c = format!(
        "#include \"{file}.h\"\n\n/* FlatBuffers are read where they lie, so they are aligned as their widest vectors. */\n"
    );
    c += "#if defined(__cplusplus) || __STDC_VERSION__ >= 201112L\n#ifndef __cplusplus\n#define alignas _Alignas\n#endif\nalignas(16)\n";
    c += "#elif defined(__GNUC__)\n__attribute__((aligned(16)))\n#endif\n";
    let _ = writeln!(c, "const unsigned char {name}[{}_BYTES] = {{", name.to_uppercase());
    for line in model.chunks(COLUMNS) {
        let bytes: Vec<String> = line.iter().map(|byte| format!("0x{byte:02x},")).collect();
        let _ = writeln!(c, "  {}", bytes.join(" "));
    }
    c += "};\n";
    if !labels.is_empty() {
        let _ = writeln!(c, "\nconst char *const {name}_labels[{}_CLASSES] = {{", name.to_uppercase());
        for label in labels {
            let _ = writeln!(c, "  \"{}\",", escaped(label));
        }
        c += "};\n";
    }
    c
}

/// The resolver's functions for a graph's operators, each once.
fn registrations(graph: &Graph) -> Result<BTreeSet<&'static str>, GraphError> {
    let of = |(n, node): (usize, &Node)| {
        resolver(&node.op).ok_or_else(|| GraphError {
            place: format!("node {n} ({}, {})", node.name, node.op.name()),
            expected: "an operator of TensorFlow Lite Micro".into(),
            found: "one that it does not have".into(),
        })
    };
    graph.nodes.iter().enumerate().map(of).collect()
}

/// Words of C++17 and C11 that are written as identifiers are, in small letters.
const KEYWORDS: &[&str] = &[
    "alignas",
    "alignof",
    "and",
    "and_eq",
    "asm",
    "auto",
    "bitand",
    "bitor",
    "bool",
    "break",
    "case",
    "catch",
    "char",
    "char16_t",
    "char32_t",
    "class",
    "compl",
    "const",
    "const_cast",
    "constexpr",
    "continue",
    "decltype",
    "default",
    "delete",
    "do",
    "double",
    "dynamic_cast",
    "else",
    "enum",
    "explicit",
    "export",
    "extern",
    "false",
    "float",
    "for",
    "friend",
    "goto",
    "if",
    "inline",
    "int",
    "long",
    "main",
    "mutable",
    "namespace",
    "new",
    "noexcept",
    "not",
    "not_eq",
    "nullptr",
    "operator",
    "or",
    "or_eq",
    "private",
    "protected",
    "public",
    "register",
    "reinterpret_cast",
    "restrict",
    "return",
    "short",
    "signed",
    "sizeof",
    "static",
    "static_assert",
    "static_cast",
    "struct",
    "switch",
    "template",
    "this",
    "thread_local",
    "throw",
    "true",
    "try",
    "typedef",
    "typeid",
    "typename",
    "union",
    "unsigned",
    "using",
    "virtual",
    "void",
    "volatile",
    "wchar_t",
    "while",
    "xor",
    "xor_eq",
];

/// A name that C and C++ take: letters, digits and `_`, no digit first, no keyword. Of an identifier it is that itself.
#[must_use]
pub fn identifier(name: &str) -> String {
    let mut identifier: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' }).collect();
    if identifier.chars().next().is_none_or(|c| c.is_ascii_digit()) || KEYWORDS.contains(&identifier.as_str()) {
        identifier.insert_str(0, "model_");
    }
    identifier
}

/// A text as it stands in a C string: bytes other than printable ASCII as octal escapes, which are at most three digits long.
fn escaped(text: &str) -> String {
    let one = |byte: u8| match byte {
        b'"' | b'\\' | b'?' => format!("\\{}", byte as char),
        b' '..=b'~' => (byte as char).to_string(),
        _ => format!("\\{byte:03o}"),
    };
    text.bytes().map(one).collect()
}
