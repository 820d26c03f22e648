"""The two reference interpreters, each run in a child process because a malformed case may abort it."""

import ctypes
import multiprocessing
import os

import numpy as np
from ai_edge_litert.interpreter import Interpreter, OpResolverType
from tflite_micro.python.tflite_micro import runtime as tflm

# Far more than any case needs; the default of ten times the file is too little for small files.
TFLM_ARENA_BYTES = 1 << 20
TIMEOUT_SECONDS = 60
# glibc's mallopt parameter that fills fresh memory with a byte, and two bytes to fill with.
M_PERTURB = -6
FILLS = (0x5A, 0xC3)


class EngineError(Exception):
    """Why an interpreter does not run a case."""


def litert_interpreter(model):
    return Interpreter(model_content=model, experimental_op_resolver_type=OpResolverType.BUILTIN_REF, num_threads=1)


def run_litert(model, inputs):
    """Outputs (runs, *shape) of LiteRT's reference kernels; the runs share one interpreter and its state."""
    interpreter = litert_interpreter(model)
    interpreter.allocate_tensors()
    slots = [detail["index"] for detail in interpreter.get_input_details()]
    outputs = [detail["index"] for detail in interpreter.get_output_details()]
    runs = []
    for values in zip(*inputs, strict=True):
        for slot, value in zip(slots, values, strict=True):
            interpreter.set_tensor(slot, value)
        interpreter.invoke()
        runs.append([interpreter.get_tensor(index) for index in outputs])
    return [np.stack(output) for output in zip(*runs, strict=True)]


def run_tflm(model, inputs):
    """Outputs (runs, *shape) of TensorFlow Lite Micro; the runs share one interpreter and its state."""
    interpreter = tflm.Interpreter.from_bytes(model, arena_size=TFLM_ARENA_BYTES)
    count = len(tflm.convert_bytearray_to_object(bytearray(model)).subgraphs[0].outputs)
    runs = []
    for values in zip(*inputs, strict=True):
        for slot, value in enumerate(values):
            interpreter.set_input(value, slot)
        interpreter.invoke()
        runs.append([interpreter.get_output(index).copy() for index in range(count)])
    return [np.stack(output) for output in zip(*runs, strict=True)]


def tensor_shapes(model):
    """Shape of each tensor of the main subgraph, as LiteRT's reference kernels work them out."""
    interpreter = litert_interpreter(model)
    interpreter.allocate_tensors()
    return {detail["index"]: [int(n) for n in detail["shape"]] for detail in interpreter.get_tensor_details()}


def run_twice(function, model, inputs):
    """Outputs of an engine that do not depend on what its memory held before."""
    answers = []
    for fill in FILLS:
        ctypes.CDLL(None).mallopt(M_PERTURB, fill)
        answers.append(function(model, inputs))
    for first, second in zip(*answers, strict=True):
        if first.tobytes() != second.tobytes():
            raise EngineError("the answer depends on memory that was never written")
    return answers[0]


def child(connection, function, arguments):
    """Runs `function`, its diagnostics kept off the terminal, and sends what it returns or raises."""
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 2)
    try:
        connection.send((function(*arguments), None))
    except Exception as error:
        connection.send((None, f"{type(error).__name__}: {error}"))


def isolated(function, *arguments):
    """`function(*arguments)` in a child process, or an EngineError that says why it failed."""
    context = multiprocessing.get_context("fork")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=child, args=(sender, function, arguments))
    process.start()
    sender.close()
    try:
        if not receiver.poll(TIMEOUT_SECONDS):
            process.kill()
            raise EngineError(f"no answer in {TIMEOUT_SECONDS} s")
        result, error = receiver.recv()
    except EOFError:
        process.join()
        raise EngineError(f"ended with exit code {process.exitcode}") from None
    finally:
        process.join()
    if error is not None:
        raise EngineError(error)
    return result


def infer_shapes(model):
    """Fills in the shapes that a case left open."""
    tensors = model.main.subgraph.tensors
    open_tensors = [index for index, tensor in enumerate(tensors) if tensor.shape is None]
    if open_tensors:
        for index in open_tensors:
            tensors[index].shape = []
        shapes = isolated(tensor_shapes, model.serialize())
        for index in open_tensors:
            tensors[index].shape = shapes[index]
