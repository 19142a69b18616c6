"""The charts of costs: times that cannot be compared are told apart, memory is compared as ever."""

from __future__ import annotations

from timed_on import timed

from bench.analysis.summary import summarise
from bench.charts.costs import cost
from bench.charts.style import PRINT


def test_score_times_of_unequal_machines_are_told_apart() -> None:
    summary = summarise([timed("bpr"), timed("als", cores=4)])
    times, memory = (cost(summary, name, PRINT) for name in ("score_us_per_user", "peak_mib"))
    assert times is not None
    assert memory is not None
    assert [point["label"] for point in times.spec["data"]["values"]] == ["als (a)", "bpr (b)"]
    assert [line[0] for line in times.lines] == ["als (a)", "bpr (b)"]
    assert "a (4 cores): als; b (2 cores): bpr." in times.alternative
    assert [line[0] for line in memory.lines] == ["als", "bpr"]
    assert "cannot be compared" not in memory.alternative


def test_times_of_one_machine_have_no_letters() -> None:
    chart = cost(summarise([timed("bpr"), timed("als")]), "score_us_per_user", PRINT)
    assert chart is not None
    assert [line[0] for line in chart.lines] == ["als", "bpr"]
    assert "compared" not in chart.alternative
