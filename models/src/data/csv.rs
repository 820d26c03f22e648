//! Tables of comma-separated values, with or without a header.

use csv::{ReaderBuilder, StringRecord, Trim};
use serde::{Deserialize, Serialize};

use super::{Array, DataError, DataErrorKind, Elements, FileKind, limits};

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// A column, chosen by whoever asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Column {
    /// By its name in the header.
    Name(String),
    /// By its place, from 0.
    Index(usize),
}

/// Whether a table's first row names its columns.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Header {
    /// It does when none of its fields is a number.
    #[default]
    Guess,
    /// It does.
    First,
    /// It is a row like the others.
    None,
}

/// A table as text.
#[derive(Debug, Clone)]
pub struct Table {
    header: Option<Vec<String>>,
    rows: Vec<StringRecord>,
    columns: usize,
}

impl Table {
    /// Reads a table. The first row is a header when none of its fields is a number. A header that is one name short
    /// has an unnamed first column before it, as R writes tables with their row numbers.
    pub fn read(bytes: &[u8]) -> Result<Self, DataError> {
        Self::read_with(bytes, Header::Guess)
    }

    /// The same, told whether the first row is a header.
    pub fn read_with(bytes: &[u8], header: Header) -> Result<Self, DataError> {
        let bytes = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes);
        let mut reader = ReaderBuilder::new().has_headers(false).flexible(true).trim(Trim::All).from_reader(bytes);
        let mut rows = Vec::new();
        for record in reader.records() {
            let record = record.map_err(|e| malformed(format!("row {}", rows.len()), "comma-separated text", e))?;
            if record.len() > limits::TABLE_COLUMNS {
                return Err(DataError::limit(FileKind::Csv, "columns", limits::TABLE_COLUMNS as u64, record.len()));
            }
            rows.push(record);
        }
        let first = rows.first().ok_or_else(|| malformed("file", "at least one row", "none"))?;
        let is_header = match header {
            Header::Guess => first.iter().all(|field| field.parse::<f64>().is_err()),
            Header::First => true,
            Header::None => false,
        };
        let header: Option<Vec<String>> = is_header.then(|| rows.remove(0).iter().map(str::to_owned).collect());
        let named = header.as_ref().map_or(0, Vec::len);
        let columns = rows.first().map_or(named, StringRecord::len);
        let header = match header {
            Some(names) if names.len() + 1 == columns => Some([vec![String::new()], names].concat()),
            header => header,
        };
        if let Some(names) = &header
            && names.len() != columns
        {
            return Err(malformed("header", &format!("{columns} names, as many as row 0 has fields"), names.len()));
        }
        if let Some(at) = rows.iter().position(|row| row.len() != columns) {
            return Err(malformed(format!("row {at}"), &format!("{columns} fields, as in row 0"), rows[at].len()));
        }
        Ok(Self { header, rows, columns })
    }

    /// Names of the columns, where there is a header.
    #[must_use]
    pub fn header(&self) -> Option<&[String]> {
        self.header.as_deref()
    }

    /// Rows, the header not counted.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.rows.len()
    }

    /// Columns.
    #[must_use]
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// The place of a column.
    pub fn find(&self, column: &Column) -> Result<usize, DataError> {
        let (at, asked) = match column {
            Column::Index(i) => ((*i < self.columns).then_some(*i), format!("column {i}")),
            Column::Name(name) => {
                let at = self.header.as_ref().and_then(|names| names.iter().position(|n| n == name));
                (at, format!("a column named {name}"))
            }
        };
        at.ok_or_else(|| DataError {
            kind: DataErrorKind::Missing,
            file: FileKind::Csv,
            place: "columns".into(),
            expected: asked,
            found: match &self.header {
                Some(names) => format!("the columns {}", names.join(", ")),
                None => format!("{} columns without a header", self.columns),
            },
            remedy: "name one of them, or give a column's place from 0".into(),
        })
    }

    /// One column as text.
    pub fn text(&self, column: &Column) -> Result<Vec<&str>, DataError> {
        let at = self.find(column)?;
        Ok(self.rows.iter().map(|row| &row[at]).collect())
    }

    /// A row as text.
    #[must_use]
    pub fn row(&self, at: usize) -> Option<Vec<&str>> {
        self.rows.get(at).map(|row| row.iter().collect())
    }

    /// Some columns as numbers, of shape rows, columns: `int64` when every field is written as an integer, else
    /// `float64`.
    pub fn numbers(&self, columns: &[Column]) -> Result<Array, DataError> {
        let at = columns.iter().map(|c| self.find(c)).collect::<Result<Vec<_>, _>>()?;
        let fields = || self.rows.iter().flat_map(|row| at.iter().map(|&c| &row[c]));
        let integers: Option<Vec<i64>> = fields().map(|field| field.parse().ok()).collect();
        let elements = match integers {
            Some(integers) => Elements::Int64(integers),
            None => Elements::Float64(self.reals(&at)?),
        };
        Array::new([self.rows.len(), at.len()], elements)
            .map_err(|error| malformed("rows", "a number for each row and column", error))
    }

    fn reals(&self, columns: &[usize]) -> Result<Vec<f64>, DataError> {
        let mut reals = Vec::with_capacity(self.rows.len() * columns.len());
        for (r, row) in self.rows.iter().enumerate() {
            for &c in columns {
                let real = row[c].parse().map_err(|_| DataError {
                    remedy: "fill the gap, or choose only columns of numbers".into(),
                    ..malformed(format!("row {r}, column {}", self.name(c)), "a number", format!("`{}`", &row[c]))
                })?;
                reals.push(real);
            }
        }
        Ok(reals)
    }

    fn name(&self, column: usize) -> String {
        match self.header.as_ref().and_then(|names| names.get(column)) {
            Some(name) if !name.is_empty() => name.clone(),
            _ => column.to_string(),
        }
    }
}

