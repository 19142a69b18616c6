"""The note about models that were to be kept, and are not."""

from __future__ import annotations

from hand_made import record

from bench.records.kept_model import KeptFile, KeptModel
from bench.tables.results import render

KEPT = KeptModel({"state": KeptFile(3, "0" * 64)})


def note(*records) -> str:
    text = " ".join(render(records).split())
    return text.partition(" Models ")[2].partition(" Again ")[0]


def test_rows_with_one_reason_share_it() -> None:
    without = KeptModel(problem="its recommender has no save and load")
    rows = [
        record(name, [0, 1, 2, 3]).with_model(model) for name, model in (("a", without), ("b", KEPT), ("c", without))
    ]
    assert note(*rows) == (
        "the fitted models of some rows are not kept. a, c: its recommender has no save and load. --refit tries again."
    )


def test_a_row_names_the_reasons_of_its_seeds() -> None:
    rows = [
        record("a", [0, 1, 2, 3], seed=seed).with_model(KeptModel(problem=problem))
        for seed, problem in enumerate(("no room", "no room", "too slow"))
    ]
    assert "a: no room; a: too slow." in note(*rows)


def test_there_is_no_note_where_all_is_kept_or_nothing_was_asked_for() -> None:
    assert note(record("a", [0, 1, 2, 3]), record("b", [0, 1, 2, 3]).with_model(KEPT)) == ""
