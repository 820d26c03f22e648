"""Writes tflm_arena.csv: how much arena TensorFlow Lite Micro needs for each model, to hold our planner against.

    ops/venv/bin/python tflm_arena.py MODEL_FOLDER ...     (requirements: ops/requirements.txt)

Columns: `total`, `head` and `tail` are what the interpreter's own recording allocator reports after a run: the head
holds activations and scratch buffers and is what a planner lays out; the tail holds what lives as long as the
interpreter (its structures, with 64-bit pointers here; quantized parameters; variables). `smallest` is the least
arena size in bytes with which loading and running succeed, found by bisection; it is above `total` where loading needs
more than running.
"""

import csv
import os
import re
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

import numpy as np
from tflite_micro.python.tflite_micro import runtime as tflm

from ops.generator.engines import EngineError, isolated

TABLE = Path(__file__).resolve().parent / "tflm_arena.csv"
# More than any model of the test data needs.
LARGEST_ARENA = 4 << 20
# The allocator aligns to 16 bytes; a finer search would find only where the arena happened to start.
STEP = 16
REPORT = re.compile(r"Arena allocation (total|head|tail) (\d+) bytes")


def interpreter_after_run(model, arena_size):
    """An interpreter that has run once, on inputs of zero."""
    interpreter = tflm.Interpreter.from_bytes(model, arena_size=arena_size)
    inputs = tflm.convert_bytearray_to_object(bytearray(model)).subgraphs[0].inputs
    for index in range(len(inputs)):
        detail = interpreter.get_input_details(index)
        interpreter.set_input(np.zeros(detail["shape"], detail["dtype"]), index)
    interpreter.invoke()
    return interpreter


def runs(model, arena_size):
    interpreter_after_run(model, arena_size)
    return True


def allocations(model):
    """Total, head and tail as the interpreter prints them, which it does on standard error."""
    interpreter = interpreter_after_run(model, LARGEST_ARENA)
    with tempfile.TemporaryFile() as captured:
        os.dup2(captured.fileno(), 2)
        interpreter.print_allocations()
        captured.seek(0)
        return {part: int(size) for part, size in REPORT.findall(captured.read().decode())}


def smallest(model):
    """Bisection between an arena that fails and one that works, each tried in a process of its own."""
    fails, works = 0, LARGEST_ARENA // STEP
    while works - fails > 1:
        middle = (fails + works) // 2
        try:
            isolated(runs, model, middle * STEP)
            works = middle
        except EngineError:
            fails = middle
    return works * STEP


def main():
    rows = []
    for path in sorted(path for folder in sys.argv[1:] for path in Path(folder).glob("*.tflite")):
        model = path.read_bytes()
        try:
            row = isolated(allocations, model)
        except EngineError:
            print("not run by TensorFlow Lite Micro:", path.name)
            continue
        rows.append({"model": path.name} | row | {"smallest": smallest(model)})
    with TABLE.open("w", newline="") as file:
        columns = ["model", "total", "head", "tail", "smallest", "tflite_micro"]
        writer = csv.DictWriter(file, columns, lineterminator="\n", restval=version("tflite-micro"))
        writer.writeheader()
        writer.writerows(rows)


if __name__ == "__main__":
    main()
