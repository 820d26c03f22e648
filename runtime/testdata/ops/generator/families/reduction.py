"""MEAN, SUM, REDUCE_MAX, ARG_MAX, ARG_MIN."""

import numpy as np
from ai_edge_litert.schema_py_generated import TensorType

from ..case import EXACT, ORDER, Case

QUANTIZATION = {
    "int8": ((0.0471, -11), (0.0233, 6)),
    "uint8": ((0.0471, 117), (0.0233, 134)),
    "int16": ((0.00037, 0), (0.00021, 0)),
}
DTYPES = ("int8", "int16", "uint8", "int32", "float32")
# What is kept for the types that only LiteRT runs.
FEW = ("height_and_width", "last_negative_keep")

# name: shape, axes, keep dimensions
REDUCTIONS = {
    "height_and_width": ((2, 3, 4, 5), [1, 2], False),
    "height_and_width_keep": ((1, 4, 5, 3), [1, 2], True),
    "last_negative_keep": ((3, 4, 7), [-1], True),
    "first": ((6, 5), [0], False),
    "all": ((2, 3, 4), [0, 1, 2], False),
    "repeated_axes": ((3, 4, 5), [1, -2], False),
    "outer_and_inner": ((3, 2, 5), [0, 2], True),
    "scalar_axis": ((4, 6), 1, False),
    "rank_5": ((2, 2, 3, 1, 4), [4, 1], False),
}
# name: shape, axis
ARGS = {
    "last": ((3, 4, 9), 2),
    "negative": ((5, 8), -1),
    "first": ((6, 5), 0),
    "middle": ((2, 5, 3), 1),
    "ties": ((4, 12), 1),
}


def reductions(op):
    for name, (shape, axes, keep) in REDUCTIONS.items():
        for dtype in DTYPES:
            few = dtype in ("uint8", "int32") or (op, dtype) == ("REDUCE_MAX", "int16")
            if few and name not in FEW:
                continue
            for label in ("", "_same_scale") if dtype in QUANTIZATION else ("",):
                if label and (op == "REDUCE_MAX" or name not in FEW):
                    continue
                case = Case(op, dtype, name + label, float_tolerance=EXACT if op == "REDUCE_MAX" else ORDER)
                source, target = QUANTIZATION.get(dtype, ((), ()))
                if label or op == "REDUCE_MAX":
                    target = source
                elif op == "SUM" and target:
                    target = (target[0] * np.prod(shape) ** 0.5, target[1])
                limits = dict(low=-100_000, high=100_000) if dtype == "int32" else {}
                values = case.input(dtype, shape, *source, **limits)
                axis = case.graph.constant(np.int32(axes))
                output = case.graph.output(dtype, None, *target)
                case.graph.op(op, [values, axis], [output], "ReducerOptions", keepDims=keep)
                yield case


def args(op, options):
    for name, (shape, axis) in ARGS.items():
        for dtype in ("int8", "int16", "uint8", "int32", "float32"):
            if dtype in ("int16", "uint8", "int32") and name not in ("last", "ties"):
                continue
            case = Case(op, dtype, name)
            limits = {}
            if name == "ties":
                data = case.rng.integers(1, 4, (case.runs, *shape)).astype(dtype)
                limits = dict(data=data)
            values = case.input(dtype, shape, *QUANTIZATION.get(dtype, ((),))[0], **limits)
            output = case.graph.output("int32", None)
            case.graph.op(
                op, [values, case.graph.constant(np.int32(axis))], [output], options, outputType=TensorType.INT32
            )
            yield case


def cases():
    for op in ("MEAN", "SUM", "REDUCE_MAX"):
        yield from reductions(op)
    yield from args("ARG_MAX", "ArgMaxOptions")
    yield from args("ARG_MIN", "ArgMinOptions")
