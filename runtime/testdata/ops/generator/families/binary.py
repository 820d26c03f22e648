"""ADD, SUB, MUL, DIV, MINIMUM, MAXIMUM."""

from typing import NamedTuple

import numpy as np
from ai_edge_litert.schema_py_generated import ActivationFunctionType as Activation

from ..case import EXACT, Case

# name: left, right, activation, what differs
SHAPES = {
    "same_shape": ((2, 3, 4, 5), (2, 3, 4, 5), Activation.NONE, {}),
    "one_dimension_odd": ((37,), (37,), Activation.NONE, {}),
    "right_scalar": ((2, 3, 5), (), Activation.NONE, {}),
    "left_one_element": ((1,), (3, 7), Activation.NONE, {}),
    "right_channels": ((1, 4, 3, 5), (5,), Activation.NONE, {}),
    "right_constant": ((2, 3, 5), (1, 1, 5), Activation.NONE, dict(constant=True)),
    "both_broadcast": ((2, 1, 4), (1, 3, 1), Activation.NONE, {}),
    "both_broadcast_rank_4": ((2, 1, 3, 1), (1, 4, 1, 5), Activation.NONE, {}),
    "both_broadcast_rank_5": ((2, 1, 3, 1, 2), (1, 2, 1, 4, 2), Activation.NONE, {}),
    "relu": ((3, 4, 5), (3, 4, 5), Activation.RELU, {}),
    "relu6": ((3, 4, 5), (3, 4, 5), Activation.RELU6, {}),
    "relu_n1_to_1": ((3, 4, 5), (1, 4, 1), Activation.RELU_N1_TO_1, {}),
    "rounding_ties": ((2, 64), (2, 64), Activation.NONE, dict(ties=True)),
    "wide_scales": ((4, 16), (4, 16), Activation.NONE, dict(wide=True)),
    "power_of_two_scales": ((4, 16), (4, 16), Activation.NONE, dict(power_of_two=True)),
}
DTYPES = {
    "ADD": ("int8", "int16", "uint8", "int32", "float32"),
    "SUB": ("int8", "int16", "uint8", "int32", "float32"),
    "MUL": ("int8", "int16", "uint8", "int32", "float32"),
    "DIV": ("int8", "int16", "uint8", "int32", "float32"),
    "MINIMUM": ("int8", "int16", "uint8", "int32", "float32"),
    "MAXIMUM": ("int8", "int16", "uint8", "int32", "float32"),
}
OPTIONS = {
    "ADD": "AddOptions", "SUB": "SubOptions", "MUL": "MulOptions", "DIV": "DivOptions",
    "MINIMUM": "MaximumMinimumOptions", "MAXIMUM": "MaximumMinimumOptions",
}  # fmt: skip
# What is kept for the types that only LiteRT runs.
REF_ONLY = ("same_shape", "both_broadcast", "relu6")
COMPARISONS = ("MINIMUM", "MAXIMUM")
QUANTIZED = ("int8", "int16", "uint8")
# An int16 step beside an int8 one.
STEP = {"int8": 1.0, "uint8": 1.0, "int16": 1.0 / 256}
MIDDLE = {"int8": 0, "uint8": 128, "int16": 0}
# Integers that no product or sum takes past int32.
INT32_LIMIT = 30_000
SMALL_DIVISOR_LIMIT = 200
SMALL_DIVIDEND = 16


def scales(op, dtype, differs):
    """Scale and zero point of left, right and output."""
    step, middle = STEP[dtype], MIDDLE[dtype]
    offsets = (0, 0, 0) if dtype == "int16" else (7, -12, -3)
    if op in COMPARISONS:
        offsets, reals = (offsets[0],) * 3, (0.05, 0.05, 0.05)
    elif differs.get("ties"):
        reals = {"MUL": (0.5, 0.5, 2.0), "DIV": (0.5, 0.5, 0.25)}.get(op, (0.5, 0.5, 1.0))
    elif differs.get("power_of_two"):
        reals = (2**-5, 2**-4, {"MUL": 2**-3, "DIV": 2**-5}.get(op, 2**-4))
    elif differs.get("wide"):
        reals = {"MUL": (0.9, 0.011, 0.004), "DIV": (0.7, 0.003, 1.3)}.get(op, (0.9, 0.0031, 0.05))
    else:
        reals = {"MUL": (0.0413, 0.0627, 0.1271), "DIV": (0.0413, 0.0627, 0.0331)}.get(op, (0.0413, 0.0627, 0.0721))
    return [(real * step, middle + offset) for real, offset in zip(reals, offsets, strict=True)]


