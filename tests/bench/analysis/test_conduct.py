"""What records say against a row's figures: marked in every table, and explained below it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from hand_made import record

from bench.analysis.conduct import FAULTS, faults_in
from bench.analysis.summary import summarise
from bench.page.main_table import main_table
from bench.tables.results import render

if TYPE_CHECKING:
    from bench.records.record import Record


def with_parts(label: str, **parts: Any) -> Record:
    """Return a record with some parts of its document in place of what it has."""
    made = record(label, [0, 3, 5, 9], deterministic=True)
    return type(made)({**made.document, **parts}, made.ranks)


def losses_of(*losses: float | None) -> list[dict[str, Any]]:
    return [{"epoch": epoch, "loss": loss, "seconds": 1.0 * epoch} for epoch, loss in enumerate(losses, start=1)]


def selection(*losses: float | None) -> dict[str, Any]:
    return {"best_epoch": 1, "seconds": 1.0, "curve": losses_of(*losses)}


USAGE = dict.fromkeys(
    ("build_seconds", "fit_cpu_seconds", "scoring_seconds", "scoring_cpu_seconds", "scoring_peak_mib"), 0.1
) | {"cores": 2}

FAULTY = {
    "scores moved": [with_parts("mine", probe={"n_users": 20, "moved": 1.1e-5, "disagreement": None})],
    "no second answer": [with_parts("mine", probe={"n_users": 20, "problem": "ValueError: seen before"})],
    "score_all disagrees": [with_parts("mine", probe={"n_users": 20, "moved": 0.0, "disagreement": 1.1e-5})],
    "works after fit": [with_parts("mine", usage=USAGE | {"works_after_fit": True})],
    "not deterministic": [with_parts("mine", random_draws=True)],
    "loss not finite": [
        with_parts("mine", curve=losses_of(0.5, None, 0.25)),
        with_parts("mine", curve=losses_of(0.5), selection=selection(0.5, None)),
    ],
    "warned": [with_parts("mine", warnings=["its optimizer leaves out items.weight", "it has no more memory"])],
    "times shared": [with_parts("mine", usage=USAGE | {"at_once": 2})],
    "stood still": [with_parts("mine", usage=USAGE | {"standstill_seconds": 25.31})],
}
SOUND = [
    with_parts("popularity"),
    with_parts("item_knn", usage=USAGE),
    with_parts("slim", usage=USAGE | {"works_after_fit": False}),
    with_parts("bpr", usage=USAGE | {"at_once": 1}),
    with_parts("mf", usage=USAGE | {"at_once": 0}),
    with_parts("ease", probe={"n_users": 20, "moved": 9e-6, "disagreement": 9e-6}),
    with_parts("user_knn", random_draws=False),
    with_parts("bpr", warnings=[]),
    with_parts("als", curve=losses_of(0.5, 0.25), selection=selection(0.5)),
]


def test_the_note_names_the_epoch_whose_loss_is_not_finite() -> None:
    fitted, selected = FAULTY["loss not finite"]
    assert "mine (epoch 2 of fitting): the loss of that epoch was NaN or infinite" in render([fitted], "github")
    assert "mine (epoch 2 of the selection): the loss" in render([selected], "github")


def test_the_note_says_for_how_long_a_job_stood_still() -> None:
    (still,) = FAULTY["stood still"]
    text = render([still], "github")
    assert "mine (25.3 s): the job did not run for so long at the most" in text
    assert "they are not valid, and cannot be compared" in text


def test_the_note_says_what_was_warned_of() -> None:
    (warned,) = FAULTY["warned"]
    said = "mine (its optimizer leaves out items.weight; it has no more memory): the recommender, or what recbench"
    assert said in render([warned], "github")


@pytest.mark.parametrize("made", SOUND, ids=lambda made: made.recommender.label)
def test_a_sound_row_has_none(made: Record) -> None:
    assert faults_in([made]) == ()


def test_each_fault_is_shown() -> None:
    assert set(FAULTY) == {fault.mark for fault in FAULTS}


@pytest.mark.parametrize(("mark", "made"), [(mark, made) for mark, several in FAULTY.items() for made in several])
def test_every_format_marks_the_row_and_says_why(mark: str, made: Record) -> None:
    (fault,) = faults_in([SOUND[0], made])
    assert fault.mark == mark
    table = render([SOUND[0], made], "github")
    assert re.search(rf"mine ([^|]*)\({mark}\)", table)
    assert "popularity (" not in table
    assert fault.text in render([SOUND[0], made], "json")
    rows = {line.label: line.tags for line in main_table(summarise([SOUND[0], made]), {}).lines}
    assert mark in rows["mine"]
    assert mark not in rows["popularity"]
