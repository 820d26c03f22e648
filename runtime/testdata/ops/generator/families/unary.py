"""Operators of one operand, element by element or along the last axis: activations, functions, softmax."""

import numpy as np

from ..case import EXACT, LIBM, Case

QUANTIZED = ("int8", "int16", "uint8")
CODES = {
    "int8": np.arange(-128, 128).astype(np.int8),
    "uint8": np.arange(256).astype(np.uint8),
}
INT16_SHAPE = (2, 96)
FLOAT_SHAPE = (3, 5, 7)

# (scale, zero point) that the operators fix for their output.
LOGISTIC = {"int8": (1 / 256, -128), "uint8": (1 / 256, 0), "int16": (1 / 32768, 0)}
TANH = {"int8": (1 / 128, 0), "uint8": (1 / 128, 128), "int16": (1 / 32768, 0)}

# Quantization of input and output for a real range that a function finds interesting: name -> (in, out).
SIGNED = {
    "int8": {
        "near_zero": ((0.0157, 3), (0.0211, -7)),
        "wide": ((0.0937, -21), (0.0471, 12)),
        "same_scale": ((0.0625, 0), (0.0625, 0)),
    },
    "int16": {
        "near_zero": ((6.1e-5, 0), (8.3e-5, 0)),
        "wide": ((3.7e-4, 0), (2.2e-4, 0)),
        "same_scale": ((2**-12, 0), (2**-12, 0)),
    },
    "uint8": {"near_zero": ((0.0157, 131), (0.0211, 121)), "wide": ((0.0937, 107), (0.0471, 140))},
}
# Inputs of which no code stands for a negative number.
POSITIVE = {
    "int8": {
        "near_zero": ((0.0157, -128), (0.0211, -128)),
        "wide": ((0.21, -128), (0.0331, -121)),
    },
    "int16": {"wide": ((3.7e-4, 0), (8.3e-4, 0))},
}


def codes(case, dtype, lowest=None):
    """Every code of an 8-bit type, in another order each run, or seeded int16; none below `lowest`."""
    if dtype in CODES:
        return np.stack([case.rng.permutation(CODES[dtype]).clip(lowest) for _ in range(case.runs)])
    return case.values(dtype, (case.runs, *INT16_SHAPE), **({} if lowest is None else dict(low=lowest)))


def quantized(op, dtype, name, source, target, options, lowest=None, **fields):
    case = Case(op, dtype, name)
    data = codes(case, dtype, lowest)
    image = case.input(dtype, data.shape[1:], *source, data=data)
    output = case.graph.output(dtype, data.shape[1:], *target)
    case.graph.op(op, [image], [output], options, **fields)
    return case


def real(op, name, data, tolerance, options, **fields):
    case = Case(op, "float32", name, float_tolerance=tolerance)
    image = case.input("float32", data.shape[1:], data=data)
    output = case.graph.output("float32", data.shape[1:])
    case.graph.op(op, [image], [output], options, **fields)
    return case


def real_values(op, name, spread, low=None):
    """Seeded real operands of an operator, over both runs, from `low` on."""
    case = Case(op, "float32", name)
    values = case.values("float32", (case.runs, *FLOAT_SHAPE), spread=spread)
    return values if low is None else np.maximum(np.abs(values), np.float32(low))


def simple(op, options=None, tolerance=EXACT, spread=4.0, dtypes=QUANTIZED, defect="", **fields):
    """An operator whose output scale is free; `defect` is what TensorFlow Lite Micro does wrong with unequal scales."""
    for dtype in dtypes:
        for name, (source, target) in SIGNED[dtype].items():
            case = quantized(op, dtype, name, source, target, options, **fields)
            case.tflm_defect = defect if source != target else ""
            yield case
    yield real(op, "spread", real_values(op, "spread", spread), tolerance, options, **fields)
    yield real(op, "small", real_values(op, "small", spread / 8), tolerance, options, **fields)


def positive(op, float_low, dtypes=("int8", "int16")):
    """An operator defined for positive numbers; quantized inputs start one step above zero."""
    for dtype in dtypes:
        for name, (source, target) in POSITIVE[dtype].items():
            yield quantized(op, dtype, name, source, target, None, lowest=source[1] + 1)
    yield real(op, "spread", real_values(op, "spread", 20.0, float_low), LIBM, None)
    yield real(op, "small", real_values(op, "small", 0.05, float_low), LIBM, None)


def fixed_output(op, targets):
    """LOGISTIC and TANH: the output's scale is prescribed, the input's is free."""
    inputs = {
        "int8": {"narrow": (0.0101, 9), "usual": (0.0469, -4), "wide": (0.25, 17), "one_sided": (0.0312, -128)},
        "uint8": {"usual": (0.0469, 124)},
        "int16": {"power_of_two": (2**-12, 0), "fine": (2**-15, 0), "free": (3.3e-4, 0), "wide": (8.1e-4, 0)},
    }
    for dtype, scales in inputs.items():
        for name, source in scales.items():
            yield quantized(op, dtype, name, source, targets[dtype], None)
    yield real(op, "spread", real_values(op, "spread", 4.0), LIBM, None)
    yield real(op, "saturated", real_values(op, "saturated", 40.0), LIBM, None)


# name: shape, beta, input scale (a step of int16 is 1/256 of it)
SOFTMAX = {
    "two_classes": ((3, 2), 1.0, 0.11),
    "ten_classes": ((4, 10), 1.0, 0.0937),
    "odd_37": ((2, 37), 1.0, 0.35),
    "sharp": ((3, 12), 1.0, 1.1),
    "flat": ((3, 12), 1.0, 0.004),
    "beta_half": ((2, 9), 0.5, 0.2),
    "beta_3": ((2, 9), 3.0, 0.05),
    "rank_1": ((11,), 1.0, 0.1),
    "rank_4": ((1, 2, 3, 5), 1.0, 0.1),
}


