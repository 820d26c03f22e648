//! Descriptions and errors as JSON, written by hand: a serializer library would be a third of the module.
//!
//! The forms are `mote_abi`'s `Description` and `GuestError`; tests read what is written here with those types.

use alloc::string::String;
use core::fmt::Write;

use mote_runtime::session::TensorInfo;
use mote_runtime::{Error, Session, Step};

/// A JSON value that is being written.
struct Json(String);

impl Json {
    /// A string, escaped.
    fn string(&mut self, text: &str) -> &mut Self {
        self.0.push('"');
        for c in text.chars() {
            match c {
                '"' => self.0.push_str("\\\""),
                '\\' => self.0.push_str("\\\\"),
                c if c < ' ' => {
                    self.0.push_str(if c < '\x10' { "\\u000" } else { "\\u001" });
                    self.0.push(char::from(b"0123456789abcdef"[c as usize % 16]));
                }
                c => self.0.push(c),
            }
        }
        self.0.push('"');
        self
    }

    fn raw(&mut self, text: &str) -> &mut Self {
        self.0.push_str(text);
        self
    }

    fn number(&mut self, value: i64) -> &mut Self {
        let _ = write!(self.0, "{value}");
        self
    }

    /// `"key":`, after a comma unless it is the first of its object.
    fn key(&mut self, key: &str) -> &mut Self {
        if !self.0.ends_with('{') {
            self.0.push(',');
        }
        self.string(key).raw(":")
    }

    fn field(&mut self, key: &str, value: usize) -> &mut Self {
        self.key(key).number(value as i64)
    }

    fn text(&mut self, key: &str, value: &str) -> &mut Self {
        self.key(key).string(value)
    }

    fn list<T>(&mut self, items: impl Iterator<Item = T>, mut write: impl FnMut(&mut Self, T)) -> &mut Self {
        self.raw("[");
        for (k, item) in items.enumerate() {
            self.raw(if k == 0 { "" } else { "," });
            write(self, item);
        }
        self.raw("]")
    }
}

/// `mote_abi::Description`.
pub(crate) fn description(session: &Session) -> String {
    let memory = session.memory();
    let mut json = Json(String::new());
    json.raw("{").text("name", session.description());
    json.key("inputs").list(session.inputs(), tensor);
    json.key("outputs").list(session.outputs(), tensor);
    json.field("arena_bytes", memory.arena)
        .field("arena_lower_bound", memory.lower_bound)
        .field("state_bytes", memory.state)
        .field("weight_bytes", memory.weights)
        .field("file_bytes", memory.file);
    json.key("ops").list(session.steps().iter(), step).raw("}");
    json.0
}

/// `mote_abi::GuestError`.
pub(crate) fn error(error: &Error) -> String {
    let mut json = Json(String::new());
    let place = alloc::format!("{}", error.place);
    json.raw("{")
        .text("kind", error.kind.name())
        .text("place", &place)
        .text("expected", &error.expected)
        .text("found", &error.found)
        .raw("}");
    json.0
}

fn step(json: &mut Json, step: &Step) {
    json.raw("{").field("node", step.node).text("op", &step.op).text("kernel", step.kernel);
    json.key("inputs").list(step.inputs.iter(), |json, &t| {
        json.number(t as i64);
    });
    json.key("outputs").list(step.outputs.iter(), tensor);
    json.field("macs", usize::try_from(step.macs).unwrap_or(usize::MAX))
        .field("weight_bytes", step.weight_bytes)
        .field("scratch_bytes", step.scratch_bytes)
        .raw("}");
}

fn tensor(json: &mut Json, tensor: &TensorInfo) {
    json.raw("{").field("index", tensor.index).text("name", &tensor.name).text("dtype", tensor.dtype.name());
    json.key("shape").list(tensor.shape.iter(), |json, &d| {
        json.number(d as i64);
    });
    match tensor.quant {
        Some(quant) => {
            json.key("scale_bits").number(i64::from(quant.scale.to_bits()));
            json.key("zero_point").number(i64::from(quant.zero_point));
        }
        None => {
            json.key("scale_bits").raw("null").key("zero_point").raw("null");
        }
    }
    json.field("bytes", tensor.bytes()).raw("}");
}

#[cfg(test)]
mod tests {
    use super::*;
    use mote_abi::GuestError;
    use mote_runtime::{ErrorKind, Place};

    #[test]
    fn errors_are_read_back_whatever_the_names_in_them() {
        let place = Place::Tensor { index: 3, name: "a \"b\" \\ \u{1} ü".into() };
        let told = Error::new(ErrorKind::Invalid, place, format_args!("x"), format_args!("y\n"));
        let read: GuestError = serde_json::from_str(&error(&told)).unwrap();
        assert_eq!(read.kind, "invalid");
        assert_eq!(read.place, "tensor 3 (a \"b\" \\ \u{1} ü)");
        assert_eq!((read.expected.as_str(), read.found.as_str()), ("x", "y\n"));
    }
}
