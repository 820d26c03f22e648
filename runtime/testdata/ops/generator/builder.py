"""Writes `.tflite` files from the schema, so that every shape and quantization parameter is ours to choose."""

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema
from flatbuffers import flexbuffers

# The alignment that the schema asks of buffers; the interpreters read them in place.
BUFFER_ALIGNMENT = 16
# LiteRT's TFLITE_SCHEMA_VERSION.
SCHEMA_VERSION = 3
# Codes above this one stand only in the 32-bit field that was added when the 8-bit one ran out.
LAST_DEPRECATED_CODE = 127

TENSOR_TYPES = {
    "float32": schema.TensorType.FLOAT32,
    "int8": schema.TensorType.INT8,
    "uint8": schema.TensorType.UINT8,
    "int16": schema.TensorType.INT16,
    "int32": schema.TensorType.INT32,
    "uint32": schema.TensorType.UINT32,
    "int64": schema.TensorType.INT64,
    "uint64": schema.TensorType.UINT64,
    "bool": schema.TensorType.BOOL,
    "resource": schema.TensorType.RESOURCE,
}


class AlignedBuffer(schema.BufferT):
    """A constant's bytes; the generated class would align them to one byte."""

    def Pack(self, builder):
        if self.data is None:
            return super().Pack(builder)
        builder.StartVector(1, len(self.data), BUFFER_ALIGNMENT)
        builder.head -= len(self.data)
        builder.Bytes[builder.head : builder.head + len(self.data)] = bytes(self.data)
        data = builder.EndVector()
        schema.BufferStart(builder)
        schema.BufferAddData(builder, data)
        return schema.BufferEnd(builder)


def quantization(scale, zero_point, axis):
    """One scale for the tensor, or a list of scales along `axis`."""
    if scale is None:
        return None
    parameters = schema.QuantizationParametersT()
    parameters.scale = np.atleast_1d(np.float32(scale))
    zero_points = np.atleast_1d(np.int64(zero_point))
    parameters.zeroPoint = np.broadcast_to(zero_points, parameters.scale.shape).copy()
    parameters.quantizedDimension = axis
    return parameters


class Graph:
    """One subgraph under construction. Tensors are named by their index, as in the file."""

    def __init__(self, name, model):
        self.model = model
        self.subgraph = schema.SubGraphT()
        self.subgraph.name = name
        self.subgraph.tensors, self.subgraph.operators = [], []
        self.subgraph.inputs, self.subgraph.outputs = [], []

    def tensor(self, dtype, shape, scale=None, zero_point=0, axis=0, data=None, variable=False):
        """An intermediate tensor. A shape of None is filled in by `engines.infer_shapes`."""
        tensor = schema.TensorT()
        index = len(self.subgraph.tensors)
        tensor.name = f"t{index}"
        tensor.type = TENSOR_TYPES[dtype]
        tensor.shape = shape
        tensor.hasRank = True
        tensor.isVariable = variable
        tensor.quantization = quantization(scale, zero_point, axis)
        tensor.buffer = self.model.buffer(data)
        self.subgraph.tensors.append(tensor)
        return index

    def input(self, dtype, shape, scale=None, zero_point=0):
        """A tensor that the caller writes."""
        index = self.tensor(dtype, shape, scale, zero_point)
        self.subgraph.inputs.append(index)
        return index

    def output(self, dtype, shape=None, scale=None, zero_point=0):
        """A tensor that the caller reads."""
        index = self.tensor(dtype, shape, scale, zero_point)
        self.subgraph.outputs.append(index)
        return index

    def constant(self, array, scale=None, zero_point=0, axis=0):
        """A tensor whose values are in the file."""
        array = np.asarray(array)
        return self.tensor(str(array.dtype), array.shape, scale, zero_point, axis, data=array.tobytes())

    def variable(self, dtype, shape, scale=None, zero_point=0):
        """A tensor that keeps its values from run to run, zero at first."""
        return self.tensor(dtype, shape, scale, zero_point, variable=True)

    def op(self, name, inputs, outputs, options=None, intermediates=None, **fields):
        """A built-in operator; `options` names its table of options, `fields` sets them. An input of -1 is left out."""
        operator = schema.OperatorT()
        operator.opcodeIndex = self.model.opcode(name, None)
        operator.inputs, operator.outputs = list(inputs), list(outputs)
        operator.intermediates = intermediates
        if options is not None:
            table = getattr(schema, f"{options}T")()
            for field, value in fields.items():
                if not hasattr(table, field):
                    raise AttributeError(f"{options} has no field {field}")
                setattr(table, field, value)
            operator.builtinOptionsType = getattr(schema.BuiltinOptions, options)
            operator.builtinOptions = table
        self.subgraph.operators.append(operator)

    def custom_op(self, name, inputs, outputs, options):
        """A custom operator, its options a flexbuffer map."""
        operator = schema.OperatorT()
        operator.opcodeIndex = self.model.opcode("CUSTOM", name)
        operator.inputs, operator.outputs = list(inputs), list(outputs)
        operator.customOptions = np.frombuffer(bytes(flexbuffers.Dumps(options)), np.uint8)
        self.subgraph.operators.append(operator)


class Model:
    """A model file under construction; `main` is its first subgraph."""

    def __init__(self):
        self.buffers = [AlignedBuffer()]
        self.opcodes = []
        self.graphs = []
        self.main = self.graph("main")

    def graph(self, name):
        """Adds a subgraph."""
        graph = Graph(name, self)
        self.graphs.append(graph)
        return graph

    def buffer(self, data):
        """Index of a new buffer; buffer 0 is the empty one."""
        if data is None:
            return 0
        buffer = AlignedBuffer()
        buffer.data = data
        self.buffers.append(buffer)
        return len(self.buffers) - 1

    def opcode(self, name, custom_name):
        """Index of an operator code, added when new."""
        if (name, custom_name) not in self.opcodes:
            self.opcodes.append((name, custom_name))
        return self.opcodes.index((name, custom_name))

    def serialize(self):
        """The bytes of the file."""
        model = schema.ModelT()
        model.version = SCHEMA_VERSION
        model.buffers = self.buffers
        model.subgraphs = [graph.subgraph for graph in self.graphs]
        model.operatorCodes = []
        for name, custom_name in self.opcodes:
            code = schema.OperatorCodeT()
            code.builtinCode = getattr(schema.BuiltinOperator, name)
            code.deprecatedBuiltinCode = min(code.builtinCode, LAST_DEPRECATED_CODE)
            code.customCode = custom_name
            code.version = 1
            model.operatorCodes.append(code)
        builder = flatbuffers.Builder(1024)
        builder.Finish(model.Pack(builder), file_identifier=b"TFL3")
        return bytes(builder.Output())
