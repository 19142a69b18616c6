"""The entries of registered datasets, and the names of copies."""

from __future__ import annotations

import re

import pytest

from protocol.data.registered import MOVIELENS, REGISTERED, likely_collection


def test_every_entry_has_a_checksum_an_address_and_a_file() -> None:
    for name, known in REGISTERED.items():
        assert known.name == name
        assert re.fullmatch("[0-9a-f]{64}", known.sha256)
        assert known.url == f"https://files.grouplens.org/datasets/movielens/{name}.zip"
        assert known.member.startswith(f"{name}/")
        assert known.of_member or known.packaged is None
    assert (REGISTERED["ml-100k"].stored_name, REGISTERED["ml-1m"].stored_name) == ("u.data", "ml-1m.zip")
    assert (REGISTERED["ml-100k"].inside, REGISTERED["ml-1m"].inside) == (None, "ml-1m/ratings.dat")


@pytest.mark.parametrize("name", ["ml-1m", "ncf:ml-1m", "ML-20M.csv", "ml-latest-small", "my-MovieLens.inter"])
def test_these_names_are_likely_movielens(name: str) -> None:
    assert likely_collection(name) is MOVIELENS


@pytest.mark.parametrize("name", ["ml-mine.csv", "html-1", "synthetic", "mine.csv"])
def test_these_names_are_not(name: str) -> None:
    assert likely_collection(name) is None
