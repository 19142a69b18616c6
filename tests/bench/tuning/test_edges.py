"""Best values at the edge: which are named, and what the sentence says."""

from __future__ import annotations

import pytest

from bench.tuning.dimensions import Categorical, Dimension, Range
from bench.tuning.edges import edges_of
from bench.tuning.trials import Best

SIZES = Categorical({str(size): size for size in (16, 32, 64, 128)})


def best(
    epochs: tuple[int, ...] = (), most: int | None = None, patience: int | None = None, **parameters: object
) -> Best:
    return Best("als", parameters, 0.6, 0.4, epochs, 9, 0, 5.0, most, patience)


@pytest.mark.parametrize(
    ("dimension", "value", "end"),
    [
        (Range(0.02, 1.0, log=True), 0.02, "low"),
        # ln(.024 / .02) / ln(50) = .047: on a logarithmic scale 5 % of the way, on a linear one 0.4 %.
        (Range(0.02, 1.0, log=True), 0.024, "low"),
        (Range(0.02, 1.0, log=True), 0.05, None),
        (Range(0.02, 1.0, log=True), 0.9, "high"),
        (Range(0.02, 1.0, log=True, auto=True), "auto", None),
        (Range(0.02, 1.0, log=True, auto=True), 0.02, "low"),
        (Range(5, 800, log=True), 5, "low"),
        (Range(5, 800, log=True), 20, None),
        (Range(0.2, 0.8), 0.78, "high"),
        (Range(0.0, 50.0), 0.3, None),
        (Range(0.0, 50.0), 49.0, "high"),
        (SIZES, 128, "high"),
        (SIZES, 16, "low"),
        (SIZES, 32, None),
        (Categorical({"1": 1, "2": 2}), 2, None),
        (Categorical({"True": True, "False": False, "2": 2}), 2, None),
        (Categorical({"32-16": (32, 16), "64-32-16": (64, 32, 16), "8": (8,)}), (8,), None),
    ],
)
def test_the_end_at_which_a_value_is(dimension: Dimension, value: object, end: str | None) -> None:
    assert dimension.end_near(value) == end


def test_the_sentence_names_the_range_and_what_to_widen() -> None:
    searched: dict[str, Dimension] = {"unobserved_weight": Range(0.02, 1.0, log=True), "embedding_size": SIZES}
    assert edges_of(best(unobserved_weight=0.02, embedding_size=128, reg=3.0), searched) == [
        "unobserved_weight = 0.02 is at the low end of 0.02 to 1; let unobserved_weight be lower, too",
        "embedding_size = 128 is at the high end of 16, 32, 64 and 128; let embedding_size be higher, too",
    ]
    assert edges_of(best(unobserved_weight=0.2, embedding_size=64), searched) == []


def test_epochs_that_ended_the_training_before_its_patience_did_are_at_the_edge() -> None:
    """With patience 5, an epoch up to 55 of 60 had the five worse ones behind it."""
    assert edges_of(best(epochs=(20, 55), most=60, patience=5), {}) == []
    (sentence,) = edges_of(best(epochs=(20, 56), most=60, patience=5), {})
    assert sentence == "epochs = 60 ended the training before the patience of 5 did (best epoch 56); allow more epochs"
    assert edges_of(best(epochs=(), most=None, patience=None), {}) == []
