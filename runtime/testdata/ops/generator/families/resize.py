"""RESIZE_NEAREST_NEIGHBOR and RESIZE_BILINEAR."""

import numpy as np

from ..case import EXACT, ORDER, Case

DTYPES = ("int8", "int16", "uint8", "float32")
QUANTIZATION = {"int8": (0.05, -3), "uint8": (0.05, 125), "int16": (0.0005, 0), "float32": ()}
# name: image, new height and width
SIZES = {
    "double": ((1, 3, 4, 2), (6, 8)),
    "odd": ((2, 4, 3, 3), (7, 5)),
    "smaller": ((1, 7, 6, 2), (3, 4)),
    "from_one_pixel": ((1, 1, 1, 3), (3, 2)),
    "to_one_pixel": ((1, 5, 4, 2), (1, 1)),
}
# align_corners, half_pixel_centers
GRIDS = {"": (False, False), "_align_corners": (True, False), "_half_pixel": (False, True)}


def cases():
    for op, options, tolerance in (
        ("RESIZE_NEAREST_NEIGHBOR", "ResizeNearestNeighborOptions", EXACT),
        ("RESIZE_BILINEAR", "ResizeBilinearOptions", ORDER),
    ):
        for size_name, (shape, size) in SIZES.items():
            for grid_name, (align_corners, half_pixel_centers) in GRIDS.items():
                for dtype in DTYPES:
                    if dtype in ("uint8", "int16") and size_name != "odd":
                        continue
                    case = Case(op, dtype, size_name + grid_name, float_tolerance=tolerance)
                    image = case.input(dtype, shape, *QUANTIZATION[dtype])
                    output = case.graph.output(dtype, (shape[0], *size, shape[3]), *QUANTIZATION[dtype])
                    case.graph.op(
                        op, [image, case.graph.constant(np.int32(size))], [output], options,
                        alignCorners=align_corners, halfPixelCenters=half_pixel_centers,
                    )  # fmt: skip
                    yield case
