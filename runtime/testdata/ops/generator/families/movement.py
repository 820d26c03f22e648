"""Operators that move values without computing: RESHAPE, SQUEEZE, EXPAND_DIMS, SHAPE, TRANSPOSE, the pads,
CONCATENATION, the splits and slices, PACK, UNPACK, GATHER, DEPTH_TO_SPACE, SPACE_TO_DEPTH."""

import numpy as np
from ai_edge_litert.schema_py_generated import ActivationFunctionType, MirrorPadMode, TensorType

from ..case import Case

# Every case runs in these types; the first case of an operator in the others too.
MAIN_DTYPES = ("int8", "float32")
OTHER_DTYPES = ("int16", "uint8", "int32", "bool")
QUANTIZATION = {"int8": (0.05, -3), "uint8": (0.05, 125), "int16": (0.0005, 0)}


def each(op, table):
    """A case for each row and type, its row, and the quantization of all its tensors."""
    for number, (name, row) in enumerate(table.items()):
        for dtype in MAIN_DTYPES + (OTHER_DTYPES if number == 0 else ()):
            yield Case(op, dtype, name), row, QUANTIZATION.get(dtype, ())


def finish(case, inputs, options, quantization, outputs=1, shape=None, **fields):
    """The operator itself, all of whose outputs have the type of its data."""
    produced = [case.graph.output(case.dtype, shape, *quantization) for _ in range(outputs)]
    case.graph.op(case.op, inputs, produced, options, **fields)
    return case


RESHAPE = {
    "rank_4_to_2": ((2, 3, 4, 5), (6, 20), True),
    "inferred_dimension": ((2, 3, 4), (4, -1), True),
    "from_options": ((2, 3, 4), (24,), False),
    "inferred_from_options": ((2, 6), (-1, 3), False),
    "to_rank_5": ((2, 12), (1, 2, 3, 2, 2), True),
}


def reshape():
    for case, (shape, target, as_tensor), quantization in each("RESHAPE", RESHAPE):
        inputs = [case.input(case.dtype, shape, *quantization)]
        if as_tensor:
            inputs.append(case.graph.constant(np.int32(target)))
        yield finish(case, inputs, "ReshapeOptions", quantization, newShape=list(target))


SQUEEZE = {
    "one_dimension": ((2, 1, 3, 1), [1]),
    "all": ((1, 2, 1, 3, 1), []),
    "negative": ((2, 1, 3, 1), [-1]),
    "two_dimensions": ((1, 4, 1, 1, 3), [2, 0]),
}
EXPAND_DIMS = {"front": ((2, 3, 4), 0), "middle": ((2, 3, 4), 1), "last_negative": ((2, 3, 4), -1)}
TRANSPOSE = {
    "nhwc_to_nchw": ((1, 3, 4, 5), (0, 3, 1, 2)),
    "rank_2": ((3, 5), (1, 0)),
    "rank_3_cycle": ((2, 3, 4), (2, 0, 1)),
    "rank_3_reversed": ((2, 3, 4), (2, 1, 0)),
    "identity": ((2, 3, 4), (0, 1, 2)),
    "rank_5": ((2, 1, 3, 2, 4), (4, 2, 0, 1, 3)),
    "rank_6": ((2, 1, 3, 2, 2, 3), (5, 0, 2, 4, 1, 3)),
}


def dimensions():
    for case, (shape, squeezed), quantization in each("SQUEEZE", SQUEEZE):
        inputs = [case.input(case.dtype, shape, *quantization)]
        yield finish(case, inputs, "SqueezeOptions", quantization, squeezeDims=squeezed)
    for case, (shape, axis), quantization in each("EXPAND_DIMS", EXPAND_DIMS):
        inputs = [case.input(case.dtype, shape, *quantization), case.graph.constant(np.int32(axis))]
        yield finish(case, inputs, "ExpandDimsOptions", quantization)
    for case, (shape, permutation), quantization in each("TRANSPOSE", TRANSPOSE):
        inputs = [case.input(case.dtype, shape, *quantization), case.graph.constant(np.int32(permutation))]
        yield finish(case, inputs, "TransposeOptions", quantization)
    for dtype in MAIN_DTYPES:
        for name, shape in (("rank_4", (1, 3, 4, 5)), ("rank_1", (7,))):
            case = Case("SHAPE", dtype, name)
            inputs = [case.input(dtype, shape, *QUANTIZATION.get(dtype, ()))]
            output = case.graph.output("int32", (len(shape),))
            case.graph.op("SHAPE", inputs, [output], "ShapeOptions", outType=TensorType.INT32)
            yield case


