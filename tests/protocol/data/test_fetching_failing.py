"""A place that fails leaves no damaged file in the cache, and an error says why it failed."""

from __future__ import annotations

import re
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING

import pytest
from grouplens import ARCHIVE, DATA, Handler, Server, broken_off, files_in, put, sha256, silent, stalled, whole, zipped

from protocol.data import downloading
from protocol.data.fetching import fetch, find
from protocol.errors import DatasetError

if TYPE_CHECKING:
    from pathlib import Path


# The archive holds the name twice, first just before the compressed bytes, which never begin with a 7.
BEGINNING = ARCHIVE.index(b"ml-100k/u.data") + len(b"ml-100k/u.data")
BENT = ARCHIVE[:BEGINNING] + b"\x07" + ARCHIVE[BEGINNING + 1 :]


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (None, "404"),
        (broken_off, f"50 bytes read, {len(ARCHIVE) - 50} more expected"),
        (
            whole(zipped(**{"ml-100k/u.data": DATA + b"3\t10\t1\t1\n"})),
            "the fetched file is damaged: its SHA-256 begins ",
        ),
        (whole(zipped(README=b"")), "ml-100k.zip is no archive with ml-100k/u.data in it"),
        (whole(b"<html>Welcome to our network</html>"), "ml-100k.zip is no archive with ml-100k/u.data in it"),
        (whole(ARCHIVE.replace(b"ml-100k/u.dat", b"ml-100k/u.doc", 1)), "ml-100k.zip is no archive"),
        (whole(ARCHIVE[:-1]), "ml-100k.zip is no archive"),
        (whole(BENT), "ml-100k.zip is no archive"),
    ],
    ids=["missing", "broken off", "other bytes", "other members", "a page", "contradictory", "cut", "damaged inside"],
)
def test_bad_answers_leave_nothing_behind(answer, reason: str, cache: Path, grouplens: Server) -> None:
    if answer is not None:
        grouplens.answers["/ml-100k.zip"] = answer
    with pytest.raises(DatasetError, match=re.escape(reason)):
        fetch("ml-100k")
    assert list(cache.iterdir()) == []


def test_a_silent_source_costs_no_more_than_its_time(grouplens: Server, monkeypatch) -> None:
    monkeypatch.setattr(downloading, "CONNECT_SECONDS", 0.2)
    grouplens.answers["/ml-100k.zip"] = silent
    begin = time.monotonic()
    with pytest.raises(DatasetError, match=r"ml-100k\.zip: no answer within 0\.2 s"):
        fetch("ml-100k")
    assert time.monotonic() - begin < 5


def test_a_source_that_stalls_half_way_is_given_up(cache: Path, grouplens: Server, monkeypatch) -> None:
    monkeypatch.setattr(downloading, "STALL_SECONDS", 0.2)
    grouplens.answers["/ml-100k.zip"] = stalled
    with pytest.raises(DatasetError, match="TimeoutError: timed out"):
        fetch("ml-100k")
    assert list(cache.iterdir()) == []


def test_a_damaged_cache_heals_at_one_stroke(cache: Path, grouplens: Server) -> None:
    """A process that has the old file open goes on reading it: the new one is renamed into its place."""
    place = put(cache / "ml-100k" / "u.data", DATA[:20])
    grouplens.answers["/ml-100k.zip"] = whole(ARCHIVE)
    with place.open("rb") as before:
        assert fetch("ml-100k") == place
        assert before.read() == DATA[:20]
    assert place.read_bytes() == DATA


def test_a_cache_that_cannot_be_written_is_an_error(cache: Path, grouplens: Server) -> None:
    cache.write_text("a file where the folder should be")
    with pytest.raises(DatasetError, match=r"GroupLens: the cache .*/cache cannot be written: File exists"):
        fetch("ml-100k")


def test_a_folder_of_the_cache_that_cannot_be_written_is_an_error(cache: Path, grouplens: Server) -> None:
    grouplens.answers["/ml-100k.zip"] = whole(ARCHIVE)
    put(cache / "ml-100k", b"a file where the folder should be")
    with pytest.raises(DatasetError, match=r"GroupLens: .*/ml-100k/u.data cannot be written: File exists"):
        fetch("ml-100k")


FETCH = """
import sys
from msgspec import structs
from protocol.data.fetching import fetch
from protocol.data.registered import REGISTERED
url, sha256 = sys.argv[1:]
known = REGISTERED["ml-100k"]
source = structs.replace(known.sources[0], url=url)
REGISTERED["ml-100k"] = structs.replace(known, sources=(source,), sha256=sha256)
print(fetch("ml-100k"))
"""


def fetching(server: Server) -> subprocess.Popen[str]:
    """Begin to fetch in a process of its own; the environment names the cache."""
    command = [sys.executable, "-c", FETCH, f"{server.address}/ml-100k.zip", sha256(DATA)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)


def test_a_kill_half_way_leaves_no_bad_file(cache: Path, grouplens: Server) -> None:
    arrived = threading.Event()

    def half(handler: Handler) -> None:
        handler.send(ARCHIVE[:50], size=len(ARCHIVE))
        arrived.set()
        handler.server.released.wait()

    grouplens.answers["/ml-100k.zip"] = half
    with fetching(grouplens) as process:
        assert arrived.wait(60)
        process.kill()
    assert process.returncode < 0
    assert find("ml-100k") is None
    assert not (cache / "ml-100k").exists()
    grouplens.answers["/ml-100k.zip"] = whole(ARCHIVE)
    assert fetch("ml-100k").read_bytes() == DATA


def test_two_processes_at_once_both_get_it(cache: Path, grouplens: Server) -> None:
    """Neither is answered before both have asked."""
    both = threading.Barrier(2, timeout=60)

    def together(handler: Handler) -> None:
        both.wait()
        handler.send(ARCHIVE)

    grouplens.answers["/ml-100k.zip"] = together
    with fetching(grouplens) as one, fetching(grouplens) as other:
        said = [process.communicate()[0].strip() for process in (one, other)]
    assert said == [str(cache / "ml-100k" / "u.data")] * 2
    assert grouplens.n_requests == 2
    assert files_in(cache) == ["ml-100k/u.data"]
    assert find("ml-100k") is not None


@pytest.mark.usefixtures("offline")
def test_missing_rights_are_no_absence(tmp_path: Path, monkeypatch) -> None:
    """A folder that may not be looked into is a place that fails, with its reason; no traceback."""

    def denied(_: Path) -> bool:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(type(tmp_path), "is_file", denied)
    assert find("ml-100k", tmp_path) is None
    with pytest.raises(DatasetError) as error:
        fetch("ml-100k", tmp_path)
    assert f"folder: {tmp_path / 'u.data'} cannot be read: Permission denied" in str(error.value)
