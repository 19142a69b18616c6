"""What the table shows of building, processor time, threads and memory, and what it says of them."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hand_made import EASE, record

from bench.analysis.summary import summarise
from bench.tables.columns import columns_of
from bench.tables.results import render

RANKS = [0, 0, 20, 30]


def used(label: str = "one", *, fit: float = 1.0, **changes: Any) -> Any:
    """Return a record of a job with 2 threads that fitted in one of them."""
    usage = {
        "build_seconds": 0.001,
        "fit_cpu_seconds": fit,
        "scoring_seconds": 0.5,
        "scoring_cpu_seconds": 0.5,
        "scoring_peak_mib": 120.0,
        "cores": 2,
    }
    return record(label, RANKS, fit=fit, usage=usage | changes)


def costs(*records: Any) -> list[str]:
    """Return the headers of the columns of costs."""
    columns = columns_of(summarise(records), "table")
    return [column.title for column in columns if column.group == "cost"]


def text(*records: Any) -> str:
    return " ".join(render(records).split())


@pytest.mark.parametrize(
    ("fit", "build", "is_shown"), [(1.0, 0.04, False), (1.0, 0.06, True), (0.1, 0.009, False), (0.1, 0.011, True)]
)
def test_building_has_a_column_where_it_is_more_than_a_twentieth_of_a_fit(
    fit: float, build: float, is_shown: bool
) -> None:
    found = costs(used("other"), used(fit=fit, build_seconds=build))
    assert found == (["build", "fit", "score", "peak"] if is_shown else ["fit", "score", "peak"])
    assert ("build is the time of the constructor" in text(used(fit=fit, build_seconds=build))) == is_shown


@pytest.mark.parametrize(
    ("fit", "cpu", "is_shown"), [(2.0, 2.15, False), (2.0, 2.3, True), (2.0, 0.5, True), (0.1, 0.19, False)]
)
def test_processor_time_has_a_column_where_it_is_not_the_time_of_fitting(
    fit: float, cpu: float, is_shown: bool
) -> None:
    found = costs(used("other"), used(fit=fit, fit_cpu_seconds=cpu))
    assert found == (["fit", "cpu", "score", "peak"] if is_shown else ["fit", "score", "peak"])
    assert ("cpu is the processor time of fitting" in text(used(fit=fit, fit_cpu_seconds=cpu))) == is_shown


def test_files_have_every_value_whether_or_not_the_table_shows_it() -> None:
    rows = json.loads(render([used("one"), record("earlier", RANKS)], "json"))["rows"]
    assert [(row["build_s"], row["fit_cpu_s"], row["peak_mib"]) for row in rows] == [
        (None, None, 234.5), (0.001, 1.0, 234.5),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "is_marked"),
    [
        ({"fit_cpu_seconds": 2.1}, False),
        ({"fit_cpu_seconds": 2.2}, True),
        ({"scoring_cpu_seconds": 1.05}, False),
        ({"scoring_cpu_seconds": 1.15}, True),
    ],
)
def test_more_processor_time_than_two_threads_can_use_is_marked(changes: dict[str, float], is_marked: bool) -> None:
    """A twentieth and 0.05 s above what they can is within what clocks differ by."""
    table = render([EASE, used(**changes)])
    assert bool(re.search(r"^one\s.*\(beyond its threads\)", table, re.MULTILINE)) == is_marked
    assert ("Threads one: used more processor time than the threads of a job can" in text(used(**changes))) == is_marked


def test_the_peak_is_that_of_fitting_and_scoring_and_earlier_records_have_that_of_fitting() -> None:
    higher = used("one", scoring_peak_mib=500.0)
    assert re.search(r"^one .* 500$", render([higher]), re.MULTILINE)
    assert "peak is the highest memory while a job fits and scores, over all seeds: that of its" in text(higher)
    earlier = "peak is the highest memory of the process itself while it fits, over all seeds."
    assert f" {earlier}" in text(EASE)
    both = text(EASE, higher)
    assert "For one, peak is the highest memory while a job fits and scores, over all seeds: that of its" in both
    assert f"For ease:reg=500, {earlier}" in both
