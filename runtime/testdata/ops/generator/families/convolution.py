"""CONV_2D, DEPTHWISE_CONV_2D, TRANSPOSE_CONV."""

import numpy as np
from ai_edge_litert.schema_py_generated import ActivationFunctionType as Activation
from ai_edge_litert.schema_py_generated import Padding

from ..accumulate import Weighted
from ..case import ORDER, Case

SAME, VALID = Padding.SAME, Padding.VALID
NONE, RELU, RELU6, RELU_N1_TO_1 = (
    Activation.NONE, Activation.RELU, Activation.RELU6, Activation.RELU_N1_TO_1,
)  # fmt: skip
DTYPES = ("int8", "int16", "uint8", "float32")

# name: input (n, h, w, c), filters, kernel (h, w), fields of the options, then what differs from the default
CONV_2D = {
    "same_3x3": ((1, 5, 6, 3), 4, (3, 3), dict(padding=SAME), {}),
    "valid_3x3_odd_channels": ((1, 5, 5, 5), 7, (3, 3), dict(padding=VALID), {}),
    "stride_2_same_even": ((1, 6, 7, 2), 3, (3, 3), dict(padding=SAME, strideH=2, strideW=2), {}),
    "stride_1x3_valid": ((2, 4, 9, 3), 2, (2, 3), dict(padding=VALID, strideH=1, strideW=3), {}),
    "dilation_2x3_same": ((1, 8, 9, 2), 3, (3, 3), dict(padding=SAME, dilationHFactor=2, dilationWFactor=3), {}),
    "dilation_2_valid": ((1, 7, 7, 1), 2, (3, 3), dict(padding=VALID, dilationHFactor=2, dilationWFactor=2), {}),
    "groups_2": ((1, 4, 4, 6), 4, (3, 3), dict(padding=SAME), dict(groups=2)),
    "groups_3_pointwise": ((1, 3, 3, 9), 6, (1, 1), dict(padding=VALID), dict(groups=3)),
    "pointwise_17_channels": ((1, 3, 3, 17), 9, (1, 1), dict(padding=VALID), {}),
    "pointwise_32_channels": ((1, 3, 3, 32), 24, (1, 1), dict(padding=VALID), {}),
    "kernel_10x4_stride_2": ((1, 13, 10, 1), 8, (10, 4), dict(padding=SAME, strideH=2, strideW=2), {}),
    "kernel_larger_than_image": ((1, 2, 3, 2), 3, (5, 5), dict(padding=SAME), {}),
    "input_zero_point_least": ((1, 5, 5, 9), 5, (3, 3), dict(padding=SAME), dict(input_zero_point=-128)),
    "input_zero_point_greatest": ((1, 5, 5, 9), 5, (3, 3), dict(padding=SAME), dict(input_zero_point=127)),
    "relu": ((1, 4, 4, 3), 5, (3, 3), dict(padding=SAME, fusedActivationFunction=RELU), {}),
    "relu6": ((1, 4, 4, 3), 5, (3, 3), dict(padding=SAME, fusedActivationFunction=RELU6), {}),
    "relu_n1_to_1": ((1, 4, 4, 3), 5, (3, 3), dict(padding=SAME, fusedActivationFunction=RELU_N1_TO_1), {}),
    "per_tensor": ((1, 4, 5, 3), 4, (3, 3), dict(padding=SAME), dict(per_channel=False)),
    "no_bias": ((1, 4, 5, 3), 4, (3, 3), dict(padding=SAME), dict(bias=False)),
    "bias_int32": ((1, 4, 5, 3), 4, (3, 3), dict(padding=SAME), dict(bias="int32")),
    "rounding_ties": ((1, 8, 8, 3), 8, (1, 1), dict(padding=VALID), dict(ties=True)),
    "multiplier_above_one": ((1, 6, 6, 1), 5, (1, 1), dict(padding=VALID), dict(multiplier=1.7)),
    "saturating": ((1, 5, 5, 4), 5, (3, 3), dict(padding=SAME), dict(gain=6.0)),
}

