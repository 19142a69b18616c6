"""Rows of one recommender with several settings: which parameter is varied, and which number a curve is over."""

from __future__ import annotations

from typing import Any

from hand_made import RECORDS, TIMEOUT, record
from settings_of_one import with_parameters

from bench.analysis.settings import in_settings
from bench.analysis.summary import summarise


def found(**rows: dict[str, Any]):
    """Return the settings of rows by name; digits behind a name tell rows of one recommender apart."""
    made = {
        label: with_parameters(record(label, [0]), label.rstrip("0123456789"), values) for label, values in rows.items()
    }
    return in_settings([(label, each.recommender) for label, each in made.items()])


def test_only_parameters_that_differ_are_varied() -> None:
    mf, ease = found(mf1={"reg": 0.1, "epochs": 5}, ease={"reg": 1}, mf2={"reg": 1.0, "epochs": 5})
    assert (mf.recommender, mf.labels, mf.varied) == ("mf", ("mf1", "mf2"), {"reg": (0.1, 1.0)})
    assert mf.title == "mf, varied: reg"
    assert [mf.text_of(label) for label in mf.labels] == ["reg=0.1", "reg=1"]
    assert (ease.labels, ease.varied, ease.text_of("ease")) == (("ease",), {}, "")


def test_rows_with_equal_parameters_are_no_settings() -> None:
    """They differ in the machine or the source, say."""
    assert [each.labels for each in found(mf1={"reg": 1}, mf2={"reg": 1})] == [("mf1",), ("mf2",)]


def test_rows_of_two_plug_ins_of_one_name_are_apart() -> None:
    one, other = (with_parameters(record("mf", [0]), "mf", {"reg": number}) for number in (1, 2))
    other.document["recommender"]["reference"] = "elsewhere:MF"
    assert [each.varied for each in in_settings([("mf #1", one.recommender), ("mf #2", other.recommender)])] == [{}, {}]


def test_a_curve_is_over_the_number_with_the_most_values() -> None:
    (mf,) = found(
        mf1={"reg": 1, "size": 8, "bias": True},
        mf2={"reg": 1, "size": 16, "bias": True},
        mf3={"reg": 2, "size": 32, "bias": False},
    )
    assert mf.number == "size"
    assert mf.along("size") == [
        ("mf1", 8, "reg=1, bias=True"),
        ("mf2", 16, "reg=1, bias=True"),
        ("mf3", 32, "reg=2, bias=False"),
    ]
    (words,) = found(mf1={"loss": "bce", "bias": True}, mf2={"loss": "mse", "bias": False})
    assert words.number is None, "a truth value is no number"


def test_settings_are_neighbours_where_the_best_of_them_is() -> None:
    """By NDCG: mf 2, ease, mf 1; the failed mf 3 is with its like, another failure comes last."""
    made = [
        with_parameters(record("mf:reg=1", [5, 5]), "mf", {"reg": 1}),
        with_parameters(record("mf:reg=2", [0, 0]), "mf", {"reg": 2}),
        with_parameters(record("mf:reg=3", [], failure=TIMEOUT), "mf", {"reg": 3}),
        with_parameters(record("als", [], failure=TIMEOUT), "als", {"reg": 3}),
        with_parameters(record("ease", [1, 1]), "ease", {"reg": 1}),
    ]
    summary = summarise(made)
    assert [row.label for row in summary.rows] == ["mf:reg=2", "mf:reg=1", "mf:reg=3", "ease", "als"]
    assert [summary.setting_of(row) for row in summary.rows] == ["reg=2", "reg=1", "reg=3", None, None]


def test_without_settings_the_order_is_as_it_was() -> None:
    assert [each.varied for each in summarise(RECORDS).settings] == [{}] * len(
        {each.recommender.label for each in RECORDS}
    )
