"""Runs model files in other interpreters: `run.py FOLDER`, for each `FOLDER/NAME.tflite` on the inputs in `NAME.inputs`.

`NAME.inputs` holds runs one after another, each the bytes of all inputs in order. An engine's outputs go to `NAME.ENGINE` in the
same form, or what it says to `NAME.ENGINE.error`; `NAME.arena` says in how many bytes TensorFlow Lite Micro has to run it. Each run begins in a fresh interpreter, so no state goes from one to the next.

Engines: `tflm`, TensorFlow Lite Micro; `litert`, LiteRT with its reference kernels (BUILTIN_REF).
"""

import os
import sys
from pathlib import Path

REQUIRED = {
    "numpy": "numpy",
    "tflite_micro.python.tflite_micro.runtime": "tflite-micro",
    "ai_edge_litert.interpreter": "ai-edge-litert",
}
# Ends the program when a package is not there or does not load; the Rust side prints what was said.
CANNOT_IMPORT = 3


def imported():
    """The packages' modules; the program ends, naming all that fail, when one is missing."""
    modules, failures = [], []
    for module, package in REQUIRED.items():
        try:
            modules.append(__import__(module, fromlist=["_"]))
        except Exception as error:
            failures.append(f"{package} (import {module}): {type(error).__name__}: {error}")
    if failures:
        print("\n".join(failures), file=sys.stderr)
        sys.exit(CANNOT_IMPORT)
    return modules


numpy, tflm, litert = imported()


class Tflm:
    """TensorFlow Lite Micro."""

    def __init__(self, model, arena):
        self.interpreter = tflm.Interpreter.from_bytes(model, arena_size=arena)
        graph = tflm.convert_bytearray_to_object(bytearray(model)).subgraphs[0]
        details = [self.interpreter.get_input_details(k) for k in range(len(graph.inputs))]
        self.inputs = [(tuple(d["shape"]), d["dtype"]) for d in details]
        self.outputs = len(graph.outputs)

    def run(self, inputs):
        for k, value in enumerate(inputs):
            self.interpreter.set_input(value, k)
        self.interpreter.invoke()
        return [self.interpreter.get_output(k).copy() for k in range(self.outputs)]


class LiteRt:
    """LiteRT with its reference kernels."""

    def __init__(self, model, _arena):
        self.interpreter = litert.Interpreter(
            model_content=model,
            experimental_op_resolver_type=litert.OpResolverType.BUILTIN_REF,
            num_threads=1,
        )
        self.interpreter.allocate_tensors()
        details = self.interpreter.get_input_details()
        self.slots = [d["index"] for d in details]
        self.inputs = [(tuple(int(n) for n in d["shape"]), d["dtype"]) for d in details]

    def run(self, inputs):
        for slot, value in zip(self.slots, inputs, strict=True):
            self.interpreter.set_tensor(slot, value)
        self.interpreter.invoke()
        return [self.interpreter.get_tensor(d["index"]) for d in self.interpreter.get_output_details()]


ENGINES = {"tflm": Tflm, "litert": LiteRt}


def taken(data, layout):
    """One run's inputs from the front of `data`, and what is left."""
    values = []
    for shape, dtype in layout:
        dtype = numpy.dtype(dtype)
        size = dtype.itemsize * int(numpy.prod(shape, dtype=numpy.int64))
        values.append(numpy.frombuffer(data[:size], dtype).reshape(shape))
        data = data[size:]
    return values, data


def run(engine, path):
    """The outputs of all runs of one file, in bytes."""
    model, data = path.read_bytes(), path.with_suffix(".inputs").read_bytes()
    arena = int(path.with_suffix(".arena").read_text())
    answers = b""
    while True:
        interpreter = engine(model, arena)
        values, rest = taken(data, interpreter.inputs)
        if len(rest) >= len(data) > 0:
            raise ValueError("inputs of no bytes")
        answers += b"".join(output.tobytes() for output in interpreter.run(values))
        data = rest
        if not data:
            return answers


def attempt(path, name):
    answer, error_file = answers(path, name)
    try:
        answer.write_bytes(run(ENGINES[name], path))
    except Exception as error:
        error_file.write_text(f"{type(error).__name__}: {error}")


def answers(path, name):
    return path.with_suffix(f".{name}"), path.with_suffix(f".{name}.error")


def unanswered(paths, name):
    return [path for path in paths if not any(answer.exists() for answer in answers(path, name))]


def main(folder):
    """Files run in a child, because a file may abort its interpreter: then a new child goes on with the next."""
    for name in ENGINES:
        while todo := unanswered(sorted(folder.glob("*.tflite")), name):
            child = os.fork()
            if child == 0:
                os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
                for path in todo:
                    attempt(path, name)
                os._exit(0)
            _, status = os.waitpid(child, 0)
            for path in unanswered(todo, name)[:1]:
                _, error_file = answers(path, name)
                error_file.write_text(f"the interpreter ended with {os.waitstatus_to_exitcode(status)}")


main(Path(sys.argv[1]))
