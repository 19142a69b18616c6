"""What `recbench check` prints: failures last, and one line for what waits for each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bench.checks.check import WAITS_FOR, CheckResult
from bench.cli.check_results import print_check_results

if TYPE_CHECKING:
    from collections.abc import Iterator

RESULTS = [
    CheckResult("builds", "ok"),
    CheckResult("fits", "fail", "raised ValueError: no luck (mine.py, line 3)"),
    CheckResult("scores", "skip", f"{WAITS_FOR}fits"),
    CheckResult("keeps", "skip", "it has no save"),
    CheckResult("ranks", "skip", f"{WAITS_FOR}scores"),
    CheckResult("names", "warn", "unusual"),
]


def test_failures_come_last_and_what_waits_for_them_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert print_check_results(RESULTS) == 1
    assert capsys.readouterr().out.splitlines() == [
        "ok    builds",
        "skip  keeps: it has no save",
        "warn  names",
        "        unusual",
        "fail  fits",
        "        raised ValueError: no luck (mine.py, line 3)",
        "        2 checks were not run because of this",
        "1 ok, 1 warn, 1 fail, 1 skip, 2 not run",
    ]


def test_without_failures_there_are_counts_alone(capsys: pytest.CaptureFixture[str]) -> None:
    assert print_check_results([CheckResult("builds", "ok"), CheckResult("fits", "ok")]) == 0
    assert capsys.readouterr().out == "ok    builds\nok    fits\n2 ok\n"


def test_what_passes_is_printed_as_soon_as_it_is_known(capsys: pytest.CaptureFixture[str]) -> None:
    def results() -> Iterator[CheckResult]:
        yield CheckResult("builds", "ok")
        assert capsys.readouterr().out == "ok    builds\n"
        yield CheckResult("fits", "ok")

    assert print_check_results(results()) == 0


@pytest.mark.parametrize("width", [60, 80, 100, 160])
def test_a_long_message_breaks_at_words(
    width: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bench.cli.printing.screen_width", lambda: width)
    text = "set-in-stone --timeout SECONDS " * 9
    print_check_results([CheckResult("fits", "fail", text), CheckResult("keeps", "skip", text)])
    said = capsys.readouterr().out
    assert max(map(len, said.splitlines())) <= width
    assert said.split().count("set-in-stone") == 18
