"""A session: a fresh pytest process that runs benchmarks, and what it wrote."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.machine.environment import thread_variables
from bench.timing.measuring import INFO
from bench.timing.only_benchmarks import VARIABLE
from bench.timing.timings import Measured, Timing, joined
from protocol.errors import RecbenchError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

NEEDED = ("pytest", "pytest_benchmark")

STDERR = 2
"""Where pytest's own output goes: standard output is the table's."""


def run_session(tests: Sequence[str], names: Sequence[str] | None = None) -> Measured:
    """Run the benchmarks of some files, folders or node ids in a fresh process, one thread each.

    Parameters
    ----------
    names
        Of the benchmarks to be run; all by default.

    Raises
    ------
    RecbenchError
        If pytest or pytest-benchmark is not installed, a test fails, or there is no benchmark.
    """
    missing = [name for name in NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        raise RecbenchError(f"timing needs {' and '.join(missing)}; run `pip install 'recbench[timing]'`")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "session.json")
        process = subprocess.run(
            _command(tests, path), stdin=subprocess.DEVNULL, stdout=STDERR, env=_environment(names), check=False
        )
        if process.returncode:
            raise RecbenchError(
                f"pytest {' '.join(tests)} ended with code {process.returncode}, so nothing is judged; what it says "
                "stands above"
            )
        return read_session(path)


def _command(tests: Sequence[str], path: Path) -> list[str]:
    # Where pytest-xdist would share tests among processes, it must not; where it is not installed, there is no -n.
    alone = ["-n", "0"] if importlib.util.find_spec("xdist") else []
    plugin = ["-p", "bench.timing.only_benchmarks"]
    # Names of benchmarks begin with a file's path, from this folder: not from where pytest finds its settings.
    options = ["--rootdir=.", "--quiet", "--benchmark-enable", "--benchmark-quiet", f"--benchmark-json={path}"]
    return [sys.executable, "-m", "pytest", *plugin, *alone, *options, *tests]


def _environment(names: Sequence[str] | None) -> dict[str, str]:
    chosen = {} if names is None else {VARIABLE: json.dumps(list(names))}
    # Sets and dictionaries of text would be in another order in each session.
    return {**os.environ, **thread_variables(1), "PYTHONHASHSEED": "0", **chosen}


def covers(test: str, name: str) -> bool:
    """Return whether a file, folder or node id, as pytest takes it, holds the benchmark of a name."""
    (place, _, node), (file, _, function) = test.partition("::"), name.partition("::")
    if not Path(file).resolve().is_relative_to(Path(place).resolve()):
        return False
    return node in ("", function) or function.startswith((f"{node}[", f"{node}::"))


def read_session(path: Path) -> Measured:
    """Read what ``pytest --benchmark-json`` wrote; benchmarks that `bench.timing.measure` did not make are left out.

    Raises
    ------
    RecbenchError
        If the file cannot be read as such, or holds none.
    """
    document = read_json(path)
    try:
        extras = {one["fullname"]: one["extra_info"] for one in document["benchmarks"]}
        found = {name: extra[INFO] for name, extra in extras.items() if INFO in extra}
        parts = [Measured(dict(info["environment"]), {name: _timing(info)}) for name, info in found.items()]
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise RecbenchError(
            f"{path} is no report of pytest-benchmark, or not a whole one ({type(error).__name__}: {error}); "
            "measure again"
        ) from error
    if not parts:
        raise RecbenchError(
            f"{path} holds no benchmark made with bench.timing (recommender_benchmarks or measure); was it run with "
            "--benchmark-enable?"
        )
    return joined(parts)


def read_json(path: Path) -> Any:
    """Return what a JSON file holds.

    Raises
    ------
    RecbenchError
        If it is not JSON.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise RecbenchError(f"{path} is not JSON, or was cut short ({error}); measure again") from error


def _timing(info: Mapping[str, Any]) -> Timing:
    ratios = [float(one) for one in info["ratios"]]
    return Timing.of_rounds(str(info["reference"]), int(info["threads"]), float(info["seconds"]), ratios)
