//! What is in files, before a model is asked.

use serde::{Deserialize, Serialize};

use super::Named;
use crate::data::csv::{Header, Table};
use crate::data::folders::Folders;
use crate::data::{Array, FileKind, image, npy, npz, wav};
use crate::samples::{InputError, SampleError};

/// Rows of a table that are shown.
const ROWS: usize = 6;

/// What is in files.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Contents {
    /// What they are together.
    pub form: Form,
    /// The arrays of an archive or a file of one.
    pub arrays: Vec<ArrayInfo>,
    /// The table, of samples or of an array's labels.
    pub table: Option<TableInfo>,
    /// Files of each folder, by their names.
    pub classes: Vec<ClassFiles>,
    /// Files that are passed over, since they lie in no folder or are of no known format.
    pub passed_over: usize,
    /// What the first of the files is.
    pub media: Option<Media>,
}

/// What files are together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Form {
    /// An `.npz`: samples `x`, and `y` beside them.
    Archive,
    /// An `.npy` of samples, perhaps with a `.csv` that has a row for each.
    Array,
    /// A `.csv`.
    Table,
    /// A `.zip` of folders that are named after classes.
    Folders,
}

/// An array.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct ArrayInfo {
    /// Its name; empty in a file of one.
    pub name: String,
    /// Type of its elements.
    pub dtype: String,
    /// Extents.
    pub shape: Vec<usize>,
    /// Its least and greatest value.
    pub range: [f64; 2],
}

/// A table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct TableInfo {
    /// Names of the columns; empty where there is no header.
    pub names: Vec<String>,
    /// Whether all fields of each column are numbers.
    pub numeric: Vec<bool>,
    /// Different values of each column, up to [`TableInfo::MANY`].
    pub distinct: Vec<usize>,
    /// How many rows there are, the header not counted.
    pub rows: usize,
    /// The first of them.
    pub first: Vec<Vec<String>>,
}

impl TableInfo {
    /// More different values than a column of classes is thought to have.
    pub const MANY: usize = 100;

    /// How many columns there are.
    #[must_use]
    pub fn columns(&self) -> usize {
        self.numeric.len()
    }

    /// What to call a column: its name, or else its place from 0.
    #[must_use]
    pub fn name(&self, column: usize) -> String {
        match self.names.get(column) {
            Some(name) if !name.is_empty() => name.clone(),
            Some(_) | None => format!("column {column}"),
        }
    }

    fn of(bytes: &[u8], header: Header) -> Result<Self, InputError> {
        let table = Table::read_with(bytes, header)?;
        let columns = table.columns();
        let mut numeric = vec![table.rows() > 0; columns];
        let mut distinct = vec![std::collections::BTreeSet::new(); columns];
        for row in (0..table.rows()).filter_map(|at| table.row(at)) {
            for (column, field) in row.iter().enumerate() {
                numeric[column] &= field.parse::<f64>().is_ok();
                if distinct[column].len() < Self::MANY {
                    distinct[column].insert((*field).to_owned());
                }
            }
        }
        let owned = |row: Vec<&str>| row.into_iter().map(str::to_owned).collect();
        Ok(Self {
            names: table.header().map(<[String]>::to_vec).unwrap_or_default(),
            numeric,
            distinct: distinct.iter().map(std::collections::BTreeSet::len).collect(),
            rows: table.rows(),
            first: (0..table.rows().min(ROWS)).filter_map(|at| table.row(at)).map(owned).collect(),
        })
    }
}

/// Files of one folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct ClassFiles {
    /// The folder's name.
    pub label: String,
    /// How many.
    pub files: usize,
}

/// What a file in a folder is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Media {
    /// A picture of so many pixels.
    Picture {
        /// Its height.
        height: usize,
        /// Its width.
        width: usize,
    },
    /// A recording.
    Sound {
        /// Its samples a second.
        rate: u32,
        /// Its frames.
        frames: usize,
        /// Samples of one frame.
        channels: usize,
        /// Type of its samples.
        dtype: String,
    },
    /// Something else, by the name of its format.
    Other(String),
}

