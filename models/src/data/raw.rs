//! Elements and nothing else, little-endian.

use super::{Array, DType, DataError, FileKind};

/// Reads one axis of elements.
pub fn read(bytes: &[u8], dtype: DType) -> Result<Array, DataError> {
    if !bytes.len().is_multiple_of(dtype.size()) {
        let expected = format!("a multiple of {} bytes, the size of {dtype}", dtype.size());
        return Err(DataError::malformed(FileKind::Raw, "file", &expected, format!("{} bytes", bytes.len())));
    }
    Ok(Array::vector(super::Elements::from_le_bytes(dtype, bytes)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_elements_only() {
        assert_eq!(read(&[1, 0, 255, 255], DType::Int16).unwrap(), Array::vector(vec![1i16, -1]));
        assert_eq!(read(&[], DType::Float32).unwrap(), Array::vector(Vec::<f32>::new()));
        assert!(read(&[1, 0, 255], DType::Int16).is_err());
    }
}
