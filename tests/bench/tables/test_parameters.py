"""The note about parameters that a file gave, on hand-made records."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hand_made import EASE, record

from bench.tables.results import render, to_frame

if TYPE_CHECKING:
    from bench.records.record import Record

OWN, OTHER = "e" * 64, "f" * 64


def tuned(label: str, validation_task: str | None, seed: int = 0) -> Record:
    made = record(label, [0, 1, 2, 3], tuning=3.0, seed=seed)
    made.document["found_parameters"] = {
        "names": ["reg"],
        "dataset": "ml-1m",
        "validation_task": validation_task,
        "own_validation_task": OWN,
    }
    return made


def test_each_origin_is_a_line_that_names_its_rows() -> None:
    older = record("old", [0, 1, 2, 3], tuning=3.0)
    records = [EASE, tuned("a", OWN), tuned("b", OTHER), tuned("c", OTHER), tuned("d", None), older]
    lines = to_frame(records).attrs["notes"]["Parameters"].splitlines()
    assert lines == [
        "a (reg): found on the validation task of these data, as the file with them says (--params).",
        f"b (reg) and c (reg): found on ml-1m, validation task {OTHER[:12]}, not on the validation task of these data "
        f"and this protocol ({OWN[:12]}): here they are not tuned.",
        "d (reg): taken from a file that does not say on which data they were found (--params).",
        "old: found by a search; on which data is not recorded.",
    ]


def test_seeds_with_parameters_of_different_searches_are_in_both_lines() -> None:
    lines = to_frame([tuned("a", OWN), tuned("a", OTHER, seed=1)]).attrs["notes"]["Parameters"].splitlines()
    assert len(lines) == 2
    assert all(line.startswith("a (reg): found on ") for line in lines)


def test_a_paper_without_the_notes_says_it_too() -> None:
    assert r"The parameters of b are not known to be found on these data." in render([tuned("b", OTHER)], "latex")
    assert "not known to be found" not in render([tuned("b", OWN), EASE], "latex")


def test_defaults_stay_chosen_on_this_dataset_where_a_search_elsewhere_found_the_same() -> None:
    ours, theirs = tuned("gmf", OWN), tuned("mf", OTHER)
    for one in (ours, theirs):
        one.document["recommender"]["chosen_on"] = "ml-100k"
    assert to_frame([ours, theirs]).attrs["notes"]["Defaults"].startswith("mf: defaults that were chosen on ml-100k")
