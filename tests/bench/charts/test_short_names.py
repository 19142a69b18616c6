"""Long names: they fit, they differ, and they show where they differ."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bench.charts.short_names import short_names, shortened


def short(*names: str, letters: int = 17) -> list[str]:
    found = short_names(names, lambda text: len(text) <= letters)
    return [found[name].replace("\N{HORIZONTAL ELLIPSIS}", "~") for name in names]


def test_words_before_values_are_cut_first() -> None:
    assert short("neumf:embedding_size=16", "neumf:embedding_size=32") == ["neumf:embeddi~=16", "neumf:embeddi~=32"]
    assert short("mf:reg=0.1", "als") == ["mf:reg=0.1", "als"]
    assert short("mf:embedding_size=16,learning_rate=0.1", letters=26) == ["mf:embedd~=16,learni~=0.1"]


def test_a_long_name_keeps_both_ends() -> None:
    assert shortened("mf:embedding_size=64", 11) == "mf:em\N{HORIZONTAL ELLIPSIS}ze=64"
    found = [shortened("abcdef", most).replace("\N{HORIZONTAL ELLIPSIS}", "~") for most in (6, 5, 4, 3, 2, 1)]
    assert found == ["abcdef", "ab~ef", "ab~f", "a~f", "a~", "~"]


def test_what_differs_in_the_middle_is_kept() -> None:
    names = ("a_very_long_name_of_kind_1_with_a_long_end", "a_very_long_name_of_kind_2_with_a_long_end")
    assert short(*names) == ["a_very_~1~ong_end", "a_very_~2~ong_end"]


def test_what_only_a_number_tells_apart_gets_one() -> None:
    between = "m" * 10
    names = [f"X{between}{one}{between}{other}{between}X" for one, other in ("11", "12", "21")]
    assert short(*names, letters=6) == ["X~X #1", "X~X #2", "~2mmm~"]


@given(st.lists(st.text("ab_=,:1", min_size=1, max_size=30), max_size=12), st.integers(6, 20))
def test_names_fit_and_differ(names: list[str], letters: int) -> None:
    found = short_names(names, lambda text: len(text) <= letters)
    assert set(found) == set(names)
    assert all(len(name) <= letters for name in found.values())
    assert len(set(found.values())) == len(found)
    assert all(found[name] == name for name in names if len(name) <= letters)