def softmax():
    for name, (shape, beta, scale) in SOFTMAX.items():
        for dtype, to in (("int8", "int8"), ("int8", "int16"), ("int16", "int16"), ("uint8", "uint8")):
            if dtype == "uint8" and name not in ("ten_classes", "odd_37", "flat"):
                continue
            case = Case("SOFTMAX", dtype, name if dtype == to else f"{name}_to_{to}")
            source = {"int8": (scale, 14), "uint8": (scale, 140), "int16": (scale / 256, 0)}[dtype]
            target = {"int8": (1 / 256, -128), "uint8": (1 / 256, 0), "int16": (1 / 32768, 0)}[to]
            if dtype != to:
                target = (1 / 65536, -32768)
            values = case.input(dtype, shape, *source)
            output = case.graph.output(to, shape, *target)
            case.graph.op("SOFTMAX", [values], [output], "SoftmaxOptions", beta=beta)
            yield case
        case = Case("SOFTMAX", "float32", name, float_tolerance=LIBM)
        values = case.input("float32", shape, spread=40.0 * scale)
        output = case.graph.output("float32", shape)
        case.graph.op("SOFTMAX", [values], [output], "SoftmaxOptions", beta=beta)
        yield case


def log_softmax():
    for name, shape, scale in (("ten_classes", (4, 10), 0.0937), ("odd_37", (2, 37), 0.35), ("rank_1", (7,), 0.02)):
        for dtype, target in (("int8", (16 / 256, 127)), ("uint8", (16 / 256, 255)), ("float32", ())):
            case = Case("LOG_SOFTMAX", dtype, name, float_tolerance=LIBM)
            limits = dict(spread=40.0 * scale) if dtype == "float32" else {}
            source = {"int8": (scale, 14), "uint8": (scale, 140), "float32": ()}[dtype]
            values = case.input(dtype, shape, *source, **limits)
            output = case.graph.output(dtype, shape, *target)
            case.graph.op("LOG_SOFTMAX", [values], [output], "LogSoftmaxOptions")
            yield case


def prelu():
    for name, shape, alpha_shape in (
        ("per_channel", (1, 4, 4, 5), (1, 1, 5)),
        ("one_alpha", (2, 3, 4, 3), (1, 1, 1)),
        ("per_element", (1, 3, 4, 5), (3, 4, 5)),
        ("per_row", (2, 6, 4, 3), (6, 1, 1)),
    ):
        for dtype in ("int8", "uint8", "float32"):
            case = Case("PRELU", dtype, name)
            middle = {"int8": 0, "uint8": 128}.get(dtype)
            source, alphas, target = (
                ((0.047, middle + 5), (0.0071, middle - 30), (0.053, middle - 9)) if middle is not None else ((),) * 3
            )
            values = case.input(dtype, shape, *source)
            alpha = case.graph.constant(case.values(dtype, alpha_shape), *alphas)
            output = case.graph.output(dtype, shape, *target)
            case.graph.op("PRELU", [values, alpha], [output], None)
            yield case


def leaky_relu():
    for label, alpha in (("alpha_tenth", 0.1), ("alpha_zero", 0.0), ("alpha_3", 3.0), ("alpha_negative", -0.5)):
        for dtype in QUANTIZED:
            if dtype == "uint8" and alpha != 0.1:
                continue
            for name in ("near_zero", "wide"):
                source, target = SIGNED[dtype][name]
                yield quantized("LEAKY_RELU", dtype, f"{label}_{name}", source, target, "LeakyReluOptions", alpha=alpha)
        yield real("LEAKY_RELU", label, real_values("LEAKY_RELU", label, 4.0), EXACT, "LeakyReluOptions", alpha=alpha)


def integers_only(op):
    """ABS and NEG of int32, whose least value has no opposite and is left out."""
    case = Case(op, "int32", "spread")
    values = case.input("int32", (3, 17), low=-(2**31) + 1)
    output = case.graph.output("int32", (3, 17))
    case.graph.op(op, [values], [output], f"{op.title()}Options")
    return case


def cases():
    yield from simple("RELU")
    yield from simple("RELU6", defect="clamps without rescaling from the input's scale to the output's")
    yield from simple("RELU_N1_TO_1", dtypes=("int8", "uint8"))
    yield from leaky_relu()
    yield from prelu()
    yield from simple("HARD_SWISH", "HardSwishOptions", dtypes=("int8", "uint8"))
    yield from simple("ELU", tolerance=LIBM, dtypes=("int8",))
    for label, approximate in (("exact", False), ("tanh", True)):
        for case in simple("GELU", "GeluOptions", LIBM, dtypes=("int8", "uint8"), approximate=approximate):
            case.name = f"{label}_{case.name}"
            yield case
    yield from fixed_output("LOGISTIC", LOGISTIC)
    yield from fixed_output("TANH", TANH)
    yield from softmax()
    yield from log_softmax()
    yield from simple("ABS", "AbsOptions", dtypes=("int8", "int16"))
    yield integers_only("ABS")
    for case in simple("NEG", "NegOptions", dtypes=("int8", "int16")):
        # Codes are negated as they are, which makes sense only where zero points are zero and scales equal.
        if case.dtype == "float32" or case.name == "same_scale":
            yield case
    yield integers_only("NEG")
    yield from simple("EXP", "ExpOptions", LIBM, spread=3.0, dtypes=("int8", "int16"))
    yield from positive("LOG", 1e-3)
    yield from positive("SQRT", 0.0)
    yield from positive("RSQRT", 1e-3)