PAD = {
    "height_and_width": ((1, 3, 4, 2), [[0, 0], [1, 2], [3, 0], [0, 0]]),
    "channels": ((2, 2, 3), [[0, 0], [0, 0], [1, 2]]),
    "rank_1": ((5,), [[2, 3]]),
    "none": ((2, 3), [[0, 0], [0, 0]]),
    "rank_5": ((1, 2, 2, 1, 3), [[0, 0], [1, 0], [0, 1], [1, 1], [0, 2]]),
}
MIRROR_PAD = {
    "reflect": ((2, 3, 4), [[0, 0], [2, 1], [1, 3]], MirrorPadMode.REFLECT),
    "symmetric": ((2, 3, 4), [[0, 0], [2, 3], [4, 1]], MirrorPadMode.SYMMETRIC),
    "reflect_rank_4": ((1, 3, 3, 2), [[0, 0], [1, 1], [2, 2], [0, 0]], MirrorPadMode.REFLECT),
}


def pads():
    for case, (shape, paddings), quantization in each("PAD", PAD):
        inputs = [case.input(case.dtype, shape, *quantization), case.graph.constant(np.int32(paddings))]
        yield finish(case, inputs, "PadOptions", quantization)
    for case, (shape, paddings), quantization in each("PADV2", PAD):
        filling = np.array({"float32": -2.5, "bool": True}.get(case.dtype, 77)).astype(case.dtype)
        inputs = [
            case.input(case.dtype, shape, *quantization),
            case.graph.constant(np.int32(paddings)),
            case.graph.constant(filling.reshape(1), *quantization),
        ]
        yield finish(case, inputs, "PadV2Options", quantization)
    for case, (shape, paddings, mode), quantization in each("MIRROR_PAD", MIRROR_PAD):
        inputs = [case.input(case.dtype, shape, *quantization), case.graph.constant(np.int32(paddings))]
        yield finish(case, inputs, "MirrorPadOptions", quantization, mode=mode)


CONCATENATION = {
    "channels": ([(1, 2, 3, 4), (1, 2, 3, 1), (1, 2, 3, 5)], 3),
    "first_axis": ([(2, 3), (1, 3)], 0),
    "middle_axis": ([(2, 1, 4), (2, 3, 4)], 1),
    "negative_axis": ([(2, 3, 2), (2, 3, 3)], -1),
    "one_operand": ([(2, 3)], 1),
}
PACK = {
    "axis_0": ([(3, 4)] * 3, 0),
    "axis_1": ([(3, 4)] * 2, 1),
    "last_negative": ([(2, 3)] * 4, -1),
}
UNPACK = {
    "axis_0": ((3, 4, 2), 0),
    "axis_1": ((2, 4, 3), 1),
    "last_negative": ((2, 2, 3), -1),
}
SPLIT = {
    "channels": ((1, 2, 3, 6), 3, 3),
    "first_axis": ((4, 3), 0, 2),
    "negative_axis": ((2, 6, 2), -2, 3),
}
SPLIT_V = {
    "uneven": ((2, 9), 1, [2, 3, 4]),
    "inferred_size": ((2, 3, 7), 2, [1, -1, 2]),
    "negative_axis": ((5, 2), -2, [4, 1]),
}


def joins_and_splits():
    for case, (shapes, axis), quantization in each("CONCATENATION", CONCATENATION):
        inputs = [case.input(case.dtype, shape, *quantization) for shape in shapes]
        activation = ActivationFunctionType.NONE
        yield finish(case, inputs, "ConcatenationOptions", quantization, axis=axis, fusedActivationFunction=activation)
    for case, (shapes, axis), quantization in each("PACK", PACK):
        inputs = [case.input(case.dtype, shape, *quantization) for shape in shapes]
        yield finish(case, inputs, "PackOptions", quantization, valuesCount=len(shapes), axis=axis)
    for case, (shape, axis), quantization in each("UNPACK", UNPACK):
        inputs = [case.input(case.dtype, shape, *quantization)]
        yield finish(case, inputs, "UnpackOptions", quantization, outputs=shape[axis], num=shape[axis], axis=axis)
    for case, (shape, axis, count), quantization in each("SPLIT", SPLIT):
        inputs = [case.graph.constant(np.int32(axis)), case.input(case.dtype, shape, *quantization)]
        yield finish(case, inputs, "SplitOptions", quantization, outputs=count, numSplits=count)
    for case, (shape, axis, sizes), quantization in each("SPLIT_V", SPLIT_V):
        inputs = [
            case.input(case.dtype, shape, *quantization),
            case.graph.constant(np.int32(sizes)),
            case.graph.constant(np.int32(axis)),
        ]
        yield finish(case, inputs, "SplitVOptions", quantization, outputs=len(sizes), numSplits=len(sizes))


