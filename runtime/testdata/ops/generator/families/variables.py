"""VAR_HANDLE, READ_VARIABLE, ASSIGN_VARIABLE and CALL_ONCE, which belong together."""

from ai_edge_litert.schema_py_generated import ActivationFunctionType as Activation

from ..case import Case

RUNS = 5
SHAPE = (2, 5)
QUANTIZATION = {"int8": (0.05, -3), "int16": (0.0005, 0)}
DTYPES = ("int8", "int16", "int32", "float32")


def handle(graph, name):
    """A tensor that names the variable `name`."""
    tensor = graph.tensor("resource", ())
    graph.op("VAR_HANDLE", [], [tensor], "VarHandleOptions", container="", sharedName=name)
    return tensor


def initialize(case, initial_values):
    """A second subgraph, called once, that gives the variables (name -> values) their first values."""
    graph = case.model.graph("initialize")
    quantization = QUANTIZATION.get(case.dtype, ())
    for name, values in initial_values.items():
        constant = graph.constant(values, *quantization)
        graph.op("ASSIGN_VARIABLE", [handle(graph, name), constant], [], "AssignVariableOptions")
    case.graph.op("CALL_ONCE", [], [], "CallOnceOptions", initSubgraphIndex=case.model.graphs.index(graph))


def read(case, variable):
    """A tensor that holds the value of a variable."""
    tensor = case.graph.tensor(case.dtype, SHAPE, *QUANTIZATION.get(case.dtype, ()))
    case.graph.op("READ_VARIABLE", [variable], [tensor], "ReadVariableOptions")
    return tensor


def add(case, left, right, output):
    case.graph.op(
        "ADD", [left, right], [output], "AddOptions",
        fusedActivationFunction=Activation.NONE, potScaleInt16=False,
    )  # fmt: skip


def start(dtype, name):
    case = Case("READ_VARIABLE", dtype, name, stateful=True, runs=RUNS)
    limits = dict(low=-1000, high=1000) if dtype == "int32" else {}
    return case, limits, QUANTIZATION.get(dtype, ())


def running_sum(dtype):
    """sum += input; the output is the sum."""
    case, limits, quantization = start(dtype, "running_sum")
    initialize(case, {"sum": case.values(dtype, SHAPE, **limits)})
    image = case.input(dtype, SHAPE, *quantization, **limits)
    variable = handle(case.graph, "sum")
    output = case.graph.output(dtype, SHAPE, *quantization)
    add(case, read(case, variable), image, output)
    case.graph.op("ASSIGN_VARIABLE", [variable, output], [], "AssignVariableOptions")
    return case


def delay_of_two(dtype):
    """output = older + input; older = newer; newer = input."""
    case, limits, quantization = start(dtype, "delay_of_two")
    initialize(case, {name: case.values(dtype, SHAPE, **limits) for name in ("newer", "older")})
    image = case.input(dtype, SHAPE, *quantization, **limits)
    newer, older = handle(case.graph, "newer"), handle(case.graph, "older")
    output = case.graph.output(dtype, SHAPE, *quantization)
    add(case, read(case, older), image, output)
    case.graph.op("ASSIGN_VARIABLE", [older, read(case, newer)], [], "AssignVariableOptions")
    case.graph.op("ASSIGN_VARIABLE", [newer, image], [], "AssignVariableOptions")
    return case


def cases():
    for dtype in DTYPES:
        yield running_sum(dtype)
        yield delay_of_two(dtype)
