from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from hand_made import record

from bench.charts.curves import MOST_PANELS, MOST_POINTS, curve_panels, curves, curves_of
from bench.charts.style import PAGE, PRINT
from bench.records.groups import group_records

if TYPE_CHECKING:
    from bench.records.groups import Group
    from bench.records.store import Record


def learning(label: str, seed: int, losses: list[float | None], **changes: Any) -> Record:
    made = record(label, [0, 1, 2, 3], seed=seed)
    curve = [{"epoch": epoch, "loss": loss, "seconds": 1.0} for epoch, loss in enumerate(losses, start=1)]
    return replace(made, document={**made.document, "curve": curve, **changes})


def groups(*records: Record) -> list[Group]:
    return group_records(records)


def test_a_curve_is_the_mean_least_and_most_over_the_seeds_that_reached_an_epoch() -> None:
    (curve,) = curves_of(groups(learning("bpr", 0, [4.0, 2.0, 1.0]), learning("bpr", 1, [2.0, None])))
    assert (curve.label, curve.measure, curve.n_seeds) == ("bpr", "loss", 2)
    assert curve.points == ((1, 3.0, 2.0, 4.0), (2, 2.0, 2.0, 2.0), (3, 1.0, 1.0, 1.0))


def test_a_seed_without_a_curve_is_not_counted() -> None:
    (curve,) = curves_of(groups(learning("bpr", 0, [4.0, 2.0]), learning("bpr", 1, [])))
    assert curve.n_seeds == 1


def test_validation_has_a_curve_of_its_own() -> None:
    lines = [{"epoch": epoch, "loss": 1.0, "seconds": 1.0, "NDCG@10": 0.1 * epoch} for epoch in (1, 2)]
    selection = {"best_epoch": 2, "seconds": 1.0, "curve": lines, "patience": 1}
    found = curves_of(groups(learning("bpr", 0, [2.0, 1.0], selection=selection)))
    assert [curve.measure for curve in found] == ["loss", "validation NDCG@10"]
    assert [point[:2] for point in found[1].points] == [(1, 0.1), (2, 0.2)]


def test_a_long_curve_keeps_its_first_and_last_epoch() -> None:
    (curve,) = curves_of(groups(learning("bpr", 0, [1.0 / epoch for epoch in range(1, 501)])))
    epochs = [point[0] for point in curve.points]
    assert len(epochs) == MOST_POINTS
    assert (epochs[0], epochs[-1]) == (1, 500)
    assert max(after - before for before, after in pairwise(epochs)) <= 14


def test_what_does_not_learn_in_epochs_has_none() -> None:
    assert curves_of(groups(record("ease", [0, 1, 2, 3]), learning("once", 0, [1.0]))) == []
    assert curves(groups(record("ease", [0, 1, 2, 3])), PRINT) is None


def test_the_first_recommenders_are_drawn() -> None:
    made = groups(*(learning(f"model_{number:02}", 0, [2.0, 1.0]) for number in range(MOST_PANELS + 3)))
    assert len(curve_panels(made, PAGE)) == MOST_PANELS
    chart = curves(made, PRINT)
    assert chart is not None
    assert len(chart.spec["concat"]) == MOST_PANELS
