"""What pytest wrote, and running it."""

from __future__ import annotations

import json
import re
import sys
from typing import TYPE_CHECKING

import pytest
from fabricated_timing import ENVIRONMENT, report

from bench.timing import sessions
from bench.timing.sessions import covers, read_session, run_session
from protocol.errors import RecbenchError
from protocol.installation import how_to_add

if TYPE_CHECKING:
    from pathlib import Path


def test_a_report_is_read_and_foreign_benchmarks_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "now.json"
    document = report({"fit": 2.0})
    document["benchmarks"].append({"fullname": "foreign", "extra_info": {}})
    path.write_text(json.dumps(document))
    found = read_session(path)
    assert found.environment == ENVIRONMENT
    assert list(found.timings) == ["fit"]
    assert found.timings["fit"].centre == pytest.approx(2.0)


@pytest.mark.parametrize("length", [0, 1, 100, -2])
def test_a_cut_report_is_named(tmp_path: Path, length: int) -> None:
    path = tmp_path / "now.json"
    path.write_text(json.dumps(report({"fit": 2.0}))[:length])
    with pytest.raises(RecbenchError, match=r"now\.json is not JSON, or was cut short"):
        read_session(path)


@pytest.mark.parametrize("text", ["[]", "{}", "3", '{"benchmarks": 3}', '{"benchmarks": [{}]}'])
def test_other_json_is_no_report(tmp_path: Path, text: str) -> None:
    path = tmp_path / "now.json"
    path.write_text(text)
    with pytest.raises(RecbenchError, match="is no report of pytest-benchmark"):
        read_session(path)


@pytest.mark.parametrize("ratios", [[], [0.0], [-1.0], ["x"], None, [1e300], [10**400]])
def test_impossible_ratios_are_named(tmp_path: Path, ratios: object) -> None:
    path = tmp_path / "now.json"
    document = report({"fit": 2.0})
    document["benchmarks"][0]["extra_info"]["recbench"]["ratios"] = ratios
    path.write_text(json.dumps(document))
    with pytest.raises(RecbenchError, match="is no report of pytest-benchmark"):
        read_session(path)


def test_a_report_without_benchmarks_of_ours_says_how_to_make_one(tmp_path: Path) -> None:
    path = tmp_path / "now.json"
    path.write_text('{"benchmarks": []}')
    with pytest.raises(RecbenchError, match=r"no benchmark made with bench\.timing"):
        read_session(path)


def test_noise_beyond_all_measure_is_read(tmp_path: Path) -> None:
    path = tmp_path / "now.json"
    document = report({"fit": 2.0})
    document["benchmarks"][0]["extra_info"]["recbench"]["ratios"] = [1e-300, 1, 1e300]
    path.write_text(json.dumps(document))
    assert read_session(path).timings["fit"].centre == 1.0


@pytest.mark.parametrize("change", [{"seconds": 10**400}, {"threads": 0}, {"threads": "two"}])
def test_other_impossible_figures_are_named(tmp_path: Path, change: dict[str, object]) -> None:
    path = tmp_path / "now.json"
    document = report({"fit": 2.0})
    document["benchmarks"][0]["extra_info"]["recbench"] |= change
    path.write_text(json.dumps(document))
    with pytest.raises(RecbenchError, match="is no report of pytest-benchmark"):
        read_session(path)


def test_a_report_of_two_processors_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "now.json"
    document = report({"fit": 2.0, "score": 1.0})
    document["benchmarks"][0]["extra_info"]["recbench"]["environment"] = ENVIRONMENT | {"cpu": "B_CPU"}
    path.write_text(json.dumps(document))
    with pytest.raises(RecbenchError, match=r"sessions on B_CPU and on A_CPU; .* one machine"):
        read_session(path)


def test_a_failing_test_is_no_measurement(monkeypatch: pytest.MonkeyPatch) -> None:
    """Any process that ends as pytest does where a test fails."""
    monkeypatch.setattr(sessions, "_command", lambda *_: [sys.executable, "-c", "raise SystemExit(1)"])
    with pytest.raises(RecbenchError, match=r"pytest test_it\.py ended with code 1, so nothing is judged"):
        run_session(["test_it.py"])


@pytest.mark.parametrize(
    ("test", "covered"),
    [
        (".", True),
        ("tests", True),
        ("./tests/", True),
        ("tests/a.py", True),
        ("tests/a.py::test_fit", True),
        ("tests/a.py::test_fit[als]", True),
        ("tests/a", False),
        ("tests/b.py", False),
        ("other", False),
        ("tests/a.py::test_fi", False),
        ("tests/a.py::test_fit[ease]", False),
    ],
)
def test_what_a_file_or_folder_or_node_id_covers(test: str, covered: bool) -> None:
    assert covers(test, "tests/a.py::test_fit[als]") == covered


def test_what_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions, "NEEDED", ("pytest", "no_such_package"))
    with pytest.raises(RecbenchError, match=re.escape(f"needs no_such_package; {how_to_add('timing')}")):
        run_session(["tests"])


def test_where_pytest_fails_a_file_that_it_would_import_instead_of_ours_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "bench.py").touch()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sessions, "_command", lambda *_: [sys.executable, "-c", "raise SystemExit(1)"])
    place = re.escape(str(tmp_path / "bench.py"))
    with pytest.raises(RecbenchError, match=rf"ended with code 1, .* It may fail because {place} is in the way: "):
        run_session(["tests"])


@pytest.mark.parametrize("name", ["only_benchmarks", "only_own_code"])
def test_a_session_has_our_plugins(name: str, tmp_path: Path) -> None:
    command = sessions._command(["tests"], tmp_path / "session.json", sessions.NOTHING)
    place = command.index(f"recbench.bench.timing.{name}")
    assert command[place - 1] == "-p"
