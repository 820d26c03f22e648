"""Weights, bias and scales of the operators that accumulate products, chosen so that outputs spread over their type."""

import numpy as np

# Standard deviation of a uniform integer over the whole type, and of a uniform weight in -127..127.
INPUT_DEVIATION = {"int8": 73.9, "uint8": 73.9, "int16": 18918.0}
WEIGHT_DEVIATION = 73.3
# Standard deviation aimed at for outputs, in their own steps: most of the range, and a few percent saturate.
OUTPUT_DEVIATION = {"int8": 55.0, "uint8": 55.0, "int16": 14000.0}
FLOAT_OUTPUT_DEVIATION = 4.0
INPUT_SCALE = {"int8": 0.0157, "uint8": 0.0157, "int16": 6.1e-5}
OUTPUT_SCALE = {"int8": 0.0423, "uint8": 0.0423, "int16": 3.05e-4}
# Zero points: away from the middle, and lower when an activation cuts the negative half.
INPUT_ZERO_POINT = {"int8": -7, "uint8": 121, "int16": 0}
OUTPUT_ZERO_POINT = {"int8": 5, "uint8": 133, "int16": 0}
FUSED_ZERO_POINT = {"int8": -58, "uint8": 70, "int16": 0}
# Small weights and a multiplier of 2^-3: one accumulator in eight lies half-way between two outputs.
TIE_WEIGHTS = 7
TIE_MULTIPLIER = 0.125


class Weighted:
    """Quantized (or real) weights and bias, with the scales of the input and the output around them."""

    def __init__(self, case, dtype, weights_shape, terms, *, channel_axis, channels, fused, bias,
                 ties=False, multiplier=None, gain=1.0, weights_zero_point=0, weights_from_input=False,
                 input_zero_point=None):  # fmt: skip
        self.weights_zero_point, self.weights_from_input = weights_zero_point, weights_from_input
        self.case, self.dtype, self.shape = case, dtype, weights_shape
        self.channel_axis, self.channels, self.bias = channel_axis, channels, bias
        if dtype == "float32":
            self.input_quantization = self.output_quantization = ()
            self.weight_spread = FLOAT_OUTPUT_DEVIATION / np.sqrt(terms)
            return
        fixed = TIE_MULTIPLIER if ties else multiplier
        deviation = np.sqrt(terms) * INPUT_DEVIATION[dtype] * WEIGHT_DEVIATION
        if fixed is None:
            self.limit = 127
            target = gain * OUTPUT_DEVIATION[dtype] / deviation
        else:
            self.limit = TIE_WEIGHTS if ties else 1
            target = fixed
            deviation = np.sqrt(terms) * INPUT_DEVIATION[dtype] * self.limit / 2
        self.accumulator_deviation = deviation
        input_scale, output_scale = (0.5, 0.25) if ties else (INPUT_SCALE[dtype], OUTPUT_SCALE[dtype])
        weight_scale = target * output_scale / input_scale
        count = 1 if channel_axis is None else channels
        spread = np.ones(count) if ties or count == 1 else case.rng.uniform(0.6, 1.4, count)
        self.weight_scales = np.float32(weight_scale * spread)
        self.input_scale = np.float32(input_scale)
        if input_zero_point is None:
            input_zero_point = INPUT_ZERO_POINT[dtype]
        self.input_quantization = (input_scale, input_zero_point)
        self.output_quantization = (output_scale, (FUSED_ZERO_POINT if fused else OUTPUT_ZERO_POINT)[dtype])

    def weights_and_bias(self):
        """Tensor indices of the weights and, unless the case has none, of the bias."""
        weights = self.weights()
        return [weights, self.bias_tensor()] if self.bias else [weights]

    def weights(self):
        """The weights, symmetric around their zero point and never -128."""
        case = self.case
        if self.dtype == "float32":
            dtype, limits, quantization = "float32", dict(spread=self.weight_spread), ()
        elif self.dtype == "uint8":
            dtype, limits = "uint8", dict(low=128 - self.limit, high=128 + self.limit)
            quantization = (self.weight_scales, 128)
        else:
            dtype, limits = "int8", dict(low=-self.limit, high=self.limit)
            quantization = (self.weight_scales, self.weights_zero_point)
        if self.weights_from_input:
            return case.input(dtype, self.shape, *quantization, **limits)
        return case.graph.constant(case.values(dtype, self.shape, **limits), *quantization, axis=self.channel_axis or 0)

    def bias_tensor(self):
        """The bias: int32, and int64 beside int16 activations."""
        case = self.case
        if self.dtype == "float32":
            return case.graph.constant(case.values("float32", (self.channels,)))
        dtype = "int32" if self.dtype != "int16" or self.bias == "int32" else "int64"
        bias = np.round(case.rng.normal(0.0, 0.5 * self.accumulator_deviation, (self.channels,))).astype(dtype)
        return case.graph.constant(bias, self.input_scale * self.weight_scales)
