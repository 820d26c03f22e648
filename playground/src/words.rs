//! What failures say to people, in parts: who refused what, where, and what can be done about it.

use mote_models::graph::GraphError;
use mote_models::import::{FileError, ImportError, UnsupportedNode};
use mote_models::prune::PruneError;
use mote_models::quantize::QuantizeError;
use mote_models::recipe::RecipeError;
use mote_models::run::RunError;
use mote_models::samples::SampleError;

use crate::protocol::Failure;

/// A part of a failure: what it tells, and its text.
pub type Row = (&'static str, String);

/// One line that says who refused.
#[must_use]
pub fn title(failure: &Failure) -> String {
    match failure {
        Failure::Guest(error) => format!("The guest refused: {}", error.kind),
        Failure::Import(ImportError::File(error)) => format!("This file cannot be read: {}", error.kind),
        Failure::Import(ImportError::Nodes(nodes)) => match nodes.len() {
            1 => "This model has a node that is not supported".into(),
            count => format!("This model has {count} nodes that are not supported"),
        },
        Failure::Recipe(RecipeError::Import(error)) => title(&Failure::Import(error.clone())),
        Failure::Recipe(error) => match error {
            RecipeError::Samples(_) | RecipeError::Quantize(QuantizeError::Sample(_)) => {
                "These samples do not fit".into()
            }
            RecipeError::Prune(_) => "This model cannot be pruned like that".into(),
            RecipeError::Quantize(_) => "This model cannot be quantized like that".into(),
            RecipeError::Run(_) => "The guest did not run the model".into(),
            RecipeError::Graph(_) => "This network is not sound".into(),
            RecipeError::Text { .. }
            | RecipeError::Version { .. }
            | RecipeError::Source { .. }
            | RecipeError::Sample { .. }
            | RecipeError::Indices
            | RecipeError::Classes
            | RecipeError::Told { .. }
            | RecipeError::Absent
            | RecipeError::Import(_) => "This recipe does not fit".into(),
        },
        Failure::Data(_) => "These samples do not fit".into(),
        Failure::Page(_) => "The page could not do this".into(),
        Failure::Trap(_) => "The guest stopped and was thrown away".into(),
    }
}

/// The rest, in parts.
#[must_use]
pub fn rows(failure: &Failure) -> Vec<Row> {
    match failure {
        Failure::Guest(error) => parts(&error.place, &error.expected, &error.found, None),
        Failure::Import(error) => of_import(error),
        Failure::Recipe(error) => of_recipe(error),
        Failure::Data(text) | Failure::Page(text) | Failure::Trap(text) => vec![("why", text.clone())],
    }
}

fn of_import(error: &ImportError) -> Vec<Row> {
    match error {
        ImportError::File(FileError { kind: _, place, expected, found }) => parts(place, expected, found, None),
        ImportError::Nodes(nodes) => of_nodes(nodes),
    }
}

/// All of them; those that are refused for one reason are told together.
fn of_nodes(nodes: &[UnsupportedNode]) -> Vec<Row> {
    let mut groups: Vec<(String, Vec<String>)> = Vec::new();
    for UnsupportedNode { index, name, op, version, dtypes, why, remedy } in nodes {
        let reason = format!("{op} version {version} of ({}): {why}; {remedy}", dtypes.join(", "));
        let node = format!("{index} ({name})");
        match groups.iter_mut().find(|group| group.0 == reason) {
            Some(group) => group.1.push(node),
            None => groups.push((reason, vec![node])),
        }
    }
    let row = |(reason, nodes): (String, Vec<String>)| {
        (if nodes.len() == 1 { "node" } else { "nodes" }, format!("{}: {reason}", nodes.join(", ")))
    };
    groups.into_iter().map(row).collect()
}

fn of_recipe(error: &RecipeError) -> Vec<Row> {
    match error {
        RecipeError::Import(error) => of_import(error),
        RecipeError::Graph(error) | RecipeError::Quantize(QuantizeError::Graph(error)) => of_graph(error),
        RecipeError::Samples(error) | RecipeError::Quantize(QuantizeError::Sample(error)) => {
            let SampleError { kind: _, place, expected, found, remedy } = error;
            parts(place, expected, found, Some(remedy))
        }
        RecipeError::Run(RunError::Refused(error))
        | RecipeError::Quantize(QuantizeError::Run(RunError::Refused(error))) => {
            parts(&error.place, &error.expected, &error.found, None)
        }
        RecipeError::Prune(PruneError { kind: _, place, expected, found, remedy })
        | RecipeError::Quantize(QuantizeError::Unsuited { place, expected, found, remedy }) => {
            parts(place, expected, found, Some(remedy))
        }
        RecipeError::Told { place, expected, found } => parts(place, expected, found, None),
        RecipeError::Text { .. }
        | RecipeError::Version { .. }
        | RecipeError::Source { .. }
        | RecipeError::Sample { .. }
        | RecipeError::Indices
        | RecipeError::Classes
        | RecipeError::Absent
        | RecipeError::Run(RunError::Engine(_))
        | RecipeError::Quantize(QuantizeError::Run(RunError::Engine(_)) | QuantizeError::Cancelled) => {
            vec![("why", error.to_string())]
        }
    }
}

fn of_graph(GraphError { place, expected, found }: &GraphError) -> Vec<Row> {
    parts(place, expected, found, None)
}

fn parts(place: &str, expected: &str, found: &str, remedy: Option<&String>) -> Vec<Row> {
    let mut rows = vec![("where", place.into()), ("expected", expected.into()), ("found", found.into())];
    rows.extend(remedy.map(|remedy| ("what to do", remedy.clone())));
    rows
}

#[cfg(test)]
mod tests {
    use super::*;
    use mote_models::samples::SampleErrorKind;

    #[test]
    fn all_nodes_that_are_not_supported_are_listed() {
        let node = |index, op: &str| UnsupportedNode {
            index,
            name: format!("n{index}"),
            op: op.into(),
            version: 18,
            dtypes: vec!["float32".into()],
            why: "there is no such operator here".into(),
            remedy: "replace it".into(),
        };
        let failure = Failure::Import(ImportError::Nodes(vec![node(3, "Loop"), node(7, "Einsum")]));
        assert_eq!(title(&failure), "This model has 2 nodes that are not supported");
        let rows = rows(&failure);
        assert_eq!(rows.len(), 2);
        let same = Failure::Import(ImportError::Nodes(vec![node(3, "Loop"), node(7, "Einsum"), node(9, "Loop")]));
        let together = super::rows(&same);
        assert_eq!((together.len(), together[0].0), (2, "nodes"));
        assert!(together[0].1.starts_with("3 (n3), 9 (n9): Loop version 18"), "{together:?}");
        assert!(rows[1].1.starts_with("7 (n7): Einsum version 18 of (float32)") && rows[1].1.ends_with("replace it"));
    }

    #[test]
    fn an_error_of_the_pipeline_says_where_and_what_to_do() {
        let samples = SampleError {
            kind: SampleErrorKind::Shape,
            place: "input 0 (x)".into(),
            expected: "1x8x8x1".into(),
            found: "7x7".into(),
            remedy: "resize them".into(),
        };
        for error in [RecipeError::Samples(samples.clone()), RecipeError::Quantize(QuantizeError::Sample(samples))] {
            let failure = Failure::Recipe(error);
            assert_eq!(title(&failure), "These samples do not fit");
            let names: Vec<_> = rows(&failure).into_iter().map(|(name, _)| name).collect();
            assert_eq!(names, ["where", "expected", "found", "what to do"]);
        }
    }
}
