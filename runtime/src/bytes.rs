//! Bytes that lie on a 16-byte boundary, so that any element type and any vector load fits.

use alloc::vec::Vec;

use crate::error::{Error, ErrorKind, Place};

/// Alignment of the arena, of everything placed in it, and of constants.
pub const ALIGN: usize = 16;

/// `n` rounded up to [`ALIGN`]; none when that overflows.
#[must_use]
pub fn align_up(n: usize) -> Option<usize> {
    Some(n.checked_add(ALIGN - 1)? & !(ALIGN - 1))
}

/// The allocator has no room for `bytes` more.
pub(crate) fn no_memory(bytes: usize) -> Error {
    let (expected, found) = (format_args!("room for the model's memory"), format_args!("{bytes} bytes asked"));
    Error::new(ErrorKind::Memory, Place::Arena, expected, found)
}

/// Owned, aligned, zeroed bytes.
#[derive(Debug, Default)]
pub struct AlignedBytes {
    chunks: Vec<u128>,
    len: usize,
}

const _: () = assert!(align_of::<u128>() == ALIGN, "u128 carries the alignment");

impl AlignedBytes {
    /// `len` zeros.
    ///
    /// # Errors
    /// [`ErrorKind::Memory`] when the allocator has no room.
    pub fn zeroed(len: usize) -> Result<Self, Error> {
        let count = len.div_ceil(ALIGN);
        let mut chunks = Vec::new();
        chunks.try_reserve_exact(count).map_err(|_| no_memory(len))?;
        chunks.resize(count, 0);
        Ok(Self { chunks, len })
    }

    /// A copy of `bytes`.
    ///
    /// # Errors
    /// [`ErrorKind::Memory`] when the allocator has no room.
    pub fn copy_of(bytes: &[u8]) -> Result<Self, Error> {
        let mut out = Self::zeroed(bytes.len())?;
        out.as_mut_slice().copy_from_slice(bytes);
        Ok(out)
    }

    /// The bytes.
    #[must_use]
    pub fn as_slice(&self) -> &[u8] {
        &bytemuck::cast_slice(&self.chunks)[..self.len]
    }

    /// The bytes.
    pub fn as_mut_slice(&mut self) -> &mut [u8] {
        &mut bytemuck::cast_slice_mut(&mut self.chunks)[..self.len]
    }
}
