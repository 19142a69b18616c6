"""Ids: none is missing under another name, and no number has two spellings."""

from __future__ import annotations

import numpy as np
import pytest

from protocol.data.columns import Origin
from protocol.data.ids import checked_ids, is_plain_integer, kind_of
from protocol.data.settled import Settled
from protocol.errors import DatasetError

ORIGIN = Origin("data.csv", "line", 2)


def ids_of(*values: object) -> np.ndarray:
    return checked_ids(np.array(values, dtype=object), "user", ORIGIN)


MARKERS = (
    "NULL",
    "null",
    r"\N",
    "None",
    "<NA>",
    "NA",
    "N/A",
    "#N/A",
    "NaN",
    "nan",
    "NaT",
    "undefined",
    "nil",
    ".",
    "(null)",
    "#REF!",
    "#VALUE!",
    "--",
    "unknown",
    "(blank)",
    "-1.#IND",
    "00000000-0000-0000-0000-000000000000",
)


@pytest.mark.parametrize("marker", MARKERS)
def test_what_programs_write_for_nothing_is_no_id(marker: str) -> None:
    with pytest.raises(DatasetError) as error:
        ids_of("7", marker, "8", f" {marker} ")
    assert f"data.csv, line 3: the user is missing (so are 2 in all), here as {marker!r}; fill in or" in str(
        error.value
    )


@pytest.mark.parametrize("mark", ['"', "'"])
def test_an_id_with_and_without_quotation_marks_may_be_one_or_two(mark: str) -> None:
    values = np.array(["7", f"{mark}7{mark}"], dtype=object)
    with pytest.raises(DatasetError, match=r"line 3: .* and elsewhere '7'; remove the quotation marks if they are one"):
        checked_ids(values, "user", ORIGIN)
    assert checked_ids(values, "user", ORIGIN, Settled(ids="text")).tolist() == values.tolist()


@pytest.mark.parametrize("value", ["", " ", None, float("nan")])
def test_an_empty_id_is_missing(value: object) -> None:
    with pytest.raises(DatasetError, match=r"line 3: the user is missing \(so are 1 in all\); fill in or remove"):
        ids_of("7", value)


@pytest.mark.parametrize(
    "spellings",
    [
        ("1", "01"),
        ("1", "1.0"),
        ("7", "007"),
        ("+7", "7"),
        ("1000", "1e3"),
        ("-0", "0"),
        ("9007199254740993", "9007199254740993.0"),
        ("12", "\u0661\u0662"),
        ("12", "\uff11\uff12"),
        ("0.50", ".5"),
    ],
)
def test_a_number_in_two_spellings_is_refused(spellings: tuple[str, str]) -> None:
    with pytest.raises(DatasetError, match=r"and elsewhere .*: the same number; spell it in one way"):
        ids_of("x", *spellings)


def test_ids_with_and_without_a_point_are_two_spellings_of_one_kind() -> None:
    """They come of two programs, even if no two of them are the same number."""
    with pytest.raises(DatasetError, match=r"line 3: the user is '2\.0', and elsewhere there are ids such as '1'"):
        ids_of("1", "2.0")


@pytest.mark.parametrize("text", ["7.65612E+16", "7E+16", "7.65612e+16"])
def test_ids_that_a_spreadsheet_rounded_are_refused(text: str) -> None:
    with pytest.raises(DatasetError, match="a number that may have lost digits in this spelling; write ids in full"):
        ids_of("1", text)


@pytest.mark.parametrize(
    "ids",
    [
        ("001", "010", "100"),
        ("0195153448", "2005018", "034545104X"),
        ("1.0", "2.0"),
        ("1_04", "104"),
        ("12e5", "12e6", "ab"),
        ("1.2.3", "1.2"),
        ("1e400", "1e401"),
        ("Nobody", "NaNa", "nullable"),
        ("9" * 50, "9" * 51),
    ],
)
def test_texts_that_are_different_numbers_or_none_stay_as_they_are(ids: tuple[str, ...]) -> None:
    assert ids_of(*ids).tolist() == list(ids)


@pytest.mark.parametrize("text", ["0", "-1", "104", str(2**63 - 1), str(-(2**63))])
def test_plain_integers(text: str) -> None:
    assert is_plain_integer(text)


@pytest.mark.parametrize(
    "text", ["", "-0", "007", "+1", "1_04", "1.0", "\u0663", "\uff13", " 1", str(2**63), "9" * 140_000]
)
def test_other_spellings_are_no_plain_integers(text: str) -> None:
    assert not is_plain_integer(text)


def test_how_ids_were_typed() -> None:
    assert (kind_of(ids_of("1", "2")), kind_of(ids_of("1", "x"))) == ("whole numbers", "text")
