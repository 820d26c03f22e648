"""Seeded values that reach the ends of each type."""

import zlib

import numpy as np

SEED = 20240607
# Runs of a case without state: a second one shows whether a kernel leaves something behind.
RUNS = 2
# Share of the values that is drawn from the ends of the type.
EXTREMES = 0.06


def generator(*key):
    """A random generator of its own for each case, so that a new case changes no other."""
    return np.random.default_rng([SEED, zlib.crc32("/".join(map(str, key)).encode())])


def integers(rng, dtype, shape, low=None, high=None):
    """Uniform integers in [low, high], by default the whole type, with both ends over-represented."""
    limits = np.iinfo(dtype)
    low = limits.min if low is None else low
    high = limits.max if high is None else high
    values = rng.integers(low, high, shape, dtype=dtype, endpoint=True)
    ends = rng.choice(np.array([low, high], dtype=dtype), shape)
    return np.where(rng.random(shape) < EXTREMES, ends, values)


def reals(rng, shape, spread=1.0):
    """Normally distributed float32, with exact zeros among them."""
    values = rng.normal(0.0, spread, shape).astype(np.float32)
    return np.where(rng.random(shape) < EXTREMES, np.float32(0.0), values)


def values(rng, dtype, shape, **limits):
    """Values of a type: `spread` for float32, `low` and `high` for integers."""
    if dtype == "float32":
        return reals(rng, shape, **limits)
    if dtype == "bool":
        return rng.random(shape) < 0.5
    return integers(rng, dtype, shape, **limits)
