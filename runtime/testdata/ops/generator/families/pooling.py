"""AVERAGE_POOL_2D and MAX_POOL_2D."""

from ai_edge_litert.schema_py_generated import ActivationFunctionType as Activation
from ai_edge_litert.schema_py_generated import Padding

from ..case import EXACT, ORDER, Case

DTYPES = ("int8", "int16", "uint8", "float32")
# What is kept for uint8, which only LiteRT runs.
REF_ONLY = ("3x3_stride_1_same", "relu6")
# Real values so spread that a fused activation cuts some on both sides.
QUANTIZATION = {"int8": (0.0675, -13), "uint8": (0.0675, 115), "int16": (2.6e-4, 0), "float32": ()}

# name: input, window (h, w), strides (h, w), padding, activation
POOLS = {
    "2x2_stride_2_valid": ((1, 6, 6, 3), (2, 2), (2, 2), Padding.VALID, Activation.NONE),
    "2x2_stride_2_valid_odd": ((1, 5, 7, 3), (2, 2), (2, 2), Padding.VALID, Activation.NONE),
    "3x3_stride_1_same": ((1, 5, 5, 3), (3, 3), (1, 1), Padding.SAME, Activation.NONE),
    "3x2_stride_2x3_same": ((2, 6, 7, 3), (3, 2), (2, 3), Padding.SAME, Activation.NONE),
    "whole_image_17_channels": ((1, 4, 5, 17), (4, 5), (1, 1), Padding.VALID, Activation.NONE),
    "window_larger_than_image": ((1, 2, 3, 2), (4, 4), (1, 1), Padding.SAME, Activation.NONE),
    "1x1_stride_2": ((1, 5, 5, 2), (1, 1), (2, 2), Padding.VALID, Activation.NONE),
    "relu": ((1, 6, 6, 3), (2, 2), (2, 2), Padding.VALID, Activation.RELU),
    "relu6": ((1, 6, 6, 3), (1, 2), (1, 2), Padding.VALID, Activation.RELU6),
    "relu_n1_to_1": ((1, 6, 6, 3), (2, 1), (2, 1), Padding.VALID, Activation.RELU_N1_TO_1),
}


def cases():
    for op, tolerance in (("AVERAGE_POOL_2D", ORDER), ("MAX_POOL_2D", EXACT)):
        for name, (shape, window, strides, padding, activation) in POOLS.items():
            for dtype in DTYPES:
                if dtype == "uint8" and name not in REF_ONLY:
                    continue
                case = Case(op, dtype, name, float_tolerance=tolerance)
                limits = dict(spread=5.0) if dtype == "float32" else {}
                image = case.input(dtype, shape, *QUANTIZATION[dtype], **limits)
                output = case.graph.output(dtype, None, *QUANTIZATION[dtype])
                case.graph.op(
                    op, [image], [output], "Pool2DOptions", padding=padding, fusedActivationFunction=activation,
                    filterHeight=window[0], filterWidth=window[1], strideH=strides[0], strideW=strides[1],
                )  # fmt: skip
                yield case
