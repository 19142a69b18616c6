"""What a recommender can make as long as it likes is capped in the record, with a word."""

from __future__ import annotations

import itertools

from bench.records.capping import (
    DETAIL_LENGTH,
    MESSAGE_LENGTH,
    MOST_EPOCHS,
    capped_curve,
    capped_text,
)
from bench.records.making import complete_document
from bench.records.outcome import EpochLine, Failure, Selection


def curve_of(n: int) -> list[EpochLine]:
    return [EpochLine(epoch, 1 / epoch, float(epoch)) for epoch in range(1, n + 1)]


def test_a_long_detail_keeps_its_beginning_and_its_end_and_says_how_much_is_left_out() -> None:
    text = "a" * DETAIL_LENGTH + "b" * 20_000_000 + "c" * DETAIL_LENGTH
    failure = complete_document({}, failure=Failure("raised", text, detail=text))["failure"]
    half = DETAIL_LENGTH // 2
    assert failure["message"] == "a" * MESSAGE_LENGTH
    assert failure["detail"] == (
        "a" * half + f"\n[... {20_000_000 + DETAIL_LENGTH:,} characters are left out ...]\n" + "c" * half
    )


def test_what_is_short_enough_stays_as_it_is() -> None:
    assert capped_text("x" * DETAIL_LENGTH) == "x" * DETAIL_LENGTH
    assert capped_curve(curve_of(MOST_EPOCHS)) == curve_of(MOST_EPOCHS)
    document = complete_document({}, failure=Failure("died", "it died"))
    assert document["failure"] == {"kind": "died", "message": "it died"}


def test_a_long_curve_keeps_its_first_best_and_last_epoch() -> None:
    selection = Selection(77_777, 1.0, curve_of(200_000))
    document = complete_document({}, selection=selection, curve=curve_of(200_000))
    assert len(document["curve"]) == MOST_EPOCHS - 1
    for curve in (document["curve"], document["selection"]["curve"]):
        epochs = [line["epoch"] for line in curve]
        assert (epochs[0], epochs[-1]) == (1, 200_000)
        assert len(set(epochs)) == len(epochs) <= MOST_EPOCHS
        assert max(later - one for one, later in itertools.pairwise(epochs)) <= 200_000 / MOST_EPOCHS + 2
    assert 77_777 in {line["epoch"] for line in document["selection"]["curve"]}
