"""Writes the reference vectors of this folder: `python generate.py [FAMILY ...]`; README.md says what they are."""

import argparse
import csv
import hashlib
from pathlib import Path

import numpy as np

from generator import families
from generator.engines import EngineError, infer_shapes, isolated, run_litert, run_tflm, run_twice

FOLDER = Path(__file__).resolve().parent
INDEX = FOLDER / "index.csv"
NOT_RUN = FOLDER / "not_run.csv"
README = FOLDER / "README.md"
COVERAGE_MARKS = ("<!-- coverage -->\n", "<!-- /coverage -->\n")
DTYPES = ["int8", "int16", "uint8", "int32", "uint32", "uint64", "float32", "bool"]
# The first engine that runs a case is the one that its outputs come from, unless the case says that it is wrong.
ENGINES = {"tflm": run_tflm, "ref": run_litert}
INDEX_COLUMNS = [
    "file", "op", "dtype", "case", "engine", "stateful", "float_tolerance", "ref_minus_tflm", "sha256", "note",
]  # fmt: skip
NOT_RUN_COLUMNS = ["op", "dtype", "case", "tflm", "ref"]


def largest_difference(left, right):
    """Over all outputs, in the outputs' own units; integers exactly."""
    differences = [0]
    for a, b in zip(left, right, strict=True):
        if a.shape != b.shape:
            return "shapes differ"
        wide = np.float64 if a.dtype.kind == "f" else object
        differences.append(np.max(np.abs(a.astype(wide) - b.astype(wide)), initial=0))
    return f"{max(differences):.3g}" if any(a.dtype.kind == "f" for a in left) else str(int(max(differences)))


def refusals(errors):
    """Which engine does not run a case, and what it says, on one line."""
    return "; ".join(f"{engine}: {' '.join(error.split())}" for engine, error in errors.items())


def run(case):
    """The index row of a case and the arrays of its file, or the row that says why no engine runs it."""
    name = {"op": case.op, "dtype": case.dtype, "case": case.name}
    outputs, errors = {}, {}
    try:
        infer_shapes(case.model)
    except EngineError as error:
        return name | {"tflm": "not tried: shapes unknown", "ref": str(error)}, None
    model = case.model.serialize()
    for engine, function in ENGINES.items():
        try:
            outputs[engine] = isolated(run_twice, function, model, case.inputs)
        except EngineError as error:
            errors[engine] = str(error)
    if not outputs:
        return name | {engine: " ".join(error.split()) for engine, error in errors.items()}, None

    engine = "ref" if case.tflm_defect and "ref" in outputs else next(iter(outputs))
    arrays = {"model": np.frombuffer(model, np.uint8)}
    arrays |= {f"input_{k}": values for k, values in enumerate(case.inputs)}
    arrays |= {f"output_{k}": values for k, values in enumerate(outputs[engine])}
    both = len(outputs) == len(ENGINES)
    has_floats = any(values.dtype.kind == "f" for values in outputs[engine])
    row = name | {
        "file": f"{case.op}_{case.dtype}_{case.name}.npz",
        "engine": engine,
        "stateful": int(case.stateful),
        "float_tolerance": case.float_tolerance if has_floats else "exact",
        "ref_minus_tflm": largest_difference(outputs["ref"], outputs["tflm"]) if both else "",
        "note": f"tflm {case.tflm_defect}" if case.tflm_defect else refusals(errors),
    }
    return row, arrays


def read_rows(path):
    """Rows written before, so that one family can be made again alone."""
    if not path.exists():
        return []
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def write_rows(path, columns, rows):
    """Sorted, so that the file does not depend on the order of work."""
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(sorted(rows, key=lambda row: (row["op"], row["dtype"], row["case"])))


def coverage(index):
    """The README's table: by operator and type, which engine the answers come from, and how many cases there are."""
    engines = {}
    for row in index:
        engines.setdefault(row["op"], {}).setdefault(row["dtype"], []).append(row["engine"])
    lines = ["| operator | " + " | ".join(DTYPES) + " |", "| --- |" + " --- |" * len(DTYPES)]
    for op, by_dtype in sorted(engines.items()):
        cells = []
        for dtype in DTYPES:
            found = by_dtype.get(dtype, [])
            used = "+".join(engine[0] for engine in ("tflm", "ref") if engine in found)
            cells.append(f"{used} {len(found)}" if found else "")
        lines.append(f"| {op} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def write_coverage(index):
    """Puts the table between its marks in the README."""
    before, rest = README.read_text().split(COVERAGE_MARKS[0])
    _, after = rest.split(COVERAGE_MARKS[1])
    README.write_text(before + COVERAGE_MARKS[0] + coverage(index) + COVERAGE_MARKS[1] + after)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("family", nargs="*", help=f"default: all of {', '.join(families.FAMILIES)}")
    chosen = parser.parse_args().family or list(families.FAMILIES)
    unknown = set(chosen) - set(families.FAMILIES)
    if unknown:
        parser.error(f"no such family: {', '.join(sorted(unknown))}")

    cases = [case for family in chosen for case in families.FAMILIES[family]()]
    made_again = {case.op for case in cases}
    index = [row for row in read_rows(INDEX) if row["op"] not in made_again]
    not_run = [row for row in read_rows(NOT_RUN) if row["op"] not in made_again]
    for path in FOLDER.glob("*.npz"):
        if path.name not in {row["file"] for row in index}:
            path.unlink()

    for case in cases:
        row, arrays = run(case)
        if arrays is None:
            not_run.append(row)
            print("not run", row["op"], row["dtype"], row["case"], "|", row["tflm"], "|", row["ref"])
            continue
        path = FOLDER / row["file"]
        np.savez_compressed(path, **arrays)
        row["sha256"] = hashlib.sha256(path.read_bytes()).hexdigest()
        index.append(row)
    write_rows(INDEX, INDEX_COLUMNS, index)
    write_rows(NOT_RUN, NOT_RUN_COLUMNS, not_run)
    write_coverage(index)


if __name__ == "__main__":
    main()