# name: input, multiplier of the channels, kernel, fields of the options, then what differs
DEPTHWISE_CONV_2D = {
    "same_3x3": ((1, 5, 6, 4), 1, (3, 3), dict(padding=SAME), {}),
    "valid_3x3_17_channels": ((1, 4, 4, 17), 1, (3, 3), dict(padding=VALID), {}),
    "same_3x3_32_channels": ((1, 3, 4, 32), 1, (3, 3), dict(padding=SAME), {}),
    "input_zero_point_least": ((1, 4, 4, 9), 1, (3, 3), dict(padding=SAME), dict(input_zero_point=-128)),
    "input_zero_point_greatest": ((1, 4, 4, 9), 1, (3, 3), dict(padding=SAME), dict(input_zero_point=127)),
    "multiplier_2": ((1, 5, 5, 3), 2, (3, 3), dict(padding=SAME), {}),
    "multiplier_8_one_channel": ((1, 6, 5, 1), 8, (3, 2), dict(padding=SAME, strideH=2, strideW=2), {}),
    "multiplier_5_odd": ((1, 4, 4, 3), 5, (2, 2), dict(padding=VALID), {}),
    "stride_2_same_even": ((2, 6, 7, 3), 1, (3, 3), dict(padding=SAME, strideH=2, strideW=2), {}),
    "stride_2_valid": ((1, 7, 7, 3), 1, (3, 3), dict(padding=VALID, strideH=2, strideW=2), {}),
    "dilation_2x3_same": ((1, 8, 9, 2), 1, (3, 3), dict(padding=SAME, dilationHFactor=2, dilationWFactor=3), {}),
    "dilation_2_valid": ((1, 7, 7, 3), 2, (3, 3), dict(padding=VALID, dilationHFactor=2, dilationWFactor=2), {}),
    "kernel_10x8": ((1, 12, 9, 2), 1, (10, 8), dict(padding=SAME), {}),
    "relu": ((1, 4, 4, 5), 1, (3, 3), dict(padding=SAME, fusedActivationFunction=RELU), {}),
    "relu6": ((1, 4, 4, 5), 1, (3, 3), dict(padding=SAME, fusedActivationFunction=RELU6), {}),
    "relu_n1_to_1": ((1, 4, 4, 5), 1, (3, 3), dict(padding=SAME, fusedActivationFunction=RELU_N1_TO_1), {}),
    "per_tensor": ((1, 4, 5, 3), 1, (3, 3), dict(padding=SAME), dict(per_channel=False)),
    "no_bias": ((1, 4, 5, 3), 1, (3, 3), dict(padding=SAME), dict(bias=False)),
    "rounding_ties": ((1, 8, 8, 8), 1, (1, 1), dict(padding=VALID), dict(ties=True)),
    "multiplier_above_one": ((1, 6, 6, 4), 1, (1, 1), dict(padding=VALID), dict(multiplier=1.7)),
    "saturating": ((1, 5, 5, 5), 1, (3, 3), dict(padding=SAME), dict(gain=6.0)),
}

# name: input, filters, kernel, fields of the options, then what differs
TRANSPOSE_CONV = {
    "same_3x3": ((1, 4, 4, 3), 4, (3, 3), dict(padding=SAME), {}),
    "stride_2_same": ((1, 3, 4, 3), 5, (3, 3), dict(padding=SAME, strideH=2, strideW=2), {}),
    "stride_2_valid": ((1, 3, 3, 2), 3, (3, 3), dict(padding=VALID, strideH=2, strideW=2), {}),
    "stride_2_kernel_2_valid": ((2, 3, 3, 5), 3, (2, 2), dict(padding=VALID, strideH=2, strideW=2), {}),
    "stride_3x1_same": ((1, 2, 5, 3), 2, (4, 3), dict(padding=SAME, strideH=3, strideW=1), {}),
    "stride_beyond_kernel": ((1, 3, 3, 2), 3, (2, 2), dict(padding=VALID, strideH=3, strideW=3), {}),
    "no_bias": ((1, 3, 4, 3), 4, (3, 3), dict(padding=SAME, strideH=2, strideW=2), dict(bias=False)),
    "input_zero_point_least": ((1, 3, 4, 9), 4, (3, 3), dict(padding=SAME), dict(input_zero_point=-128)),
    "relu": ((1, 3, 3, 3), 4, (3, 3), dict(padding=SAME, fusedActivationFunction=RELU), {}),
    "relu6": ((1, 3, 3, 3), 4, (3, 3), dict(padding=SAME, fusedActivationFunction=RELU6), {}),
    "per_tensor": ((1, 3, 4, 3), 4, (3, 3), dict(padding=SAME), dict(per_channel=False)),
    "rounding_ties": ((1, 8, 8, 3), 8, (1, 1), dict(padding=VALID), dict(ties=True)),
    "saturating": ((1, 4, 4, 4), 5, (3, 3), dict(padding=SAME), dict(gain=6.0)),
}

# What is kept for uint8, which only LiteRT runs.
REF_ONLY = ("same_3x3", "stride_2_same_even", "stride_2_same", "multiplier_2", "relu6", "rounding_ties")

STRIDES = dict(strideH=1, strideW=1)
DILATIONS = dict(dilationHFactor=1, dilationWFactor=1)


