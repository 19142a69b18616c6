"""The table of registered datasets, and the names of copies."""

from __future__ import annotations

import re

import pytest

from protocol.data.registered import MOVIELENS, REGISTERED, TABLE, Source, likely_collection, read_table
from protocol.data.synthetic import DEFAULT_SIZE

TEXT = TABLE.read_text(encoding="utf-8")


def test_every_row_has_a_checksum_sources_and_facts() -> None:
    assert list(REGISTERED) == [
        "ml-100k", "ml-1m", "ml-20m", "ml-25m", "ml-32m", "lastfm-2k", "filmtrust", "amazon-beauty", "amazon-grocery",
    ]  # fmt: skip
    for name, known in REGISTERED.items():
        assert known.name == name
        assert re.fullmatch("[0-9a-f]{64}", known.sha256)
        assert known.sources
        assert all(source.url.startswith("https://") for source in known.sources if source.url)
        assert min(known.n_users, known.n_items, known.size) > min(DEFAULT_SIZE) / 10
        assert (known.n_rows or known.n_interactions) >= known.n_interactions
        # A commit, not a branch that moves.
        assert all("githubusercontent" not in one.url or re.search("/[0-9a-f]{40}/", one.url) for one in known.sources)


def test_movielens_is_as_it_was() -> None:
    for name in ("ml-100k", "ml-1m", "ml-20m", "ml-25m", "ml-32m"):
        known = REGISTERED[name]
        assert known.collection is MOVIELENS or known.collection == MOVIELENS
        assert known.sources[0].url == f"https://files.grouplens.org/datasets/movielens/{name}.zip"
        assert (known.times, known.ratings, known.form, dict(known.columns)) == ("clock", True, None, {})
    first, second = REGISTERED["ml-100k"].sources
    assert (REGISTERED["ml-100k"].file, first.member, REGISTERED["ml-100k"].inside) == (
        "u.data",
        "ml-100k/u.data",
        None,
    )
    assert second.package == "recbole==1.2.1"
    assert (REGISTERED["ml-1m"].file, REGISTERED["ml-1m"].inside) == ("ml-1m.zip", "ml-1m/ratings.dat")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("users = 943\n", "", "ml-100k: Object missing required field `users`"),
        ("users = 943\n", 'users = "943"\n', "ml-100k: Expected `int`, got `str`"),
        ("users = 943\n", "users = 943\nmembers = 1\n", "ml-100k: Object contains unknown field `members`"),
        ('collection = "hetrec"', 'collection = "hetrek"', "lastfm-2k: its collection is 'hetrek'; expected movielens"),
        ('times = "order"', 'times = "sometimes"', "amazon-beauty: Invalid enum value 'sometimes'"),
        ('publisher = "UCSD"\n', "", "amazon: Object missing required field `publisher`"),
    ],
)
def test_a_wrong_row_says_which_and_what(old: str, new: str, message: str) -> None:
    assert old in TEXT
    with pytest.raises(ValueError, match=re.escape(message)):
        read_table(TEXT.replace(old, new, 1))


@pytest.mark.parametrize("given", [{}, {"url": "https://a/b.zip", "package": "a==1"}, {"package": "a==1"}])
def test_a_source_is_an_address_or_a_member_of_a_package(given: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"a source has|a package has"):
        Source(place="somewhere", **given)


@pytest.mark.parametrize("name", ["ml-1m", "ncf:ml-1m", "ML-20M.csv", "ml-latest-small", "my-MovieLens.inter"])
def test_these_names_are_likely_movielens(name: str) -> None:
    assert likely_collection(name) == MOVIELENS


@pytest.mark.parametrize("name", ["lastfm-2k", "hetrec2011-lastfm-2k.csv", "FilmTrust.txt", "my-amazon-beauty.csv"])
def test_copies_of_the_others_are_known_too(name: str) -> None:
    found = likely_collection(name)
    assert found is not None
    assert found != MOVIELENS


@pytest.mark.parametrize("name", ["ml-mine.csv", "html-1", "synthetic", "mine.csv"])
def test_these_names_are_not(name: str) -> None:
    assert likely_collection(name) is None
