"""Registered datasets are fetched from one place after the other; only checked bytes enter the cache (P3)."""

from __future__ import annotations

import io
import logging
import os
import re
import sys
from typing import TYPE_CHECKING

import pytest
from grouplens import ARCHIVE, DATA, Server, files_in, in_place_of, put, sha256, whole, zipped

from protocol.data.fetching import fetch, find
from protocol.data.loading import load_dataset
from protocol.data.registered import REGISTERED
from protocol.errors import DatasetError
from protocol.scratch import PREFIX, scratch_folder
from protocol.tasks.task import build_task

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("stored", ["u.data", "ml-100k/u.data"])
def test_a_named_folder_comes_first(stored: str, cache: Path, tmp_path: Path, monkeypatch) -> None:
    place = put(tmp_path / "mine" / stored)
    put(cache / "ml-100k" / "u.data")
    assert fetch("ml-100k", tmp_path / "mine") == place
    monkeypatch.setenv("RECBENCH_DATA", str(tmp_path / "mine"))
    assert fetch("ml-100k") == place
    assert fetch("ml-100k", put(tmp_path / "other" / "u.data").parent) == tmp_path / "other" / "u.data"


def test_the_cache_comes_second(cache: Path, grouplens: Server, tmp_path: Path) -> None:
    place = put(cache / "ml-100k" / "u.data")
    assert fetch("ml-100k", tmp_path / "empty") == place
    assert grouplens.n_requests == 0


