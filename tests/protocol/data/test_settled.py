"""What the user settles about ids."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import pytest
from data_files import refused, triples, written

from protocol.data.settled import Settled
from protocol.errors import DatasetError

if TYPE_CHECKING:
    from pathlib import Path


def users(path: Path, **options: str) -> list[object]:
    return [user for user, _, _ in triples(path, **options)]


def of_users(folder: Path, *ids: str) -> Path:
    rows = "".join(f"{user},{item},{1400000000 + item}\n" for item, user in enumerate(ids))
    return written(folder / "data.csv", "user,item,time\n" + rows)


@pytest.mark.parametrize(
    ("ids", "texts", "numbers"),
    [
        (["7", "007"], ["007", "7"], [7, 7]),
        (["7", "7.0", "+7"], ["+7", "7", "7.0"], [7, 7, 7]),
        (["1000", "1e3"], ["1000", "1e3"], [1000, 1000]),
        (["1", "2.0"], ["1", "2.0"], [1, 2]),
        (["-0", "0"], ["-0", "0"], [0, 0]),
        (["9007199254740993", "9007199254740993.0"], ["9007199254740993", "9007199254740993.0"], [2**53 + 1] * 2),
    ],
)
def test_mixed_spellings_are_settled_by_the_user(ids: list, texts: list, numbers: list, tmp_path: Path) -> None:
    path = of_users(tmp_path, *ids)
    assert "say with --ids number that they are one, with --ids text that they are two" in refused(path)
    assert users(path, ids="text") == texts
    assert users(path, ids="number") == numbers


@pytest.mark.parametrize("marker", ["NA", "None", "NULL", r"\N", "."])
def test_a_marker_is_an_id_if_the_user_says_so(marker: str, tmp_path: Path) -> None:
    path = of_users(tmp_path, "ann", marker)
    assert f"if {marker!r} is an id, say so with --ids text" in refused(path)
    assert set(users(path, ids="text")) == {"ann", marker}
    assert set(users(path, ids="text", missing="drop")) == {"ann", marker}
    assert users(path, missing="drop") == ["ann"]


def test_an_empty_id_is_missing_in_any_case(tmp_path: Path) -> None:
    path = of_users(tmp_path, "ann", "")
    assert "line 3: the user is missing (so are 1 in all); fill in" in refused(path, ids="text")
    assert users(path, ids="text", missing="drop") == ["ann"]


def test_plain_numbers_are_text_if_the_user_says_so(tmp_path: Path) -> None:
    path = of_users(tmp_path, "10", "9")
    assert (users(path), users(path, ids="number"), users(path, ids="text")) == ([9, 10], [9, 10], ["10", "9"])


@pytest.mark.parametrize("strange", ["ann", "7.5", "1.2E+16", str(2**63), "1e400", "9" * 50])
def test_what_is_no_whole_number_is_refused_if_ids_are_numbers(strange: str, tmp_path: Path) -> None:
    answer = refused(of_users(tmp_path, "7", strange), ids="number")
    assert f"line 3: the user is {strange!r}, expected a whole number of 64 bits in full, as --ids number" in answer


def test_numbers_beside_text_are_settled_by_the_user(tmp_path: Path) -> None:
    lines = '{"user": 7, "item": 1, "time": 1}\n{"user": "7", "item": 2, "time": 2}\n'
    path = written(tmp_path / "data.jsonl", lines)
    frame = pd.DataFrame({"user": [7, "7"], "item": [1, 2], "time": [1, 2]})
    for source in (path, frame):
        assert "say that they are one with --ids text or --ids number" in refused(source)
        assert triples(source, ids="number") == [(7, 1, 1), (7, 2, 2)]
        assert triples(source, ids="text") == [("7", "1", 1), ("7", "2", 2)]


@pytest.mark.parametrize(
    ("options", "answer"),
    [
        ({"ids": "words"}, "ids is 'words'; expected text or number"),
        ({"missing": "keep"}, "missing is 'keep'; expected error or drop"),
    ],
)
def test_other_ways_are_refused(options: dict[str, str], answer: str) -> None:
    with pytest.raises(DatasetError, match=answer):
        Settled(**options)
