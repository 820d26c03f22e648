"""What a family of operators yields: a model, its inputs, and how exactly its outputs are to be met."""

from dataclasses import dataclass, field

import numpy as np

from .builder import Model
from .values import RUNS, generator, values

# How far a float output may lie from the recorded one, and why. Integer outputs have no tolerance.
EXACT = "exact"
ORDER = "order of summation is free"
LIBM = "elementary functions of the C library"


@dataclass
class Case:
    """One model with one operator under test."""

    op: str
    dtype: str
    name: str
    stateful: bool = False
    float_tolerance: str = EXACT
    runs: int = RUNS
    # Why TensorFlow Lite Micro's answer is not the one to hold to, although it gives one.
    tflm_defect: str = ""
    model: Model = field(default_factory=Model)
    inputs: list[np.ndarray] = field(default_factory=list)

    def __post_init__(self):
        self.rng = generator(self.op, self.dtype, self.name)
        self.graph = self.model.main

    def values(self, dtype, shape, **limits):
        """Seeded values of this case."""
        return values(self.rng, dtype, shape, **limits)

    def input(self, dtype, shape, scale=None, zero_point=0, data=None, **limits):
        """An input tensor with seeded values (or `data`, one row a run)."""
        if data is None:
            data = self.values(dtype, (self.runs, *shape), **limits)
        self.inputs.append(np.ascontiguousarray(data, dtype=dtype))
        return self.graph.input(dtype, shape, scale, zero_point)
