"""Write and read the baseline: a small JSON file for version control."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from bench.timing.sessions import read_json, read_session
from bench.timing.timings import Measured, Timing
from protocol.drafts import write_output
from protocol.errors import RecbenchError

if TYPE_CHECKING:
    from pathlib import Path

SCHEMA = 1

DIGITS = 4
"""The significant digits that are written; the fifth is noise."""


def write_baseline(path: Path, measured: Measured) -> None:
    """Write a baseline, and make its folder if need be."""
    # A line for each benchmark, so that a diff shows what a renewed baseline changes.
    benchmarks = (f"  {json.dumps(name)}: {json.dumps(_document(timing))}" for name, timing in measured.timings.items())
    lines = (
        "{",
        f' "schema": {SCHEMA},',
        f' "environment": {json.dumps(dict(measured.environment), ensure_ascii=False)},',
        ' "benchmarks": {',
        ",\n".join(benchmarks),
        " }",
        "}",
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    write_output(path, ("\n".join(lines) + "\n").encode())


def read_baseline(path: Path) -> Measured:
    """Read a baseline that `write_baseline` wrote, or a report of pytest-benchmark: a baseline of one session.

    Raises
    ------
    RecbenchError
        If there is no such file, or it is no baseline, is damaged, or has another version.
    """
    if not path.is_file():
        raise RecbenchError(f"there is no baseline {path}; measure one with --save")
    document = read_json(path)
    if _is_report(document):
        return read_session(path)
    try:
        schema = document["schema"]
        if schema != SCHEMA:
            raise RecbenchError(f"{path} has schema {schema}, expected {SCHEMA}; measure it again with --save")
        timings = {name: _timing(one) for name, one in document["benchmarks"].items()}
        return Measured(dict(document["environment"]), timings)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise RecbenchError(
            f"{path} is no baseline, or not a whole one ({type(error).__name__}: {error}); get it again, or measure "
            "it with --save"
        ) from error


def _is_report(document: Any) -> bool:
    """Return whether pytest-benchmark wrote this, by ``--benchmark-json`` or into its storage."""
    return isinstance(document, dict) and "schema" not in document and isinstance(document.get("benchmarks"), list)


def _document(timing: Timing) -> dict[str, Any]:
    return {
        "reference": timing.reference,
        "threads": timing.n_threads,
        "seconds": _rounded(timing.seconds),
        "medians": [_rounded(one) for one in timing.medians],
        "errors": [_rounded(one) for one in timing.errors],
    }


def _timing(document: Any) -> Timing:
    medians, errors = (tuple(float(one) for one in document[name]) for name in ("medians", "errors"))
    return Timing(str(document["reference"]), int(document["threads"]), float(document["seconds"]), medians, errors)


def _rounded(value: float) -> float:
    return float(f"{value:.{DIGITS}g}")