SLICE = {
    "rank_4": ((2, 4, 5, 3), [0, 1, 2, 0], [2, 2, 3, 3]),
    "to_the_end": ((4, 5), [1, 2], [-1, -1]),
    "one_element": ((4, 5), [3, 4], [1, 1]),
    "rank_5": ((2, 2, 3, 2, 4), [1, 0, 1, 0, 1], [1, 2, -1, 1, 2]),
}
# name: shape, begin, end, strides, fields of the options
STRIDED_SLICE = {
    "rank_4": ((2, 5, 6, 3), [0, 1, 0, 0], [2, 5, 6, 3], [1, 2, 3, 1], {}),
    "negative_indices": ((6, 7), [-5, -4], [-1, -1], [1, 1], {}),
    "negative_strides": ((6, 7), [5, 6], [0, -8], [-2, -1], {}),
    "begin_mask": ((5, 6), [3, 2], [5, 5], [1, 1], dict(beginMask=1)),
    "end_mask": ((5, 6), [1, 2], [2, 3], [1, 1], dict(endMask=2)),
    "both_masks_reversed": ((5, 6), [0, 0], [0, 0], [-1, 1], dict(beginMask=3, endMask=3)),
    "shrink_axis": ((3, 4, 5), [1, 0, 2], [2, 4, 3], [1, 1, 1], dict(shrinkAxisMask=5)),
    "shrink_axis_negative": ((3, 4), [-1, 0], [0, 4], [1, 1], dict(shrinkAxisMask=1)),
    "out_of_bounds_clamped": ((4, 5), [-9, 1], [9, 99], [1, 2], {}),
    "new_axis": ((3, 4), [0, 0, 1], [3, 0, 3], [1, 1, 1], dict(newAxisMask=2)),
    "ellipsis": ((2, 3, 4), [0, 1], [0, 3], [1, 1], dict(ellipsisMask=1)),
    "fewer_indices_than_rank": ((3, 4, 5), [1], [3], [1], {}),
}
# name: data, axis, batch dimensions, indices, whether they are a constant
GATHER = {
    "axis_0": ((5, 3), 0, 0, [4, 0, 0, 2], True),
    "axis_1": ((2, 4, 3), 1, 0, [3, 1], True),
    "negative_axis": ((2, 3, 5), -1, 0, [4, 2, 0], True),
    "rank_2_indices": ((4, 3), 0, 0, [[1, 3], [0, 2]], True),
    "scalar_index": ((4, 3), 0, 0, 2, True),
    "batch_dimension": ((2, 4, 3), 1, 1, [[3, 0], [1, 1]], True),
    "indices_from_input": ((5, 3), 0, 0, [4, 0, 0, 2], False),
}
BLOCKS = {"block_2": ((1, 2, 3, 8), 2), "block_3": ((2, 1, 2, 9), 3)}


def slices():
    for case, (shape, begin, size), quantization in each("SLICE", SLICE):
        inputs = [case.input(case.dtype, shape, *quantization)]
        inputs += [case.graph.constant(np.int32(values)) for values in (begin, size)]
        yield finish(case, inputs, "SliceOptions", quantization)
    for case, (shape, begin, end, strides, fields), quantization in each("STRIDED_SLICE", STRIDED_SLICE):
        inputs = [case.input(case.dtype, shape, *quantization)]
        inputs += [case.graph.constant(np.int32(values)) for values in (begin, end, strides)]
        yield finish(case, inputs, "StridedSliceOptions", quantization, **fields)
    for case, (shape, axis, batch, indices, constant), quantization in each("GATHER", GATHER):
        indices = np.int32(indices)
        inputs = [case.input(case.dtype, shape, *quantization)]
        if constant:
            inputs.append(case.graph.constant(indices))
        else:
            rows = np.stack([case.rng.permutation(indices) for _ in range(case.runs)])
            inputs.append(case.input("int32", indices.shape, data=rows))
        yield finish(case, inputs, "GatherOptions", quantization, axis=axis, batchDims=batch)


def blocks():
    for case, (shape, block), quantization in each("DEPTH_TO_SPACE", BLOCKS):
        inputs = [case.input(case.dtype, shape, *quantization)]
        yield finish(case, inputs, "DepthToSpaceOptions", quantization, blockSize=block)
    for case, (shape, block), quantization in each("SPACE_TO_DEPTH", BLOCKS):
        turned = (shape[0], shape[1] * block, shape[2] * block, shape[3] // block**2)
        inputs = [case.input(case.dtype, turned, *quantization)]
        yield finish(case, inputs, "SpaceToDepthOptions", quantization, blockSize=block)


def cases():
    for part in (reshape, dimensions, pads, joins_and_splits, slices, blocks):
        yield from part()
