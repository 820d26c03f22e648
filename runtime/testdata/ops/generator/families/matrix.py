"""FULLY_CONNECTED and BATCH_MATMUL."""

import numpy as np
from ai_edge_litert.schema_py_generated import ActivationFunctionType as Activation

from ..accumulate import INPUT_DEVIATION, INPUT_SCALE, INPUT_ZERO_POINT, OUTPUT_DEVIATION, OUTPUT_ZERO_POINT, Weighted
from ..case import ORDER, Case

DTYPES = ("int8", "int16", "uint8", "float32")

# name: input, units, fields of the options, then what differs from the default
FULLY_CONNECTED = {
    "batch_3": ((3, 10), 7, {}, {}),
    "odd_17_to_9": ((1, 17), 9, {}, {}),
    "wide_64_to_16": ((1, 64), 16, {}, {}),
    "one_to_one": ((2, 1), 1, {}, {}),
    "flattened_rank_4": ((2, 2, 3, 2), 5, {}, {}),
    "keep_num_dims": ((2, 3, 6), 4, dict(keepNumDims=True), {}),
    "per_channel": ((2, 12), 6, {}, dict(per_channel=True)),
    "no_bias": ((2, 12), 6, {}, dict(bias=False)),
    "weights_zero_point": ((2, 12), 6, {}, dict(weights_zero_point=-11)),
    "input_zero_point_least": ((2, 37), 6, {}, dict(input_zero_point=-128)),
    "input_zero_point_greatest": ((2, 37), 6, {}, dict(input_zero_point=127)),
    "weights_from_input": ((2, 9), 5, {}, dict(weights_from_input=True)),
    "relu": ((3, 10), 7, dict(fusedActivationFunction=Activation.RELU), {}),
    "relu6": ((3, 10), 7, dict(fusedActivationFunction=Activation.RELU6), {}),
    "relu_n1_to_1": ((3, 10), 7, dict(fusedActivationFunction=Activation.RELU_N1_TO_1), {}),
    "bias_int32": ((2, 12), 6, {}, dict(bias="int32")),
    "rounding_ties": ((32, 3), 16, {}, dict(ties=True)),
    "multiplier_above_one": ((12, 1), 6, {}, dict(multiplier=1.7)),
    "saturating": ((4, 20), 9, {}, dict(gain=6.0)),
}

# name: left, right, transpose left, transpose right, where the right operand comes from
BATCH_MATMUL = {
    "rank_2": ((3, 5), (5, 4), False, False, "input"),
    "rank_3": ((2, 3, 5), (2, 5, 4), False, False, "input"),
    "rank_4_odd": ((2, 2, 3, 7), (2, 2, 7, 3), False, False, "input"),
    "adj_x": ((2, 5, 3), (2, 5, 4), True, False, "input"),
    "adj_y": ((2, 3, 5), (2, 4, 5), False, True, "input"),
    "adj_x_adj_y": ((2, 5, 3), (2, 4, 5), True, True, "input"),
    "broadcast_left": ((1, 3, 5), (3, 5, 2), False, False, "input"),
    "broadcast_both": ((2, 1, 3, 4), (1, 3, 4, 2), False, False, "input"),
    "broadcast_rank": ((3, 5), (2, 5, 4), False, False, "input"),
    "constant_right": ((2, 3, 5), (2, 5, 4), False, False, "constant"),
    "constant_right_adj_y": ((1, 4, 6), (1, 3, 6), False, True, "constant"),
}


def applies(dtype, differs):
    """Whether a variant of FULLY_CONNECTED makes sense for a type."""
    if "bias" in differs and differs["bias"] == "int32":
        return dtype == "int16"
    if "per_channel" in differs:
        return dtype in ("int8", "int16")
    if differs.keys() & {"weights_zero_point", "input_zero_point"}:
        return dtype == "int8"
    return dtype != "float32" or not differs.keys() & {"ties", "multiplier", "gain"}


def fully_connected():
    for name, (shape, units, fields, differs) in FULLY_CONNECTED.items():
        depth = shape[-1] if fields.get("keepNumDims") else int(np.prod(shape[1:]))
        rows = shape[:-1] if fields.get("keepNumDims") else shape[:1]
        for dtype in filter(lambda dtype: applies(dtype, differs), DTYPES):
            case = Case("FULLY_CONNECTED", dtype, name, float_tolerance=ORDER)
            operands = Weighted(
                case, dtype, (units, depth), depth,
                channel_axis=0 if differs.get("per_channel") else None,
                channels=units,
                fused="fusedActivationFunction" in fields,
                bias=differs.get("bias", True),
                **{key: differs[key] for key in differs.keys() - {"per_channel", "bias"}},
            )  # fmt: skip
            values = case.input(dtype, shape, *operands.input_quantization)
            weights, *bias = operands.weights_and_bias()
            output = case.graph.output(dtype, (*rows, units), *operands.output_quantization)
            case.graph.op(
                "FULLY_CONNECTED", [values, weights, *(bias or [-1])], [output], "FullyConnectedOptions", **fields
            )
            yield case


def batch_matmul():
    for name, (left, right, adj_x, adj_y, source) in BATCH_MATMUL.items():
        depth = left[-2] if adj_x else left[-1]
        rows = left[-1] if adj_x else left[-2]
        columns = right[-2] if adj_y else right[-1]
        shape = (*np.broadcast_shapes(left[:-2], right[:-2]), rows, columns)
        for dtype in ("int8", "int16", "float32"):
            case = Case("BATCH_MATMUL", dtype, name, float_tolerance=ORDER)
            left_quantization = right_quantization = output_quantization = ()
            if dtype != "float32":
                scale = INPUT_SCALE[dtype]
                left_quantization = (scale, INPUT_ZERO_POINT[dtype])
                right_quantization = (0.7 * scale, -2 * INPUT_ZERO_POINT[dtype])
                deviation = np.sqrt(depth) * INPUT_DEVIATION[dtype] ** 2
                output_scale = deviation * 0.7 * scale**2 / OUTPUT_DEVIATION[dtype]
                output_quantization = (output_scale, OUTPUT_ZERO_POINT[dtype])
            first = case.input(dtype, left, *left_quantization)
            if source == "input":
                second = case.input(dtype, right, *right_quantization)
            else:
                second = case.graph.constant(case.values(dtype, right), *right_quantization)
            output = case.graph.output(dtype, shape, *output_quantization)
            case.graph.op("BATCH_MATMUL", [first, second], [output], "BatchMatMulOptions", adjX=adj_x, adjY=adj_y)
            yield case


def cases():
    yield from fully_connected()
    yield from batch_matmul()
