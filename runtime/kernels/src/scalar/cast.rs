//! `CAST`: a number of one type to another, through the widest of its kind.

use bytemuck::pod_read_unaligned as read;

use crate::dtype::DType;

/// A number on its way. Integers wrap to the type that they go to; reals are cut and saturate, where C++ leaves the result open.
#[derive(Debug, Clone, Copy)]
pub enum Number {
    /// Of any type with a sign, or of less than 64 bits.
    Integer(i64),
    /// Of 64 bits without a sign.
    Natural(u64),
    /// Of `f32`.
    Real(f32),
}

/// What takes a number of a type from its bytes; none for types that are no numbers.
#[must_use]
pub fn reader(dtype: DType) -> Option<fn(&[u8]) -> Number> {
    Some(match dtype {
        DType::F32 => |x| Number::Real(read(x)),
        DType::I8 => |x| Number::Integer(read::<i8>(x).into()),
        DType::U8 => |x| Number::Integer(read::<u8>(x).into()),
        DType::I16 => |x| Number::Integer(read::<i16>(x).into()),
        DType::I32 => |x| Number::Integer(read::<i32>(x).into()),
        DType::U32 => |x| Number::Integer(read::<u32>(x).into()),
        DType::I64 => |x| Number::Integer(read(x)),
        DType::U64 => |x| Number::Natural(read(x)),
        DType::Bool => |x| Number::Integer((read::<u8>(x) != 0).into()),
        DType::F16 | DType::Resource => return None,
    })
}

/// What puts a number of a type into its bytes; none for types that are no numbers.
#[must_use]
pub fn writer(dtype: DType) -> Option<fn(Number, &mut [u8])> {
    macro_rules! number {
        ($t:ty) => {
            |number, y| {
                let value = match number {
                    Number::Integer(n) => n as $t,
                    Number::Natural(n) => n as $t,
                    Number::Real(x) => x as $t,
                };
                y.copy_from_slice(&value.to_le_bytes());
            }
        };
    }
    Some(match dtype {
        DType::F32 => number!(f32),
        DType::I8 => number!(i8),
        DType::U8 => number!(u8),
        DType::I16 => number!(i16),
        DType::I32 => number!(i32),
        DType::U32 => number!(u32),
        DType::I64 => number!(i64),
        DType::U64 => number!(u64),
        DType::Bool => |number, y| {
            let is_zero = match number {
                Number::Integer(n) => n == 0,
                Number::Natural(n) => n == 0,
                Number::Real(x) => x == 0.0,
            };
            y.fill(u8::from(!is_zero));
        },
        DType::F16 | DType::Resource => return None,
    })
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::*;

    fn cast(from: DType, to: DType, x: &[u8]) -> Vec<u8> {
        let mut y = alloc::vec![0; to.size()];
        writer(to).unwrap()(reader(from).unwrap()(x), &mut y);
        y
    }

    #[test]
    fn integers_wrap_and_reals_saturate() {
        type Case<'a> = (&'a str, DType, DType, &'a [u8], &'a [u8]);
        let cases: [Case<'_>; 10] = [
            ("widened with its sign", DType::I8, DType::I32, &[0xFE], &(-2i32).to_le_bytes()),
            ("cut to the low byte", DType::I32, DType::I8, &300i32.to_le_bytes(), &[44]),
            ("the same bits", DType::I32, DType::U32, &(-1i32).to_le_bytes(), &[0xFF; 4]),
            ("cut towards zero", DType::F32, DType::I16, &(-1.9f32).to_le_bytes(), &(-1i16).to_le_bytes()),
            ("too large", DType::F32, DType::I8, &1e9f32.to_le_bytes(), &[127]),
            ("not a number", DType::F32, DType::I32, &f32::NAN.to_le_bytes(), &[0; 4]),
            ("large without a sign", DType::U64, DType::F32, &u64::MAX.to_le_bytes(), &1.844_674_4e19f32.to_le_bytes()),
            ("beyond 32 bits", DType::I64, DType::U64, &(1i64 << 40).to_le_bytes(), &(1u64 << 40).to_le_bytes()),
            ("true", DType::F32, DType::Bool, &0.25f32.to_le_bytes(), &[1]),
            ("any bits are true", DType::Bool, DType::I16, &[7], &1i16.to_le_bytes()),
        ];
        for (name, from, to, x, expected) in cases {
            assert_eq!(cast(from, to, x), expected, "{name}");
        }
    }
}
