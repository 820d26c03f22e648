//! Data as people have it on disk, read from bytes into [`Array`]s. Nothing in here opens a file.
//!
//! One format a file: [`npy`], [`npz`], [`image`] (PNG, JPEG), [`wav`], [`csv`], [`raw`], [`folders`] (a zip). A reader checks everything
//! it is told by the bytes against [`limits`] and gives a [`DataError`] that names the place and the remedy; no bytes
//! make it panic or take memory out of proportion.

mod array;
pub mod csv;
mod error;
mod file;
pub mod folders;
pub mod image;
pub mod limits;
pub mod npy;
pub mod npz;
pub mod raw;
pub mod wav;

pub use array::{Array, DType, Elements, ShapeError};
pub use error::{DataError, DataErrorKind};
pub use file::FileKind;
