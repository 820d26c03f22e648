"""Runs the digits networks under the reference interpreters: accuracy, and the outputs kept as golden."""

import numpy as np
from ai_edge_litert.interpreter import Interpreter, OpResolverType
from tflite_micro.python.tflite_micro import runtime as tflm


def quantize(images, scale, zero_point):
    """real / scale + zero_point, rounded half to even, saturated to int8."""
    return np.clip(np.round(images / scale) + zero_point, -128, 127).astype(np.int8)


def input_quantization(model):
    """Scale and zero point of the input of an int8 model."""
    scale, zero_point = Interpreter(model_content=model).get_input_details()[0]["quantization"]
    return np.float32(scale), zero_point


def run_litert(model, images, resolver):
    """One output row an image, under LiteRT with the kernels of `resolver`."""
    interpreter = Interpreter(model_content=model, experimental_op_resolver_type=resolver, num_threads=1)
    interpreter.allocate_tensors()
    input_index = interpreter.get_input_details()[0]["index"]
    output_index = interpreter.get_output_details()[0]["index"]
    rows = []
    for image in images:
        interpreter.set_tensor(input_index, image[np.newaxis])
        interpreter.invoke()
        rows.append(interpreter.get_tensor(output_index)[0])
    return np.stack(rows)


def run_tflm(model, images):
    """One output row an image, under TensorFlow Lite Micro."""
    interpreter = tflm.Interpreter.from_bytes(model)
    rows = []
    for image in images:
        interpreter.set_input(image[np.newaxis], 0)
        interpreter.invoke()
        rows.append(interpreter.get_output(0)[0].copy())
    return np.stack(rows)


ENGINES = {
    "litert_ref": lambda model, images: run_litert(model, images, OpResolverType.BUILTIN_REF),
    "litert_default": lambda model, images: run_litert(model, images, OpResolverType.AUTO),
    "tflm": run_tflm,
}


def inputs_for(name, model, images):
    """The images as the model wants them: real for the float network, quantized for the int8 one."""
    return quantize(images, *input_quantization(model)) if name == "int8" else images


def accuracy(models, images, labels):
    """Top-1 on the test set, by model and engine."""
    report = {"samples": len(labels)}
    for name, model in models.items():
        inputs = inputs_for(name, model, images)
        report[name] = {
            engine: round(float(np.mean(np.argmax(run(model, inputs), axis=1) == labels)), 4)
            for engine, run in ENGINES.items()
        }
    return report


def golden(float_model, int8_model, images):
    """Inputs and reference outputs of both networks, one row a sample."""
    arrays = {}
    for name, model in (("float", float_model), ("int8", int8_model)):
        inputs = inputs_for(name, model, images)
        arrays[f"{name}_input_0"] = inputs
        for engine in ("tflm", "litert_ref"):
            arrays[f"{name}_output_0_{engine}"] = ENGINES[engine](model, inputs)
    return arrays
