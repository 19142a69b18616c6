from __future__ import annotations

from hand_made import EASE, RECORDS, record
from hypothesis import given
from hypothesis import strategies as st
from timed_on import timed

from bench.analysis.pareto_front import front_of
from bench.analysis.summary import summarise
from bench.charts.pareto import pareto
from bench.charts.style import PRINT

POINTS = st.lists(st.tuples(st.integers(1, 6), st.integers(0, 6)), max_size=12)


def test_the_front_by_hand() -> None:
    assert front_of([(1, 0.3), (2, 0.2), (2, 0.4)]) == {0, 2}
    assert front_of([(1, 0.3), (1, 0.3)]) == {0, 1}, "two alike do not beat each other"
    assert front_of([(1, 0.3), (1, 0.2), (2, 0.3)]) == {0}
    assert front_of([]) == set()


@given(POINTS)
def test_who_is_not_on_the_front_is_beaten_by_someone_on_it(points: list[tuple[float, float]]) -> None:
    front = front_of(points)
    assert bool(front) == bool(points)
    for number, (cost, worth) in enumerate(points):
        others = [points[place] for place in front if points[place] != (cost, worth)]
        assert (number in front) == all(other[0] > cost or other[1] < worth for other in others)


def test_the_chart_has_every_fitted_row_with_its_interval_and_names_the_rows_on_the_front() -> None:
    """NDCG@10 of EASE is (1 + 1 + 1/log2(3)) / 4 = .6577, in .3 s; bpr has (1 + 1) / 4 = .5 and takes 3 s."""
    chart = pareto(summarise(RECORDS), PRINT)
    assert chart is not None
    assert [line[:3] for line in chart.lines] == [("ease:reg=500", "0.30", ".6577"), ("bpr", "3.00", ".5000")]
    assert [line[-1] for line in chart.lines] == ["yes", "no"]
    assert "(no other row is both faster and at least as accurate): ease:reg=500." in chart.alternative
    point = chart.spec["data"][0]["values"][0]
    assert point["low"] < point["mean"] < point["high"]
    assert ["parameters", "reg=1"] in point["tip"]


def test_a_row_without_a_fit_time_is_named_and_not_drawn() -> None:
    chart = pareto(summarise([EASE, record("instant", [0, 0, 0, 0], fit=0.0)]), PRINT)
    assert chart is not None
    assert [line[0] for line in chart.lines] == ["ease:reg=500"]
    assert "Without a fit time, so not drawn: instant." in chart.alternative
    assert pareto(summarise([record("instant", [0, 0, 0, 0], fit=0.0)]), PRINT) is None


def test_points_of_unequal_machines_are_told_apart_and_joined_by_no_front() -> None:
    chart = pareto(summarise([timed("bpr"), timed("als", at_once=4)]), PRINT)
    assert chart is not None
    points = {point["label"]: point["front"] for point in chart.spec["data"][0]["values"]}
    assert points == {"als (a)": False, "bpr (b)": False}
    assert [(line[0], line[-1]) for line in chart.lines] == [("als (a)", "no"), ("bpr (b)", "no")]
    assert "jobs with different numbers of others beside them, so no Pareto front is marked" in chart.alternative
    assert "a (4 jobs at once): als; b (one job at a time): bpr." in chart.alternative
