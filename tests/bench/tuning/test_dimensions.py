"""Dimensions of a search: which values they hold, and what a suggestion becomes."""

from __future__ import annotations

from bench.tuning.dimensions import Categorical, Range


def test_suggested_numbers_have_three_digits_and_stay_in_range() -> None:
    assert Range(0.001, 1.0).value(0.0123456) == 0.0123
    assert Range(1.0, 1e6).value(123456.0) == 123000.0
    assert Range(0.1, 0.9999).value(0.99999) == 0.9999
    assert Range(1, 99999).value(12345) == 12345
    assert Range(-1.0, 1.0).value(0.0) == 0.0


def test_a_range_suggests_only_what_it_holds() -> None:
    inside = Range(1, 9)
    assert [inside.suggestible(value) for value in (1, 9, 0, 10, None, "5")] == [1, 9, None, None, None, None]


def test_a_category_is_known_by_its_text() -> None:
    layers = Categorical({"64-32": (64, 32), "8": (8,)})
    assert layers.suggestible((64, 32)) == "64-32"
    assert layers.suggestible((64,)) is None
    assert layers.suggestible(None) is None
    assert layers.value("8") == (8,)


def test_what_can_be_suggested_is_countable_for_whole_numbers_and_single_values() -> None:
    assert list(Range(3, 5).suggestions or ()) == [3, 4, 5]
    assert Range(3.0, 5.0).suggestions is None
    assert Categorical({"64-32": (64, 32), "8": (8,)}).suggestions == ["64-32", "8"]


def test_a_dimension_knows_what_the_sampler_can_suggest() -> None:
    assert [Range(1, 9).holds(value) for value in (1, 9, 10, 1.5, "1")] == [True, True, False, False, False]
    assert [Range(1.0, 9.0).holds(value) for value in (1.5, 2, 0.5)] == [True, True, False]
    assert [Categorical({"8": 8}).holds(value) for value in ("8", 8)] == [True, False]
