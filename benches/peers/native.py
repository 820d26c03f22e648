"""One model in LiteRT or ONNX Runtime, as a child process of the benches: native.py RUNTIME MODEL INPUT

The protocol is that of mote-peers (src/main.rs). What is timed is the runtime's own call alone (`invoke`, `run_with_iobinding`):
copying the input in and the output out through Python would cost more than some of these models take.
"""

import sys
import time

import numpy


def litert(model):
    import ai_edge_litert
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(model_path=model, num_threads=1)
    interpreter.allocate_tensors()
    [given] = interpreter.get_input_details()
    [taken] = interpreter.get_output_details()

    def feed(data):
        interpreter.set_tensor(given["index"], data)

    def output():
        found = interpreter.get_tensor(taken["index"])
        if found.dtype == numpy.float32:
            return found
        scale, zero_point = taken["quantization"]
        return (found.astype(numpy.float32) - zero_point) * numpy.float32(scale)

    shape = tuple(given["shape"])
    return given["dtype"], shape, feed, interpreter.invoke, output, ai_edge_litert.__version__


def onnxruntime(model):
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    [given] = session.get_inputs()
    [taken] = session.get_outputs()
    binding = session.io_binding()
    dtype = {"tensor(int8)": numpy.int8, "tensor(uint8)": numpy.uint8, "tensor(float)": numpy.float32}[given.type]

    def feed(data):
        binding.bind_cpu_input(given.name, data)
        binding.bind_output(taken.name, "cpu")

    def run():
        session.run_with_iobinding(binding)

    def output():
        return binding.copy_outputs_to_cpu()[0]

    return dtype, tuple(given.shape), feed, run, output, onnxruntime.__version__


def main(name, model, file):
    make = {"litert": litert, "onnxruntime": onnxruntime}[name]
    dtype, shape, feed, run, output, version = make(model)
    rows = numpy.fromfile(file, dtype=dtype).reshape(-1, *shape)
    feed(rows[:1].reshape(shape))
    run()
    print("ready", version, flush=True)
    for line in sys.stdin:
        if line.startswith("run "):
            times = []
            for _ in range(int(line.split()[1])):
                started = time.perf_counter_ns()
                run()
                times.append(time.perf_counter_ns() - started)
            print(*times, flush=True)
        else:
            found = []
            for row in rows:
                feed(row.reshape(shape))
                run()
                found.extend(output().ravel().tolist())
            feed(rows[:1].reshape(shape))
            print(*found, flush=True)


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except Exception as error:
        print("error", str(error).replace("\n", " "), flush=True)
        sys.exit(1)
