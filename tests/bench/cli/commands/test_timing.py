"""``recbench timing``: tables, exit codes, errors in one line."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from fabricated_timing import ENVIRONMENT, report, session, sessions
from pytest_benchmark.utils import get_machine_id

from bench.cli.main import main
from bench.timing.baseline import write_baseline
from bench.timing.timings import Measured, joined

if TYPE_CHECKING:
    from pathlib import Path

    from bench.timing.storage import Asked

FIT, SCORE, OLD = (f"tests/test_timing.py::test_timing[als-{case}-10]" for case in ("fit", "score", "old"))
MEDIANS = (0.98, 1.0, 1.0, 1.01, 1.02)
BASELINE = sessions(FIT, MEDIANS, noise=0.01)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the current folder, with a baseline."""
    monkeypatch.chdir(tmp_path)
    write_baseline(tmp_path / "timing-baseline.json", BASELINE)
    return tmp_path


def judged(folder: Path, fit: float, *options: str) -> int:
    """Return the exit code of judging a report of now, in which fit takes so long."""
    (folder / "now.json").write_text(json.dumps(report({FIT: fit, SCORE: 2.5}, noise=0.01)))
    return main(["timing", "now.json", *options])


def test_unchanged_is_no_alarm(folder: Path) -> None:
    assert judged(folder, 1.02) == 0