def test_grouplens_comes_third_and_is_asked_once(
    cache: Path, grouplens: Server, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    grouplens.answers["/ml-100k.zip"] = whole(ARCHIVE)
    place = fetch("ml-100k")
    assert (place, place.read_bytes()) == (cache / "ml-100k" / "u.data", DATA)
    assert fetch("ml-100k") == place
    assert grouplens.n_requests == 1
    assert files_in(cache) == ["ml-100k/u.data"]
    assert caplog.messages == [f"Fetching {grouplens.address}/ml-100k.zip ..."]


@pytest.mark.parametrize("name", ["ml-1m", "ml-20m", "ml-25m", "ml-32m"])
def test_the_larger_ones_are_read_inside_their_archives(name: str, cache: Path, grouplens: Server, monkeypatch) -> None:
    """ml-1m is separated by '::', the others are CSV with a header and ratings with halves."""
    if name == "ml-1m":
        rows = b"1::10::5::100\n1::20::3::200\n2::10::4::300\n"
    else:
        rows = b"userId,movieId,rating,timestamp\n1,10,5.0,100\n1,20,3.5,200\n2,10,4.0,300\n"
    archive = zipped(**{REGISTERED[name].inside: rows})
    monkeypatch.setitem(REGISTERED, name, in_place_of(REGISTERED[name], archive))
    grouplens.answers[f"/{name}.zip"] = whole(archive)
    dataset = load_dataset(name, min_rating=4)
    assert (dataset.name, dataset.user_ids.tolist(), dataset.item_ids.tolist()) == (name, [1, 2], [10])
    assert dataset.interactions.timestamps.tolist() == [100, 300]
    assert files_in(cache) == [f"{name}/{name}.zip"]


def test_a_named_dataset_is_named_for_itself(cache: Path) -> None:
    put(cache / "ml-100k" / "u.data")
    dataset = load_dataset("ml-100k")
    assert (dataset.name, len(dataset.interactions), dataset.notes) == ("ml-100k", 3, ())


def test_the_error_names_every_place_tried_and_what_to_do(cache: Path, offline, tmp_path: Path) -> None:
    damaged = put(tmp_path / "mine" / "u.data", b"something else")
    put(cache / "ml-100k" / "u.data", b"")
    with pytest.raises(DatasetError) as error:
        fetch("ml-100k", tmp_path / "mine")
    first, folder, cached, server, index, advice = str(error.value).splitlines()
    found, empty, expected = sha256(b"something else")[:12], sha256(b"")[:12], sha256(DATA)[:12]
    assert first == "ml-100k is not available. Tried:"
    assert folder == f"  folder: {damaged} is damaged: its SHA-256 begins {found}, expected {expected}"
    assert cached == f"  cache: {cache}/ml-100k/u.data is damaged: its SHA-256 begins {empty}, expected {expected}"
    assert server.startswith("  GroupLens: http://127.0.0.1:1/ml-100k.zip: ConnectionRefusedError")
    assert index == "  package index: no package index here"
    assert advice.startswith("Get http://127.0.0.1:1/ml-100k.zip by hand, put u.data out of it into a folder")
    assert "--data-dir FOLDER or RECBENCH_DATA" in advice
    assert "--dataset synthetic" in advice


ROWS = b"1::10::5::978300760\n1::20::3::978302109\n2::10::4::978301968\n2::20::4::978300275\n"


@pytest.mark.parametrize(("named", "place"), [("", "ml-1m/ratings.dat"), ("ml-1m", "ratings.dat")])
def test_for_an_unpacked_archive_the_path_that_works_is_named(
    named: str, place: str, cache: Path, offline, tmp_path: Path
) -> None:
    """It has no checksum of its own, so it is not taken for the dataset; as a file of its own it can be read."""
    folder = tmp_path / "my data" / named
    path = put(folder / place, ROWS)
    with pytest.raises(DatasetError) as error:
        load_dataset("ml-1m", data_dir=folder)
    (line,) = (line for line in str(error.value).splitlines() if line.startswith("  folder: "))
    assert f"{folder} has no ml-1m.zip and no ml-1m/ml-1m.zip; it has {path}, but only the archive" in line
    assert line.endswith(f"--dataset '{path}'")
    assert load_dataset(path).interactions.n_users == 2


def test_a_file_of_another_dataset_is_not_taken_for_an_unpacked_one(cache: Path, offline, tmp_path: Path) -> None:
    """Many folders have a ``ratings.csv``."""
    put(tmp_path / "ml-latest-small" / "ratings.csv")
    with pytest.raises(DatasetError, match=r"has no ml-20m\.zip and no ml-20m/ml-20m\.zip\n"):
        fetch("ml-20m", tmp_path / "ml-latest-small")


@pytest.mark.parametrize("place", ["ml-100k.zip", "ml-100k/ml-100k.zip"])
def test_of_an_archive_that_must_be_unpacked_it_is_said(place: str, cache: Path, offline, tmp_path: Path) -> None:
    path = put(tmp_path / "mine" / place, ARCHIVE)
    with pytest.raises(DatasetError, match=rf"; it has {re.escape(str(path))}: unpack that there\n"):
        fetch("ml-100k", tmp_path / "mine")


def test_finding_fetches_nothing(cache: Path, grouplens: Server, tmp_path: Path) -> None:
    assert find("ml-100k") is None
    assert find("ml-100k", put(tmp_path / "mine" / "u.data").parent) == tmp_path / "mine" / "u.data"
    place = put(cache / "ml-100k" / "u.data")
    assert find("ml-100k") == place
    place.write_bytes(b"damaged")
    assert find("ml-100k") is None
    assert grouplens.n_requests == 0


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_sees_progress(grouplens: Server, monkeypatch) -> None:
    grouplens.answers["/ml-100k.zip"] = whole(ARCHIVE)
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    fetch("ml-100k")
    assert f"100%|##########| {len(ARCHIVE)}/{len(ARCHIVE)} [" in terminal.getvalue()


@pytest.mark.realdata
def test_ml_100k_itself() -> None:
    if find("ml-100k") is None and not os.environ.get("RECBENCH_DATA"):
        pytest.skip("ml-100k is not in the cache, and RECBENCH_DATA is not set: nothing is fetched for a test")
    dataset = load_dataset("ml-100k")
    own = dataset.interactions
    assert (own.n_users, own.n_items, len(own), dataset.n_duplicates) == (943, 1682, 100_000, 0)
    assert build_task(dataset).digest == "e9ec68bc5946b75b2e80b65700c560915891c367d8096a1dbb5202e0e0c83bfc"
    liked = build_task(load_dataset("ml-100k", min_rating=4))
    assert liked.digest == "89b1575acdb5cf6fc737dc8e7685f50c6b296ac52b52c00b381322b512a30690"


def test_what_a_killed_download_left_is_cleared_by_the_next(cache: Path, grouplens: Server) -> None:
    left = put(cache / f"{PREFIX}abandoned" / "ml-100k.zip", ARCHIVE[:50])
    grouplens.answers["/ml-100k.zip"] = whole(ARCHIVE)
    with scratch_folder(cache) as held:
        fetch("ml-100k")
        assert held.exists()
    assert not left.exists()
    assert files_in(cache) == ["ml-100k/u.data"]