def weighted_case(op, dtype, name, differs, *, weights_shape, channel_axis, terms, fused):
    """A case and its quantized operands, or None where the variant makes no sense for the type."""
    if differs.get("bias") == "int32" and dtype != "int16":
        return None
    quantized_by_channel = dtype in ("int8", "int16") and differs.get("per_channel", True)
    if dtype == "float32" and differs.keys() & {"ties", "multiplier", "gain", "per_channel"}:
        return None
    if "input_zero_point" in differs and dtype != "int8":
        return None
    if dtype == "uint8" and name not in REF_ONLY:
        return None
    case = Case(op, dtype, name, float_tolerance=ORDER)
    operands = Weighted(
        case, dtype, weights_shape, terms,
        channel_axis=channel_axis if quantized_by_channel else None,
        channels=weights_shape[channel_axis],
        fused=fused != NONE,
        bias=differs.get("bias", True),
        **{key: differs[key] for key in ("ties", "multiplier", "gain", "input_zero_point") if key in differs},
    )  # fmt: skip
    return case, operands


def windowed_shape(shape, kernel, fields, channels):
    """Shape of the output of a convolution: (n, h, w, c)."""
    strides = (fields["strideH"], fields["strideW"])
    dilations = (fields["dilationHFactor"], fields["dilationWFactor"])
    extents = [
        (size - 1) * dilation if fields["padding"] == VALID else 0
        for size, dilation in zip(kernel, dilations, strict=True)
    ]
    height, width = (
        -(-(size - extent) // stride) for size, extent, stride in zip(shape[1:3], extents, strides, strict=True)
    )
    return (shape[0], height, width, channels)


def conv_2d():
    for name, (shape, filters, kernel, fields, differs) in CONV_2D.items():
        depth = shape[3] // differs.get("groups", 1)
        for dtype in DTYPES:
            fused = fields.get("fusedActivationFunction", NONE)
            built = weighted_case(
                "CONV_2D", dtype, name, differs,
                weights_shape=(filters, *kernel, depth), channel_axis=0, terms=kernel[0] * kernel[1] * depth,
                fused=fused,
            )  # fmt: skip
            if built is None:
                continue
            case, operands = built
            image = case.input(dtype, shape, *operands.input_quantization)
            inputs = [image, *operands.weights_and_bias()]
            options = STRIDES | DILATIONS | fields
            output_shape = windowed_shape(shape, kernel, options, filters)
            output = case.graph.output(dtype, output_shape, *operands.output_quantization)
            case.graph.op("CONV_2D", inputs, [output], "Conv2DOptions", **options)
            yield case


def depthwise_conv_2d():
    for name, (shape, multiplier, kernel, fields, differs) in DEPTHWISE_CONV_2D.items():
        channels = shape[3] * multiplier
        for dtype in DTYPES:
            fused = fields.get("fusedActivationFunction", NONE)
            built = weighted_case(
                "DEPTHWISE_CONV_2D", dtype, name, differs,
                weights_shape=(1, *kernel, channels), channel_axis=3, terms=kernel[0] * kernel[1], fused=fused,
            )  # fmt: skip
            if built is None:
                continue
            case, operands = built
            image = case.input(dtype, shape, *operands.input_quantization)
            inputs = [image, *operands.weights_and_bias()]
            options = STRIDES | DILATIONS | dict(depthMultiplier=multiplier) | fields
            output_shape = windowed_shape(shape, kernel, options, channels)
            output = case.graph.output(dtype, output_shape, *operands.output_quantization)
            case.graph.op("DEPTHWISE_CONV_2D", inputs, [output], "DepthwiseConv2DOptions", **options)
            yield case


def transpose_conv():
    for name, (shape, filters, kernel, fields, differs) in TRANSPOSE_CONV.items():
        options = STRIDES | fields
        height, width = (
            size * stride if options["padding"] == SAME else (size - 1) * stride + max(extent, stride)
            for size, stride, extent in zip(shape[1:3], (options["strideH"], options["strideW"]), kernel, strict=True)
        )
        for dtype in DTYPES:
            fused = fields.get("fusedActivationFunction", NONE)
            terms = shape[3] * max(1, kernel[0] * kernel[1] // (options["strideH"] * options["strideW"]))
            built = weighted_case(
                "TRANSPOSE_CONV", dtype, name, differs,
                weights_shape=(filters, *kernel, shape[3]), channel_axis=0, terms=terms, fused=fused,
            )  # fmt: skip
            if built is None:
                continue
            case, operands = built
            size = case.graph.constant(np.int32([shape[0], height, width, filters]))
            weights, *bias = operands.weights_and_bias()
            image = case.input(dtype, shape, *operands.input_quantization)
            output = case.graph.output(dtype, (shape[0], height, width, filters), *operands.output_quantization)
            case.graph.op("TRANSPOSE_CONV", [size, weights, image, *bias], [output], "TransposeConvOptions", **options)
            yield case


def cases():
    yield from conv_2d()
    yield from depthwise_conv_2d()
    yield from transpose_conv()
