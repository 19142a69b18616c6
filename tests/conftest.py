"""Fixtures shared by all tests."""

from __future__ import annotations

import os
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from compiled_once import compile_all
from hypothesis import settings
from installations import description, install

from bench.machine.processor_time import usable_cores
from protocol.evaluation import statistics
from recommenders.registry.inspection import asking, cache

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from _pytest.terminal import TerminalReporter

# What an example takes is no property: libraries that are imported late, and busy machines, are slow. Each run of the
# suite draws other examples, so fewer than the usual hundred are enough.
settings.register_profile("recbench", deadline=None, max_examples=50)
settings.load_profile("recbench")

REAL_FILES = (
    "ml-1m/ml-1m.train.rating",
    "ml-1m/ml-1m.test.rating",
    "ml-1m/ml-1m.test.negative",
    "ml-1m/ml-1m.order.tsv",
    "ml-latest-small/ratings.csv",
)


@pytest.fixture(scope="session")
def real_data() -> Path:
    """Return the folder of real data; skip where none is named, fail where the named one is incomplete."""
    named = os.environ.get("RECBENCH_DATA")
    if not named:
        pytest.skip("RECBENCH_DATA is not set: it names a folder with ml-1m/ and ml-latest-small/")
    folder = Path(named)
    missing = [name for name in REAL_FILES if not (folder / name).is_file()]
    if missing:
        pytest.fail(f"RECBENCH_DATA={folder} lacks {', '.join(missing)}")
    return folder


@pytest.fixture(scope="module")
def few_users() -> Iterator[None]:
    """Test tables of two to five users as if they were enough, so that a reader can redo the arithmetic.

    That ten are needed is tested in `tests/bench/tables/test_claims.py`.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(statistics, "LEAST_USERS", 2)
        yield


def pytest_xdist_auto_num_workers() -> int:
    """Start one worker more than there are cores: many tests wait for a process, or for a limit of time."""
    return (usable_cores() or os.cpu_count() or 1) + 1


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the tests that may take long."""
    items.sort(key=lambda item: item.get_closest_marker("early") is None)


def pytest_sessionstart(session: pytest.Session) -> None:
    """Compile the kernels once, where several processes will run the tests (this is none of them)."""
    if session.config.getoption("numprocesses", None):
        compile_all()


def pytest_terminal_summary(terminalreporter: TerminalReporter) -> None:
    """Say in one line each why tests were skipped, wherever they lie."""
    reasons = Counter(
        report.longrepr[2].removeprefix("Skipped: ") for report in terminalreporter.stats.get("skipped", [])
    )
    if reasons:
        terminalreporter.section("skipped")
    for reason, number in sorted(reasons.items()):
        terminalreporter.line(f"{number:4}  {reason}")


@pytest.fixture(scope="session", autouse=True)
def _inspections(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep what is found out about the tests' plug-ins out of the user's cache, and let them load slowly."""
    folder = tmp_path_factory.mktemp("inspections")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cache, "folder_of_inspections", lambda: folder)
        # Loading PyTorch can take longer than the usual limit where other programs run, too.
        patch.setattr(asking, "TIMEOUT_S", 120.0)
        yield


@pytest.fixture(autouse=True)
def _no_plugin_stays(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Forget the plug-ins that a test imported from pytest's folder: the next test may have one of the same name.

    The temporary folder of the system may hold a whole installation, with libraries that cannot be imported twice.
    """
    place = tmp_path_factory.getbasetemp()
    monkeypatch.setattr(sys, "path", [*sys.path])
    before = set(sys.modules)
    yield
    for name in sys.modules.keys() - before:
        file = getattr(sys.modules[name], "__file__", None)
        if file and Path(file).is_relative_to(place):
            del sys.modules[name]


@pytest.fixture
def installed_from(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Callable[[Any], None]:
    """Return what makes recbench look as if it was installed from a source; from an index, if that is None."""
    return lambda source: install(monkeypatch, description(tmp_path_factory.mktemp("lib") / "dist-info", source))