/// Looks into files. `header` says how the first row of a table is read.
///
/// # Errors
/// When they are no samples, or cannot be read.
pub fn look(files: &[Named<'_>], header: Header) -> Result<Contents, InputError> {
    let form = form(files)?;
    let mut contents =
        Contents { form, arrays: Vec::new(), table: None, classes: Vec::new(), passed_over: 0, media: None };
    match (form, files) {
        (Form::Archive, [file, ..]) => {
            contents.arrays = npz::read(file.bytes)?.arrays.iter().map(|(name, array)| info(name, array)).collect();
        }
        (Form::Table, [file, ..]) => contents.table = Some(TableInfo::of(file.bytes, header)?),
        (Form::Array, files) => {
            let (samples, labels) = table_of(files);
            if let Some(samples) = samples {
                contents.arrays.push(info("", &npy::read(samples)?));
            }
            contents.table = labels.map(|labels| TableInfo::of(labels, header)).transpose()?;
        }
        (Form::Folders, [file, ..]) => {
            let mut folders = Folders::open(file.bytes)?;
            contents.passed_over = folders.passed_over();
            for place in folders.files() {
                match contents.classes.last_mut() {
                    Some(class) if class.label == place.label => class.files += 1,
                    Some(_) | None => contents.classes.push(ClassFiles { label: place.label.clone(), files: 1 }),
                }
            }
            let name = folders.files().first().map(|place| place.name.clone()).unwrap_or_default();
            contents.media = Some(media(&name, &folders.read(0)?)?);
        }
        (Form::Archive | Form::Table | Form::Folders, []) => {}
    }
    Ok(contents)
}

/// What files are together, by their names.
pub(super) fn form(files: &[Named<'_>]) -> Result<Form, InputError> {
    let kinds: Vec<Option<FileKind>> = files.iter().map(|file| FileKind::from_name(file.name)).collect();
    match kinds[..] {
        [Some(FileKind::Npz)] => Ok(Form::Archive),
        [Some(FileKind::Csv)] => Ok(Form::Table),
        [Some(FileKind::Zip)] => Ok(Form::Folders),
        [Some(FileKind::Npy)]
        | [Some(FileKind::Npy), Some(FileKind::Csv)]
        | [Some(FileKind::Csv), Some(FileKind::Npy)] => Ok(Form::Array),
        _ => {
            let names = files.iter().map(|file| file.name).collect::<Vec<_>>().join(", ");
            let expected = "one .npz, .csv or .zip, or an .npy with a .csv of its labels";
            let remedy = "zip pictures and recordings as class/file.png; save arrays with numpy.savez(file, x=x, y=y)";
            Err(SampleError::missing("files", expected, if names.is_empty() { "none" } else { &names }, remedy).into())
        }
    }
}

/// The array and the table among files.
pub(super) fn table_of<'a>(files: &[Named<'a>]) -> (Option<&'a [u8]>, Option<&'a [u8]>) {
    let of = |kind| files.iter().find(|file| FileKind::from_name(file.name) == Some(kind)).map(|file| file.bytes);
    (of(FileKind::Npy), of(FileKind::Csv))
}

fn info(name: &str, array: &Array) -> ArrayInfo {
    let super::Range { low, high } = super::range(array);
    ArrayInfo {
        name: name.into(),
        dtype: array.dtype().name().into(),
        shape: array.shape().to_vec(),
        range: [low, high],
    }
}

fn media(name: &str, bytes: &[u8]) -> Result<Media, InputError> {
    let picture = |array: Array| match array.shape() {
        &[height, width, _] => Media::Picture { height, width },
        _ => Media::Other("picture".into()),
    };
    Ok(match FileKind::from_name(name) {
        Some(FileKind::Png) => picture(image::read_png(bytes, image::Channels::AsStored)?),
        Some(FileKind::Jpeg) => picture(image::read_jpeg(bytes, image::Channels::AsStored)?),
        Some(FileKind::Wav) => {
            let wav = wav::read(bytes)?;
            let (frames, channels) = match wav.samples.shape() {
                &[frames, channels] => (frames, channels),
                shape => (shape.iter().product(), 1),
            };
            let dtype = wav.samples.dtype().name().into();
            Media::Sound { rate: wav.sample_rate, frames, channels, dtype }
        }
        Some(kind) => Media::Other(kind.name().into()),
        None => Media::Other(String::new()),
    })
}
