//! Rounding and signs, from the operators at hand: exact for every finite number.

use super::super::importer::Importer;
use super::super::node::Node;
use super::super::refusal::{Outcome, invalid};
use super::super::view::View;
use super::elementwise::{ADD, MUL, SUB, binary, cast, unary, with_number};
use crate::graph::{Activation, Op, TensorType};

/// From here on every float32 is an integer.
const INTEGERS_FROM: f32 = 8_388_608.0;

/// -1, 0 or 1: `x` times 2^100, kept within -1 and 1, twice. 2^-149, the least number, becomes 2^-49 and then 1.
pub(super) fn sign_of(importer: &mut Importer<'_>, x: &View) -> Outcome<View> {
    let large = Op::Mul { activation: Activation::ReluN1To1 };
    let once = with_number(importer, large.clone(), x, 2f32.powi(100))?;
    with_number(importer, large, &once, 2f32.powi(100))
}

/// `Sign`.
pub(super) fn sign<'a>(importer: &mut Importer<'a>, node: &Node<'a>) -> Outcome<()> {
    let x = importer.view(node, 0)?;
    let y = sign_of(importer, &x)?;
    importer.bind(node, 0, y)
}

/// `x` cut towards 0, for `x` within `INTEGERS_FROM`.
fn cut(importer: &mut Importer<'_>, x: &View) -> Outcome<View> {
    let whole = cast(importer, x, TensorType::Int32)?;
    cast(importer, &whole, TensorType::Float32)
}

/// What is above the next integer below: from 0 to 1, and 0 for large numbers.
fn fraction(importer: &mut Importer<'_>, x: &View) -> Outcome<View> {
    let low = with_number(importer, Op::Maximum, x, -INTEGERS_FROM)?;
    let near = with_number(importer, Op::Minimum, &low, INTEGERS_FROM)?;
    let whole = cut(importer, &near)?;
    // 1 where the cut went up: for negative numbers with a fraction.
    let above = binary(importer, SUB, &whole, &near)?;
    let sign = sign_of(importer, &above)?;
    let up = unary(importer, Op::Relu, &sign)?;
    let floor = binary(importer, SUB, &whole, &up)?;
    binary(importer, SUB, &near, &floor)
}

fn floor_of(importer: &mut Importer<'_>, x: &View) -> Outcome<View> {
    let fraction = fraction(importer, x)?;
    binary(importer, SUB, x, &fraction)
}

/// The nearest integer, of two the even one: adding and taking away a number whose neighbours are one apart rounds as the
/// machine does.
pub(super) fn rounded(importer: &mut Importer<'_>, x: &View) -> Outcome<View> {
    let sign = sign_of(importer, x)?;
    let large = with_number(importer, MUL, &sign, INTEGERS_FROM)?;
    let low = with_number(importer, Op::Maximum, x, -INTEGERS_FROM)?;
    let near = with_number(importer, Op::Minimum, &low, INTEGERS_FROM)?;
    let raised = binary(importer, ADD, &near, &large)?;
    let whole = binary(importer, SUB, &raised, &large)?;
    let rest = binary(importer, SUB, x, &near)?;
    binary(importer, ADD, &whole, &rest)
}

/// `Floor`, `Ceil`, `Round` (half to even).
pub(super) fn round<'a>(importer: &mut Importer<'a>, node: &Node<'a>) -> Outcome<()> {
    let x = importer.view(node, 0)?;
    let y = match node.op() {
        "Floor" => floor_of(importer, &x)?,
        "Ceil" => {
            let negative = unary(importer, Op::Neg, &x)?;
            let floor = floor_of(importer, &negative)?;
            unary(importer, Op::Neg, &floor)?
        }
        "Round" => rounded(importer, &x)?,
        other => return Err(invalid("Floor, Ceil or Round", other)),
    };
    importer.bind(node, 0, y)
}
