//! Hints of alignment. A load or store says to what its address is a multiple of, by the compiler's best knowledge; it means the same
//! whatever it says. Engines that have SIMD load and store anywhere and do not look at it, but the same code on other types of
//! fields is other bytes by it.

/// A load or store of memory 0 that says nothing of its address; none if `instruction` is no such thing.
///
/// Its bytes are an opcode, the hint (as exponent of 2; memories other than 0 are marked in it by 64) and an offset.
pub(super) fn without(instruction: &[u8]) -> Option<[&[u8]; 3]> {
    let opcode = match instruction {
        // i32.load to i64.store32.
        [0x28..=0x3e, ..] => 1,
        // v128.load to v128.store, v128.load8_lane to v128.load64_zero.
        [0xfd, 0..=11 | 84..=93, ..] => 2,
        _ => return None,
    };
    let (opcode, rest) = instruction.split_at_checked(opcode)?;
    match rest {
        [0..64, offset @ ..] => Some([opcode, &[0], offset]),
        _ => None,
    }
}
