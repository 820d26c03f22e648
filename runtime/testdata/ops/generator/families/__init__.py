"""The operators, by family. Each module yields the cases of its operators."""

from . import (
    binary,
    conversion,
    convolution,
    lstm_full,
    matrix,
    movement,
    pooling,
    recurrent,
    reduction,
    resize,
    signal,
    unary,
    variables,
)

FAMILIES = {
    "convolution": convolution.cases,
    "matrix": matrix.cases,
    "pooling": pooling.cases,
    "binary": binary.cases,
    "unary": unary.cases,
    "movement": movement.cases,
    "reduction": reduction.cases,
    "resize": resize.cases,
    "conversion": conversion.cases,
    "recurrent": lambda: (*recurrent.cases(), *lstm_full.cases()),
    "variables": variables.cases,
    "signal": signal.cases,
}
