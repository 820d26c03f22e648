"""SVDF and UNIDIRECTIONAL_SEQUENCE_LSTM: their state lives from run to run."""

import numpy as np
from ai_edge_litert.schema_py_generated import ActivationFunctionType as Activation

from ..case import LIBM, ORDER, Case

RUNS = 6
INT8_DEVIATION = 73.9
# Two ranks of up to seven int16 states times these weights stay within int32.
TIME_WEIGHT_LIMIT = 4000

# name: batch, input size, units, rank, memory, activation
SVDF = {
    "rank_1": (1, 10, 4, 1, 5, Activation.NONE),
    "rank_2_batch_2": (2, 7, 3, 2, 7, Activation.NONE),
    "memory_1": (1, 5, 6, 1, 1, Activation.NONE),
    "relu": (1, 9, 5, 2, 4, Activation.RELU),
}


def svdf():
    for name, (batch, size, units, rank, memory, activation) in SVDF.items():
        for dtype, state_dtype in (("int8", "int16"), ("int8", "int8"), ("float32", "float32")):
            label = name if dtype == "float32" else f"{name}_state_{state_dtype}"
            case = Case("SVDF", dtype, label, stateful=True, float_tolerance=ORDER, runs=RUNS)
            filters = units * rank
            quantizations = svdf_scales(dtype, state_dtype, size, rank * memory, activation)
            time_limits = dict(low=-TIME_WEIGHT_LIMIT, high=TIME_WEIGHT_LIMIT) if state_dtype == "int16" else {}
            weight_limits = dict(low=-127) if dtype == "int8" else {}
            graph = case.graph
            inputs = [
                case.input(dtype, (batch, size), *quantizations["input"]),
                graph.constant(case.values(dtype, (filters, size), **weight_limits), *quantizations["feature"]),
                graph.constant(case.values(state_dtype, (filters, memory), **time_limits), *quantizations["time"]),
                graph.constant(svdf_bias(case, units), *quantizations["bias"]),
                graph.variable(state_dtype, (batch, filters * memory), *quantizations["state"]),
            ]
            output = graph.output(dtype, (batch, units), *quantizations["output"])
            graph.op("SVDF", inputs, [output], "SVDFOptions", rank=rank, fusedActivationFunction=activation)
            yield case


def svdf_bias(case, units):
    if case.dtype == "float32":
        return case.values("float32", (units,))
    return case.values("int32", (units,), low=-2000, high=2000)


def svdf_scales(dtype, state_dtype, size, terms, activation):
    """Scales under which neither the states nor the outputs saturate often."""
    if dtype == "float32":
        return dict.fromkeys(("input", "feature", "time", "bias", "state", "output"), ())
    state_deviation, time_deviation = {
        "int16": (9000.0, TIME_WEIGHT_LIMIT / 3**0.5),
        "int8": (45.0, INT8_DEVIATION),
    }[state_dtype]
    input_scale, feature_scale, time_scale = 0.05, 0.011, 0.0003
    state_scale = input_scale * feature_scale * np.sqrt(size) * INT8_DEVIATION**2 / state_deviation
    output_scale = state_scale * time_scale * np.sqrt(terms) * state_deviation * time_deviation / 55.0
    return {
        "input": (input_scale, -9),
        "feature": (feature_scale, 0),
        "time": (time_scale, 0),
        "bias": (state_scale * time_scale, 0),
        "state": (state_scale, 0),
        "output": (output_scale, -40 if activation == Activation.RELU else 4),
    }


# name: batch, steps, input size, cells, time-major, cell clip
LSTM = {
    "batch_1": (1, 5, 6, 4, False, 0.0),
    "batch_2_odd": (2, 3, 5, 7, False, 0.0),
    "time_major": (2, 4, 3, 5, True, 0.0),
    "cell_clip": (1, 6, 4, 4, False, 0.7),
    "one_step": (1, 1, 8, 3, False, 0.0),
}
GATES = 4
# Of the input, forget, cell and output gates.
INPUT_WEIGHT_SCALES = (0.014, 0.012, 0.017, 0.013)
RECURRENT_WEIGHT_SCALES = (0.01, 0.013, 0.011, 0.009)
# Index of an optional tensor that is left out.
NONE = -1
# Intermediate tensors carry scales only; `tflm` refuses any that has values.
NO_VALUES = (0,)
CELL_SCALE = 2.0**-11
# Scale of the gates before their activation: int16 in Q3.12.
GATE_SCALE = 2.0**-12
LSTM_TYPES = {
    "int8": dict(input=(0.0078, -5), state=(1 / 128, 3), weights="int8", bias="int32", cell="int16"),
    "int16": dict(input=(3.1e-5, 0), state=(1 / 32768, 0), weights="int8", bias="int64", cell="int16"),
    "float32": dict(input=(), state=(), weights="float32", bias="float32", cell="float32"),
}


def lstm():
    for name, (batch, steps, size, cells, time_major, clip) in LSTM.items():
        for dtype, kinds in LSTM_TYPES.items():
            case = Case(
                "UNIDIRECTIONAL_SEQUENCE_LSTM", dtype, name, stateful=True, float_tolerance=LIBM, runs=RUNS // 2
            )
            graph = case.graph
            real = dtype == "float32"
            leading = (steps, batch) if time_major else (batch, steps)
            image = case.input(dtype, (*leading, size), *kinds["input"])
            gates = [lstm_weights(case, kinds["weights"], (cells, size), scale) for scale in INPUT_WEIGHT_SCALES]
            recurrent = [
                lstm_weights(case, kinds["weights"], (cells, cells), scale) for scale in RECURRENT_WEIGHT_SCALES
            ]
            biases = [lstm_bias(case, kinds, cells, scale) for scale in INPUT_WEIGHT_SCALES]
            hidden = graph.variable(dtype, (batch, cells), *kinds["state"])
            cell = graph.variable(kinds["cell"], (batch, cells), *(() if real else (CELL_SCALE, 0)))
            inputs = [
                image, *gates, *recurrent, NONE, NONE, NONE, *biases, NONE, NONE, hidden, cell, NONE, NONE, NONE, NONE,
            ]  # fmt: skip
            intermediates = None
            if not real:
                intermediates = [graph.tensor("int16", NO_VALUES, GATE_SCALE) for _ in range(GATES)]
                intermediates.append(graph.tensor(dtype, NO_VALUES, *kinds["state"]))
            output = graph.output(dtype, (*leading, cells), *kinds["state"])
            graph.op(
                "UNIDIRECTIONAL_SEQUENCE_LSTM", inputs, [output], "UnidirectionalSequenceLSTMOptions", intermediates,
                fusedActivationFunction=Activation.TANH, cellClip=clip, projClip=0.0, timeMajor=time_major,
            )  # fmt: skip
            yield case


def lstm_weights(case, dtype, shape, scale):
    if dtype == "float32":
        return case.graph.constant(case.values("float32", shape, spread=scale * INT8_DEVIATION))
    return case.graph.constant(case.values(dtype, shape, low=-127), scale)


def lstm_bias(case, kinds, cells, scale):
    """A real bias of about half, in the steps of input times weights."""
    values = case.rng.normal(0.0, 0.5, cells)
    if kinds["bias"] == "float32":
        return case.graph.constant(np.float32(values))
    step = kinds["input"][0] * scale
    return case.graph.constant(np.round(values / step).astype(kinds["bias"]), step)


def cases():
    yield from svdf()
    yield from lstm()
