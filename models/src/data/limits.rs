//! How much a reader takes on, whatever the file claims.

/// Bytes of all arrays of one file after decompression: 512 MiB, the MNIST training set ten times over.
pub const DECOMPRESSED_BYTES: u64 = 512 << 20;
/// Entries of one `.npz`.
pub const ENTRIES: usize = 10_000;
/// Bytes of the header of one `.npy`; NumPy itself refuses headers over 10,000 characters unless told to trust them.
pub const NPY_HEADER_BYTES: usize = 10_000;
/// Axes of one array: NumPy's own limit.
pub const AXES: usize = 64;
/// Width and height of a picture, in pixels each.
pub const IMAGE_SIDE: u32 = 16_384;
/// Channels of a recording.
pub const AUDIO_CHANNELS: u16 = 64;
/// Columns of a table.
pub const TABLE_COLUMNS: usize = 65_536;
/// Files of one zip archive of folders: the MNIST training set as pictures.
pub const FOLDER_FILES: usize = 65_536;
