"""Times of different machines are in different rows, and the notes name the rows of each machine."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hand_made import EASE, TIMEOUT, record

from bench.analysis.summary import summarise
from bench.charts.pareto import pareto
from bench.charts.style import PAGE
from bench.tables.machines import machine_lines
from bench.tables.results import render, to_frame

if TYPE_CHECKING:
    from bench.records.record import Record

HERE = {
    "cpu": "CPU_A",
    "cores": 2,
    "memory_gib": 8,
    "system": "Linux x86_64",
    "blas": "openblas 0.3",
    "versions": {"python": "3.11"},
}


def made_on(changes: dict[str, Any], name: str = "bpr", **options: Any) -> Record:
    made = record(name, [0, 1, 2, 3] if "failure" not in options else [], **options)
    made.document["environment"] = {**HERE, **changes}
    return made


@pytest.mark.parametrize(
    "changes",
    [{"cpu": "CPU_B"}, {"cores": 4}, {"memory_gib": 16}, {"system": "Darwin arm64"}, {"blas": "mkl 2024"}],
)
def test_no_time_is_the_mean_over_two_machines(changes: dict[str, Any]) -> None:
    one, other = made_on({}, seed=0, fit=2.0), made_on(changes, seed=1, fit=40.0)
    rows = json.loads(render([one, other], "json"))["rows"]
    assert sorted((row["fit_s"], row["seeds"]) for row in rows) == [(2.0, [0]), (40.0, [1])]
    assert all(row["recommender"].startswith("bpr #") for row in rows)
    assert len({row["machine"] for row in rows}) == 2
    assert "machine" in to_frame([one, other]).attrs["notes"]["Same name"]


def test_another_commit_is_no_other_machine() -> None:
    one, other = made_on({"commit": "a" * 12}, seed=0, fit=2.0), made_on({"commit": "b" * 12}, seed=1, fit=4.0)
    (row,) = json.loads(render([one, other], "json"))["rows"]
    assert (row["recommender"], row["fit_s"], row["seeds"]) == ("bpr", 3.0, [0, 1])
    assert row["machine"] == "CPU_A, 2 cores, 8 GiB, Linux x86_64, openblas 0.3"
    notes = to_frame([one, other]).attrs["notes"]
    assert notes["Machine"] == "CPU_A; 2 threads per job."
    assert "on this machine" in notes["Cost"]


def test_the_lines_about_machines_and_versions_name_their_rows() -> None:
    ours = [made_on({}, "bpr"), made_on({}, "mf", failure=TIMEOUT)]
    theirs = made_on({"cores": 4, "versions": {"python": "3.12"}}, "als")
    theirs.document["threads"] = 4
    notes = to_frame([*ours, theirs]).attrs["notes"]
    assert sorted(notes["Machine"].splitlines()) == [
        "CPU_A, 2 cores, 8 GiB, Linux x86_64, openblas 0.3; 2 threads per job: bpr and mf.",
        "CPU_A, 4 cores, 8 GiB, Linux x86_64, openblas 0.3; 4 threads per job: als.",
    ]
    assert sorted(notes["Versions"].splitlines()) == ["python 3.11: bpr and mf.", "python 3.12: als."]
    assert "times on the machine of each row (see Machine)" in notes["Cost"]
    assert "Times of rows of different machines cannot be compared." in notes["Cost"]


def test_the_lines_of_a_page_name_their_rows() -> None:
    lines = list(
        machine_lines(summarise([made_on({"commit": "a"}, "bpr"), made_on({"commit": "b", "cores": 4}, "als")]))
    )
    assert lines[1::2] == ["  commit b; als", "  commit a; bpr"]
    alone = machine_lines(summarise([made_on({"commit": "a"}, "bpr"), made_on({"commit": "b"}, "als")]))
    assert list(alone)[1::2] == ["  commit b", "  commit a"]


def test_no_pareto_front_is_drawn_through_times_of_several_machines() -> None:
    alike = pareto(summarise([made_on({}, "bpr"), made_on({}, "als")]), PAGE)
    mixed = pareto(summarise([made_on({}, "bpr"), made_on({"cores": 4}, "als")]), PAGE)
    assert alike is not None
    assert mixed is not None
    assert {line[-1] for line in alike.lines} == {"yes"}
    assert {line[-1] for line in mixed.lines} == {"no"}
    assert "The times are of several machines, so no Pareto front is marked." in mixed.alternative


def test_scores_of_another_program_are_of_no_machine() -> None:
    external = made_on({}, "theirs")
    external.document["recommender"]["origin"] = "external"
    external.document.update(environment={}, threads=None)
    notes = to_frame([made_on({}), external]).attrs["notes"]
    assert notes["Machine"] == "CPU_A; 2 threads per job."
    assert [row["machine"] for row in json.loads(render([external], "json"))["rows"]] == [None]


def test_a_name_with_a_number_sign_is_no_shared_name() -> None:
    assert "Same name" not in to_frame([EASE, record("model #1", [0, 1, 2, 3])]).attrs["notes"]