fn malformed(place: impl Into<String>, expected: &str, found: impl std::fmt::Display) -> DataError {
    DataError::malformed(FileKind::Csv, place, expected, found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(name: &str) -> Column {
        Column::Name(name.into())
    }

    #[test]
    fn columns_are_chosen_by_name_or_place() {
        let table = Table::read(b"t, x, label\n0.5, 1, cat\n1.5, 2, dog\n").unwrap();
        assert_eq!((table.rows(), table.columns()), (2, 3));
        assert_eq!(table.text(&name("label")).unwrap(), ["cat", "dog"]);
        assert_eq!(table.numbers(&[name("x")]).unwrap(), Array::new([2, 1], vec![1i64, 2]).unwrap());
        let both = table.numbers(&[Column::Index(1), name("t")]).unwrap();
        assert_eq!(both, Array::new([2, 2], vec![1.0, 0.5, 2.0, 1.5]).unwrap());
    }

    #[test]
    fn a_first_row_with_a_number_is_no_header() {
        let table = Table::read(b"cat,1\ndog,2\n").unwrap();
        assert_eq!(table.header(), None);
        assert_eq!(table.rows(), 2);
        let told = |header| Table::read_with(b"1,2\n3,4\n", header).unwrap();
        assert_eq!(told(Header::Guess).rows(), 2);
        assert_eq!((told(Header::First).rows(), told(Header::First).row(0)), (1, Some(vec!["3", "4"])));
        let words = Table::read_with(b"cat,dog\nbird,fish\n", Header::None).unwrap();
        assert_eq!((words.header(), words.rows()), (None, 2));
        assert_eq!(Table::read(b"\xef\xbb\xbfa,b\n").unwrap().header().unwrap(), ["a", "b"]);
    }

    #[test]
    fn row_numbers_without_a_name_take_the_first_column() {
        let table = Table::read(b"\"date\",\"x\"\n\"1\",\"2015-02-02\",5\n").unwrap();
        assert_eq!(table.find(&name("x")).unwrap(), 2);
        assert_eq!(table.text(&name("date")).unwrap(), ["2015-02-02"]);
    }

    #[test]
    fn each_kind_of_wrong_table_has_its_error() {
        let cases: [(&str, &[u8], &str); 5] = [
            ("empty", b"", "at least one row"),
            ("ragged", b"a,b\n1,2\n3\n", "2 fields, as in row 0"),
            ("long header", b"a,b,c\n1,2\n", "2 names, as many as row 0 has fields"),
            ("no text", b"a\n\xff\xfe\n", "comma-separated text"),
            ("gap", b"a,x\nu,1.5\nv,\n", "a number"),
        ];
        for (case, bytes, expected) in cases {
            let error = Table::read(bytes).and_then(|t| t.numbers(&[name("x")])).expect_err(case);
            assert_eq!(error.expected, expected, "{case}: {error}");
        }
        let missing = Table::read(b"a,b\n1,2\n").unwrap().find(&name("c")).unwrap_err();
        assert_eq!(missing.kind, DataErrorKind::Missing);
        assert_eq!(missing.found, "the columns a, b");
    }
}
