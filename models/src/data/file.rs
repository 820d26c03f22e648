//! Which format a file has.

use std::fmt;

/// A file format that [`crate::data`] reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FileKind {
    /// One NumPy array.
    Npy,
    /// A zip archive of NumPy arrays.
    Npz,
    /// A PNG picture.
    Png,
    /// A JPEG picture.
    Jpeg,
    /// A RIFF WAVE recording.
    Wav,
    /// A table of comma-separated values.
    Csv,
    /// Little-endian elements and nothing else.
    Raw,
    /// A zip archive of files in folders that are named after their classes.
    Zip,
}

impl FileKind {
    /// The format that a file's name promises, by its extension.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        let (_, extension) = name.rsplit_once('.')?;
        match extension.to_ascii_lowercase().as_str() {
            "npy" => Some(FileKind::Npy),
            "npz" => Some(FileKind::Npz),
            "png" => Some(FileKind::Png),
            "jpg" | "jpeg" => Some(FileKind::Jpeg),
            "wav" => Some(FileKind::Wav),
            "csv" => Some(FileKind::Csv),
            "bin" | "raw" => Some(FileKind::Raw),
            "zip" => Some(FileKind::Zip),
            _ => None,
        }
    }

    /// The format's name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            FileKind::Npy => "npy",
            FileKind::Npz => "npz",
            FileKind::Png => "png",
            FileKind::Jpeg => "jpeg",
            FileKind::Wav => "wav",
            FileKind::Csv => "csv",
            FileKind::Raw => "raw",
            FileKind::Zip => "zip",
        }
    }
}

impl fmt::Display for FileKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_extension_decides_whatever_its_case() {
        assert_eq!(FileKind::from_name("a/b.c/photo.JPG"), Some(FileKind::Jpeg));
        assert_eq!(FileKind::from_name("x.test.npz"), Some(FileKind::Npz));
        assert_eq!(FileKind::from_name("README"), None);
        assert_eq!(FileKind::from_name("model.tflite"), None);
    }
}