def dividends(case, shape, zero_point):
    """8-bit left operands of DIV, none close to zero: for small quotients, zero too, both engines shift by more than
    31 bits, which C++ leaves undefined."""
    values = case.values(case.dtype, shape)
    distance = np.abs(values.astype(np.int32) - zero_point)
    return np.where(distance < SMALL_DIVIDEND, np.array(zero_point + SMALL_DIVIDEND, case.dtype), values)


def divisors(case, dtype, shape, zero_point):
    """Right operands of DIV: never zero, of both signs where the type has them."""
    if dtype == "float32":
        values = case.values("float32", shape)
        return np.where(np.abs(values) < 0.1, np.float32(0.5), values)
    limit = SMALL_DIVISOR_LIMIT if dtype == "int32" else np.iinfo(dtype).max
    values = case.values(dtype, shape, low=max(-limit, np.iinfo(dtype).min), high=limit)
    return np.where(values == zero_point, np.array(zero_point + 3, dtype), values)


class Variant(NamedTuple):
    """A case of an operator: a row of SHAPES for one type."""

    name: str
    dtype: str
    left: tuple
    right: tuple
    activation: int
    differs: dict


def variants(op):
    """The variants and types of an operator, without those that say nothing new."""
    for name, (left, right, activation, differs) in SHAPES.items():
        for dtype in DTYPES[op]:
            if op in COMPARISONS and (activation != Activation.NONE or differs.keys() - {"constant"}):
                continue
            if dtype not in QUANTIZED and differs.keys() - {"constant"}:
                continue
            if (dtype == "uint8" or (op, dtype) == ("DIV", "int16")) and name not in REF_ONLY:
                continue
            if dtype == "int32" and name not in ("same_shape", "right_scalar", "both_broadcast_rank_5", "relu6"):
                continue
            yield Variant(name, dtype, left, right, activation, differs)


def build(op, variant):
    name, dtype, left, right, activation, differs = variant
    case = Case(op, dtype, name, float_tolerance=EXACT)
    if (op, dtype) == ("ADD", "int32") and activation != Activation.NONE:
        case.tflm_defect = "leaves the fused activation out"
    quantizations = scales(op, dtype, differs) if dtype in QUANTIZED else [(), (), ()]
    limits = {}
    if dtype == "int32":
        limits = dict(low=-INT32_LIMIT, high=INT32_LIMIT)
    elif dtype == "float32":
        limits = dict(spread=5.0)

    if op == "DIV" and dtype in ("int8", "uint8"):
        limits = dict(data=dividends(case, (case.runs, *left), quantizations[0][1]))
    first = case.input(dtype, left, *quantizations[0], **limits)
    rows = () if differs.get("constant") else (case.runs,)
    if op == "DIV":
        zero_point = quantizations[1][1] if quantizations[1] else 0
        values = divisors(case, dtype, (*rows, *right), zero_point)
    else:
        values = case.values(dtype, (*rows, *right), **limits)
    if differs.get("constant"):
        second = case.graph.constant(values, *quantizations[1])
    else:
        second = case.input(dtype, right, *quantizations[1], data=values)
    output = case.graph.output(dtype, np.broadcast_shapes(left, right), *quantizations[2])
    fields = {} if op in COMPARISONS else dict(fusedActivationFunction=activation)
    if op in ("ADD", "SUB"):
        fields["potScaleInt16"] = bool(differs.get("power_of_two"))
    case.graph.op(op, [first, second], [output], OPTIONS[op], **fields)
    return case


def cases():
    for op in DTYPES:
        for variant in variants(op):
            yield build(op, variant)
