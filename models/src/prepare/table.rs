//! Rows of a table as samples.

use mote_abi::Tensor;

use super::Columns;
use super::error::PrepareError;
use super::read::Read;
use crate::data::csv::{Column, Table};
use crate::data::{Array, Elements};
use crate::samples::{SampleError, SampleErrorKind, Targets};

/// Samples of the chosen columns. Where the input has r times as many elements as there are columns, r rows one after the other are
/// one sample; none shares a row with another, so that no row is on both sides of a split, and none has rows of two labels.
///
/// # Errors
/// When no column is chosen, one is not there or holds no numbers, or the input has not some times as many elements.
pub(super) fn samples(bytes: &[u8], columns: &Columns, input: &Tensor) -> Result<Read, PrepareError> {
    let table = Table::read_with(bytes, columns.header)?;
    let (count, elements) = (columns.features.len(), input.elements());
    if count == 0 || elements == 0 || !elements.is_multiple_of(count) {
        return Err(SampleError {
            kind: SampleErrorKind::Shape,
            place: "columns".into(),
            expected: format!(
                "{elements} columns of numbers, or a number that divides it, for rows that follow one another"
            ),
            found: format!("{count} chosen"),
            remedy: "choose the columns that the model was trained on, in their order".into(),
        }
        .into());
    }
    let rows = elements / count;
    let chosen: Vec<Column> = columns.features.iter().map(|&at| Column::Index(at)).collect();
    let (_, numbers) = table.numbers(&chosen)?.into_parts();
    let labels = columns.label.map(|at| table.text(&Column::Index(at))).transpose()?;
    let alike = |from: usize| match &labels {
        Some(labels) => labels[from..from + rows].iter().all(|label| *label == labels[from]),
        None => true,
    };
    let mut starts = Vec::new();
    let mut from = 0;
    while from + rows <= table.rows() {
        if alike(from) {
            starts.push(from);
            from += rows;
        } else {
            // The next one begins where the label changes, so that as few rows as can be are lost.
            from += 1;
        }
    }
    let left_out = table.rows() - starts.len() * rows;
    let places = starts.iter().flat_map(|&from| from * count..(from + rows) * count);
    let elements: Elements = numbers.gather(places);
    let x = Array::new([starts.len(), rows * count], elements).expect("whole rows");
    let targets = labels.map(|labels| Targets::Words(starts.iter().map(|&at| labels[at].to_owned()).collect()));
    Ok(Read { x, targets, left_out })
}
