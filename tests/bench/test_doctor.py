"""The doctor: every finding has a verdict, and a bad one fails the command."""

from __future__ import annotations

import pytest

from bench import diagnosis
from bench.cli import main


def test_this_installation_is_well(capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["doctor"])
    lines = capsys.readouterr().out.splitlines()
    assert code == 0, lines
    named = [line[6:].split(":")[0] for line in lines if line.startswith(("ok ", "warn "))]
    assert named == ["python", "packages", "threads", "memory", "cache", "data", "recommenders", "pipeline"]
    assert "chance is 0.099" in next(line for line in lines if "pipeline" in line)


def test_what_breaks_is_a_finding_and_fails(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> tuple[diagnosis.Status, str]:
        raise RuntimeError("no such luck")

    monkeypatch.setattr(diagnosis, "_EXAMINATIONS", {"luck": broken, "python": diagnosis._python})
    assert main(["doctor"]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "fail  luck"
    assert lines[1].strip() == "RuntimeError: no such luck"
    assert lines[2].startswith("ok    python: ")
    assert lines[3] == "1 ok, 1 fail"


@pytest.mark.parametrize(
    ("hit_rate", "status"),
    # Chance is 10/101 = .0990; its standard error over 300 users is sqrt(.0990 * .9010 / 300) = .0172.
    [(0.0990, "ok"), (0.0990 + 0.068, "ok"), (0.0990 + 0.070, "fail"), (0.0990 - 0.070, "fail"), (1.0, "fail")],
)
def test_random_scores_must_hit_as_chance_does(hit_rate: float, status: str) -> None:
    assert diagnosis.judge_chance(hit_rate, 300)[0] == status


def test_an_old_python_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(diagnosis, "MIN_PYTHON", (99, 0))
    status, message = diagnosis._python()
    assert status == "fail"
    assert "install Python 99.0 or newer" in message
