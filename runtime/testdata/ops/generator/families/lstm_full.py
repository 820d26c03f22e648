"""LSTM, and UNIDIRECTIONAL_SEQUENCE_LSTM with layer normalization or a projection, which only LiteRT runs."""

import numpy as np
from ai_edge_litert.schema_py_generated import ActivationFunctionType as Activation

from ..case import LIBM, Case
from .recurrent import GATE_SCALE, GATES, NO_VALUES, NONE, lstm_weights

RUNS = 3
STATE = (1 / 128, 3)
INPUT = (0.0078, -5)
WEIGHT_SCALES = (0.014, 0.012, 0.017, 0.013)
NORM_SCALE = 1.2 / 32767
# Zero points other than 0 of what is projected make LiteRT saturate it.
INNER = (1 / 128, 0)

# name: sequence, batch, steps, input size, cells, outputs (None: no projection), normalized, cell scale, cell clip, projection clip
CASES = {
    "plain": (False, 2, 1, 5, 4, None, False, 2.0**-11, 0.0, 0.0),
    "normalized": (False, 2, 1, 5, 4, None, True, 2.0**-12, 0.0, 0.0),
    "projected": (False, 1, 1, 6, 7, 3, False, 2.0**-15, 0.0, 0.0),
    "normalized_projected_clipped": (False, 3, 1, 4, 8, 5, True, 2.0**-13, 0.9, 0.6),
    "sequence_normalized": (True, 2, 3, 5, 6, None, True, 2.0**-14, 0.0, 0.0),
    "sequence_projected": (True, 2, 4, 5, 6, 4, False, 2.0**-12, 0.0, 0.0),
}  # fmt: skip


def cases():
    for name, case in CASES.items():
        for dtype in ("int8", "float32"):
            yield lstm(name, dtype, *case)


def lstm(name, dtype, sequence, batch, steps, size, cells, outputs, normalized, cell_scale, cell_clip, projection_clip):
    op = "UNIDIRECTIONAL_SEQUENCE_LSTM" if sequence else "LSTM"
    case = Case(op, dtype, name, stateful=True, float_tolerance=LIBM, runs=RUNS)
    graph, real, width = case.graph, dtype == "float32", outputs or cells
    leading = (batch, steps) if sequence else (batch,)
    weights = "float32" if real else "int8"

    def of(quantization):
        return () if real else quantization

    image = case.input(dtype, (*leading, size), *of(INPUT))
    gates = [lstm_weights(case, weights, (cells, size), scale) for scale in WEIGHT_SCALES]
    recurrent = [lstm_weights(case, weights, (cells, width), scale) for scale in WEIGHT_SCALES]
    norm_step = NORM_SCALE / 1024
    bias_steps = [norm_step] * GATES if normalized else [INPUT[0] * scale for scale in WEIGHT_SCALES]
    biases = [bias(case, real, cells, step) for step in bias_steps]
    norm = [norm_weights(case, real, cells) for _ in range(GATES)] if normalized else [NONE] * GATES
    projection = [NONE, NONE]
    if outputs:
        projection = [lstm_weights(case, weights, (outputs, cells), 0.01), bias(case, real, outputs, INNER[0] * 0.01)]
    hidden = graph.variable(dtype, (batch, width), *of(STATE))
    cell = graph.variable("float32" if real else "int16", (batch, cells), *of((cell_scale, 0)))
    inputs = [image, *gates, *recurrent, NONE, NONE, NONE, *biases, *projection, hidden, cell, *norm]
    gate_steps = [INPUT[0] * scale * 2 if normalized else GATE_SCALE for scale in WEIGHT_SCALES]
    intermediates = [graph.tensor("float32" if real else "int16", NO_VALUES, *of((step,))) for step in gate_steps]
    intermediates.append(graph.tensor(dtype, NO_VALUES, *of(INNER if outputs else STATE)))
    output = graph.output(dtype, (*leading, width), *of(STATE))
    fields = dict(fusedActivationFunction=Activation.TANH, cellClip=cell_clip, projClip=projection_clip)
    options = "UnidirectionalSequenceLSTMOptions" if sequence else "LSTMOptions"
    graph.op(op, inputs, [output], options, intermediates, **fields)
    return case


def bias(case, real, count, step):
    """A real bias of about 0.4, in steps of `step`."""
    values = case.rng.normal(0.0, 0.4, count)
    if real:
        return case.graph.constant(np.float32(values))
    return case.graph.constant(np.round(values / step).astype(np.int32), step)


def norm_weights(case, real, cells):
    """Weights of normalization, from 0.2 to 1.2."""
    values = case.rng.uniform(0.2, 1.2, cells)
    if real:
        return case.graph.constant(np.float32(values))
    return case.graph.constant(np.round(values / NORM_SCALE).astype(np.int16), NORM_SCALE)
