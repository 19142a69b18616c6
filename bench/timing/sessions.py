"""Run a session, which is a fresh pytest process with benchmarks, and read its measurements."""

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
from bench.machine.shadowing import problem_of_names
from bench.timing.measuring import INFO
from bench.timing.only_benchmarks import VARIABLE
from bench.timing.storage import Asked
from bench.timing.timings import Measured, Timing, joined
from protocol.drafts import write_output
from protocol.errors import RecbenchError
from protocol.installation import how_to_add

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

NEEDED = ("pytest", "pytest_benchmark")

NOTHING = Asked()

STDERR = 2
"""The file descriptor for pytest's own output, as standard output is for the table."""


def run_session(tests: Sequence[str], names: Sequence[str] | None = None, asked: Asked = NOTHING) -> Measured:
    """Run the benchmarks of some files, folders or node ids in a fresh process, one thread each.

    Parameters
    ----------
    names
        The names of the benchmarks to run; all by default.
    asked
        What is asked of pytest-benchmark, too.

    Raises
    ------
    RecbenchError
        If pytest or pytest-benchmark is not installed, a test fails, or there is no benchmark.
    """
    check_installed()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "session.json")
        process = subprocess.run(
            _command(tests, path, asked), stdin=subprocess.DEVNULL, stdout=STDERR, env=_environment(names), check=False
        )
        if process.returncode:
            problem = problem_of_names([str(Path.cwd())])  # where pytest's process looks first
            raise RecbenchError(
                f"pytest {' '.join(tests)} ended with code {process.returncode}, so nothing is judged; its output is "
                f"above{f'. It may fail because {problem}' if problem else ''}"
            )
        measured = read_session(path)
        if asked.json is not None:
            write_output(asked.json, path.read_bytes())
        return measured


def check_installed() -> None:
    """Refuse to measure without pytest and pytest-benchmark.

    Raises
    ------
    RecbenchError
        Saying how to install them.
    """
    missing = [name for name in NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        raise RecbenchError(f"timing needs {' and '.join(missing)}; {how_to_add('timing')}")


def _command(tests: Sequence[str], path: Path, asked: Asked) -> list[str]:
    # pytest-xdist must not distribute the tests; without pytest-xdist there is no option -n.
    alone = ["-n", "0"] if importlib.util.find_spec("xdist") else []
    # The folder, where pytest's process looks first, may have a package `bench` of its own.
    plugins = ["-p", "recbench.bench.timing.only_benchmarks", "-p", "recbench.bench.timing.only_own_code"]
    # Names of benchmarks begin with a file's path, relative to this folder, not to the folder of pytest's settings.
    options = ["--rootdir=.", "--quiet", "--benchmark-enable", f"--benchmark-json={path}", *asked.words()]
    return [sys.executable, "-m", "pytest", *plugins, *alone, *options, *tests]


def _environment(names: Sequence[str] | None) -> dict[str, str]:
    chosen = {} if names is None else {VARIABLE: json.dumps(list(names))}
    # Without a fixed seed, sets of text have another order in each session.
    return {**os.environ, **thread_variables(1), "PYTHONHASHSEED": "0", **chosen}


def covers(test: str, name: str) -> bool:
    """Return whether a file, folder or node id, as pytest takes it, contains the benchmark of this name."""
    (place, _, node), (file, _, function) = test.partition("::"), name.partition("::")
    if not Path(file).resolve().is_relative_to(Path(place).resolve()):
        return False
    return node in ("", function) or function.startswith((f"{node}[", f"{node}::"))


def read_session(path: Path) -> Measured:
    """Read a report of ``pytest --benchmark-json``; benchmarks not made with `bench.timing.measure` are left out.

    Raises
    ------
    RecbenchError
        If the file is no such report, or holds no benchmark of ours.
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
    """Return the content of a JSON file.

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
