"""QUANTIZE, DEQUANTIZE, CAST."""

import numpy as np

from ..builder import TENSOR_TYPES
from ..case import EXACT, Case

SHAPE = (3, 5, 7)
QUANTIZED = ("int8", "int16", "uint8", "int32")
# Scale and zero point by type: one of the case's own, one that makes ties, one whose range is narrow.
SOURCE = {"int8": (0.0471, -11), "uint8": (0.0471, 117), "int16": (0.00023, 0), "int32": (1.7e-6, 0)}
TARGET = {"int8": (0.0313, 6), "uint8": (0.0313, 134), "int16": (0.00041, 0), "int32": (3.1e-7, 0)}
TIES = {"int8": (0.5, -11), "uint8": (0.5, 117), "int16": (0.5, 0), "int32": (0.5, 0)}
TIES_TARGET = {"int8": (1.0, 6), "uint8": (1.0, 134), "int16": (1.0, 0), "int32": (1.0, 0)}
# Pairs that at least one interpreter may run.
REQUANTIZED = [
    ("int8", "int8"), ("int8", "uint8"), ("uint8", "int8"), ("uint8", "uint8"), ("int8", "int16"), ("int16", "int8"),
    ("int16", "int16"), ("int8", "int32"), ("int16", "int32"), ("int32", "int8"), ("int32", "int16"),
]  # fmt: skip
CASTS = [
    ("float32", "int8"), ("float32", "int16"), ("float32", "int32"), ("float32", "uint8"), ("float32", "bool"),
    ("int8", "float32"), ("int8", "int16"), ("int8", "int32"), ("int8", "bool"),
    ("int16", "float32"), ("int16", "int8"), ("int16", "int32"), ("uint8", "float32"), ("uint8", "int32"),
    ("int32", "float32"), ("int32", "int8"), ("int32", "int16"), ("int32", "uint32"), ("uint32", "int32"),
    ("uint32", "float32"), ("bool", "float32"), ("bool", "int32"), ("bool", "int8"),
]  # fmt: skip


def half_steps(case, scale, zero_point, dtype):
    """Real numbers on and half-way between the codes of a type, and beyond its ends."""
    limits = np.iinfo(dtype)
    low, high = max(limits.min, -40_000) - 20, min(limits.max, 40_000) + 20
    codes = case.rng.integers(2 * low, 2 * high, (case.runs, *SHAPE)) / 2
    return ((codes - zero_point) * scale).astype(np.float32)


def quantize():
    for dtype in QUANTIZED:
        for name, (scale, zero_point) in (("to", TARGET[dtype]), ("ties_to", TIES[dtype])):
            case = Case("QUANTIZE", "float32", f"{name}_{dtype}")
            values = case.input("float32", SHAPE, data=half_steps(case, scale, zero_point, dtype))
            output = case.graph.output(dtype, SHAPE, scale, zero_point)
            case.graph.op("QUANTIZE", [values], [output], "QuantizeOptions")
            yield case
    for source, target in REQUANTIZED:
        for name, left, right in (
            ("to", SOURCE[source], TARGET[target]),
            ("ties_to", TIES[source], TIES_TARGET[target]),
            ("same_scale_to", TIES[source], TIES[target]),
        ):
            case = Case("QUANTIZE", source, f"{name}_{target}")
            limits = dict(low=-100_000, high=100_000) if source == "int32" else {}
            values = case.input(source, SHAPE, *left, **limits)
            output = case.graph.output(target, SHAPE, *right)
            case.graph.op("QUANTIZE", [values], [output], "QuantizeOptions")
            yield case


def dequantize():
    for dtype in QUANTIZED:
        for name, (scale, zero_point) in (("free", SOURCE[dtype]), ("power_of_two", TIES[dtype])):
            case = Case("DEQUANTIZE", dtype, name, float_tolerance=EXACT)
            values = case.input(dtype, SHAPE, scale, zero_point)
            output = case.graph.output("float32", SHAPE)
            case.graph.op("DEQUANTIZE", [values], [output], "DequantizeOptions")
            yield case


def castable(case, target):
    """Real numbers that the target holds; what is beyond it is undefined in C++."""
    values = case.values("float32", (case.runs, *SHAPE), spread=30.0).clip(-120.0, 120.0)
    return np.abs(values) if target == "uint8" else values


def cast():
    for source, target in CASTS:
        case = Case("CAST", source, f"to_{target}", float_tolerance=EXACT)
        limits = dict(data=castable(case, target)) if source == "float32" else {}
        values = case.input(source, SHAPE, **limits)
        output = case.graph.output(target, SHAPE)
        case.graph.op(
            "CAST", [values], [output], "CastOptions",
            inDataType=TENSOR_TYPES[source], outDataType=TENSOR_TYPES[target],
        )  # fmt: skip
        yield case


def cases():
    yield from quantize()
    yield from dequantize()
    yield from cast()