def test_what_is_missing_is_an_alarm(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A benchmark that no longer runs would never become slower."""
    write_baseline(folder / "timing-baseline.json", joined(sessions(name, MEDIANS, noise=0.01) for name in (FIT, OLD)))
    assert judged(folder, 1.02) == 1
    shown = capsys.readouterr().out
    assert "removed on purpose, renew the baseline with --save" in " ".join(shown.split())
    assert shown.splitlines()[:7] == [
        "timing of 3 benchmarks: 1 same, 1 new, 1 missing",
        "",
        "benchmark          case    ms   now  baseline       ratio  verdict",
        "---------  ------------  ----  ----  --------  ----------  -------",
        "timing       als-fit-10  1.02  1.02         1  1.02 ±0.05     same",
        "timing     als-score-10   2.5   2.5         -           -      new",
        "timing       als-old-10     -     -         1           -  missing",
    ]


def test_a_third_slower_is_one(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert judged(folder, 4 / 3) == 1
    assert "1.33 ±0.05   slower" in capsys.readouterr().out


def test_noise_is_no_failure_but_is_noted(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_baseline(folder / "timing-baseline.json", sessions(FIT, [0.7, 0.85, 1.0, 1.2, 1.4]))
    assert judged(folder, 4 / 3) == 0
    assert "measure again on a quiet machine" in " ".join(capsys.readouterr().out.split())


def test_noise_has_an_exit_code_of_its_own_where_that_is_asked_for(folder: Path) -> None:
    noisy = sessions(FIT, [0.7, 0.85, 1.0, 1.2, 1.4])
    write_baseline(folder / "timing-baseline.json", noisy)
    assert judged(folder, 4 / 3, "--fail-on-unclear") == 3
    assert judged(folder, 1.0, "--fail-on-unclear") == 0
    write_baseline(folder / "timing-baseline.json", joined((noisy, sessions(OLD, MEDIANS))))
    assert judged(folder, 4 / 3, "--fail-on-unclear") == 1


def test_another_machine_is_noted(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = ENVIRONMENT | {"cpu": "B_CPU", "versions": {"python": "3.11", "numpy": "2.0"}}
    write_baseline(folder / "timing-baseline.json", Measured(other, BASELINE.timings))
    assert judged(folder, 1.0) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "not the baseline's: cpu A_CPU (baseline: B_CPU); numpy 2.4 (baseline: 2.0)" in shown


def test_the_same_machine_is_not(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    judged(folder, 1.0)
    assert "not the baseline's" not in capsys.readouterr().out


def test_json_carries_every_figure(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    judged(folder, 4 / 3, "--format", "json")
    fit, new = json.loads(capsys.readouterr().out)["benchmarks"]
    assert (fit["benchmark"], fit["verdict"], fit["sessions"]) == (FIT, "slower", 1)
    assert fit["ratio"] == pytest.approx(4 / 3)
    assert (new["verdict"], new["baseline"], new["ratio"]) == ("new", None, None)


@pytest.mark.parametrize("form", ["github", "latex", "csv", "html-fragment"])
def test_other_formats(folder: Path, capsys: pytest.CaptureFixture[str], form: str) -> None:
    assert judged(folder, 4 / 3, "--format", form) == 1
    assert "slower" in capsys.readouterr().out


def test_reports_become_a_baseline(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for number in range(3):
        (folder / f"{number}.json").write_text(json.dumps(report({FIT: 1.0 + number})))
    assert main(["timing", "0.json", "1.json", "2.json", "--save", "--baseline", "new.json"]) == 0
    shown = capsys.readouterr()
    assert shown.out.splitlines()[0] == "new.json: 1 benchmark, 3 sessions"
    assert f"recbench: warning: a slow-down of a third can go unnoticed in {FIT} (from " in shown.err
    assert judged(folder, 2.0, "--baseline", "new.json") == 0


def test_a_quiet_baseline_is_not_warned_of(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for number in range(3):
        (folder / f"{number}.json").write_text(json.dumps(report({FIT: 1.0, SCORE: 2.0})))
    assert main(["timing", "0.json", "1.json", "2.json", "--save"]) == 0
    shown = capsys.readouterr()
    assert shown.out.splitlines()[1] == "caught 19 times in 20: 1.20 to 1.20 times the time, depending on the benchmark"
    assert shown.err == ""


def test_two_sessions_are_too_few(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "0.json").write_text(json.dumps(report({FIT: 1.0})))
    assert main(["timing", "0.json", "0.json", "--save"]) == 0
    assert "recbench: warning: 3 sessions are needed to measure how they differ" in capsys.readouterr().err


def test_sessions_of_different_units_are_no_baseline(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nor is one written."""
    for name, found in {"one": 1, "two": 2}.items():
        document = report({FIT: 1.0})
        document["benchmarks"][0]["extra_info"]["recbench"]["threads"] = found
        (folder / f"{name}.json").write_text(json.dumps(document))
    assert main(["timing", "one.json", "two.json", "--save", "--baseline", "new.json"]) == 2
    assert "is timed with 2 threads, in another session with 1" in capsys.readouterr().err
    assert not (folder / "new.json").exists()
    assert main(["timing", "two.json"]) == 2
    assert "is timed with 2 threads, in the baseline with 1" in capsys.readouterr().err


def test_of_the_baseline_the_tests_asked_for_count(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One file can be judged alone; a benchmark that is gone from it is missing."""
    here, there = "tests/a.py::test_fit[als]", "tests/b.py::test_fit[als]"
    write_baseline(folder / "timing-baseline.json", joined(sessions(name, MEDIANS) for name in (here, there)))
    monkeypatch.setattr("bench.timing.sessions.run_session", lambda *_: session({here: 1.0}))
    assert main(["timing", "tests/a.py"]) == 0
    assert main(["timing", "tests"]) == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["cut.json"], "cut.json is not JSON, or was cut short"),
        (["missing.json"], "missing.json: no such file"),
        (["now.json", "tests"], "expected only one kind"),
        (["other.json"], "no measured benchmark is in the baseline, not even other.py::test_it; run from the folder"),
        (["huge.json"], "huge.json is no report of pytest-benchmark, or not a whole one (OverflowError"),
        (["now.json", "--baseline", "cut.json"], "cut.json is not JSON, or was cut short"),
        (["now.json", "--baseline", "none.json"], "there is no baseline none.json; measure one with --save"),
    ],
)
def test_faulty_files_are_errors_in_a_line(
    folder: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    judged(folder, 1.0)
    (folder / "cut.json").write_text((folder / "now.json").read_text()[:200])
    (folder / "other.json").write_text(json.dumps(report({"other.py::test_it": 1.0})))
    document = report({FIT: 1.0})
    document["benchmarks"][0]["extra_info"]["recbench"]["seconds"] = 10**400
    (folder / "huge.json").write_text(json.dumps(document))
    capsys.readouterr()
    assert main(["timing", *arguments]) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith("recbench: error: ")
    assert message in shown.err
    assert shown.err.count("\n") == 1


def test_benchmarks_that_would_look_alike_keep_their_places(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    names = ("a.py::test_fit[als]", "b.py::test_fit[als]")
    write_baseline(folder / "timing-baseline.json", joined(sessions(name, [1.0] * 3) for name in names))
    (folder / "now.json").write_text(json.dumps(report(dict.fromkeys(names, 1.0))))
    assert main(["timing", "now.json"]) == 0
    shown = capsys.readouterr().out
    assert "a.py::test_fit " in shown
    assert "b.py::test_fit " in shown


def test_a_report_of_pytest_benchmark_is_a_baseline(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "before.json").write_text(json.dumps(report({FIT: 1.0}, noise=0.01)))
    assert judged(folder, 1.02, "--baseline", "before.json") == 0
    assert "1 same, 1 new" in capsys.readouterr().out
    assert judged(folder, 2.0, "--baseline", "before.json") == 1


def test_stored_runs_are_the_sessions_of_a_baseline(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    place = folder / "stored" / get_machine_id()
    place.mkdir(parents=True)
    for number, fit in enumerate((0.5, 1.0, 1.1), start=1):
        (place / f"000{number}_x.json").write_text(json.dumps(report({FIT: fit}, noise=0.01)))
    storage = ["--benchmark-storage", "stored", "--format", "json"]
    ratios = []
    for compare in (["--benchmark-compare"], ["--benchmark-compare", "0001"], ["--benchmark-compare=000[123]"]):
        judged(folder, 1.1, *storage, *compare)
        ratios.append(json.loads(capsys.readouterr().out)["benchmarks"][0]["ratio"])
    assert ratios == pytest.approx([1.0, 2.2, 1.1])


@pytest.mark.parametrize("option", ["--benchmark-autosave", "--benchmark-histogram", "--benchmark-json=x.json"])
def test_a_report_runs_no_session_that_could_be_stored(
    folder: Path, option: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert judged(folder, 1.0, option) == 2
    assert "found reports (.json), and options of pytest-benchmark about a session" in capsys.readouterr().err


@pytest.mark.parametrize("other", ["--save", "--baseline=now.json"])
def test_there_is_one_thing_to_compare_with(folder: Path, other: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert judged(folder, 1.0, other, "--benchmark-compare") == 2
    assert "found --benchmark-compare and --" in capsys.readouterr().err


def test_only_the_first_session_is_stored(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sessions after it measure again what seems slower, which would be half a run."""
    asked = []

    def run_session(tests: object, names: object = None, words: Asked | None = None) -> Measured:
        asked.append((names, words and [*words.words()]))
        return session({FIT: 2.0})

    monkeypatch.setattr("bench.timing.sessions.run_session", run_session)
    assert main(["timing", "tests", "--benchmark-autosave"]) == 1
    assert asked == [(None, ["--benchmark-autosave", "--benchmark-quiet"]), *[([FIT], None)] * 2]
