//! Tables of FlatBuffers, from fields in the schema's order.

use flatbuffers::{FlatBufferBuilder, ForwardsUOffset, UnionWIPOffset, Vector, WIPOffset, field_index_to_field_offset};

/// Of anything that is written.
pub(crate) type Offset = WIPOffset<UnionWIPOffset>;

/// A field ready to be put into a table.
pub(crate) enum Slot {
    Absent,
    Bool(bool),
    True(bool),
    Byte(i8),
    UByte(u8),
    Int(i32),
    /// Its default is 1.
    Factor(i32),
    UInt(u32),
    Float(f32),
    Offset(Offset),
}

/// A table whose fields come in the schema's order. Those that have their default are left out.
pub(crate) fn table(fbb: &mut FlatBufferBuilder<'_>, fields: &[Slot]) -> Offset {
    let start = fbb.start_table();
    for (place, field) in (0u16..).zip(fields) {
        let slot = field_index_to_field_offset(place);
        match field {
            Slot::Absent => {}
            Slot::Bool(value) => fbb.push_slot(slot, *value, false),
            Slot::True(value) => fbb.push_slot(slot, *value, true),
            Slot::Byte(value) => fbb.push_slot(slot, *value, 0),
            Slot::UByte(value) => fbb.push_slot(slot, *value, 0),
            Slot::Int(value) => fbb.push_slot(slot, *value, 0),
            Slot::Factor(value) => fbb.push_slot(slot, *value, 1),
            Slot::UInt(value) => fbb.push_slot(slot, *value, 0),
            Slot::Float(value) => fbb.push_slot(slot, *value, 0.0),
            Slot::Offset(offset) => fbb.push_slot_always(slot, *offset),
        }
    }
    WIPOffset::new(fbb.end_table(start).value())
}

/// A vector of tables.
pub(crate) fn vector(fbb: &mut FlatBufferBuilder<'_>, tables: &[Offset]) -> Slot {
    let vector: WIPOffset<Vector<'_, ForwardsUOffset<_>>> = fbb.create_vector(tables);
    Slot::Offset(vector.as_union_value())
}

/// A text; absent where it is empty.
pub(crate) fn text(fbb: &mut FlatBufferBuilder<'_>, text: &str) -> Slot {
    if text.is_empty() {
        return Slot::Absent;
    }
    Slot::Offset(fbb.create_string(text).as_union_value())
}
