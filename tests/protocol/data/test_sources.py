"""Where named datasets come from: every source in its turn, nothing but checked bytes in the cache (P3)."""

from __future__ import annotations

import hashlib
import io
import os
import re
import subprocess
import sys
import threading
import time
import zipfile
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest

from protocol.data import sources
from protocol.data.loading import load_dataset
from protocol.data.sources import NAMED, cache_folder, fetch, find
from protocol.errors import DatasetError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

DATA = b"1\t10\t5\t100\n1\t20\t3\t200\n2\t10\t4\t300\n"
WHEEL_MEMBER = "recbole/dataset_example/ml-100k/ml-100k.inter"
INTER = b"user_id:token\titem_id:token\trating:float\ttimestamp:float\n" + DATA


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def zipped(**members: bytes) -> bytes:
    """Return an archive that is the same at each call."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return stream.getvalue()


ARCHIVE = zipped(**{"ml-100k/README": b"terms", "ml-100k/u.data": DATA})


# The name stands in the archive twice, first before the compressed bytes; none of those ever begins with a 7.
BEGINNING = ARCHIVE.index(b"ml-100k/u.data") + len(b"ml-100k/u.data")
BENT = ARCHIVE[:BEGINNING] + b"\x07" + ARCHIVE[BEGINNING + 1 :]


class Server(ThreadingHTTPServer):
    """GroupLens, on this machine: answers a path by calling what stands for it, and counts."""

    daemon_threads = True
    request_queue_size = 16

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers: dict[str, Callable[[Handler], None]] = {}
        self.n_requests = 0
        self.released = threading.Event()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        self.server.n_requests += 1
        answer = self.server.answers.get(self.path)
        if answer is None:
            self.send_error(404)
        else:
            answer(self)

    def log_message(self, *_: object) -> None:
        pass

    def send(self, content: bytes, size: int | None = None) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(size or len(content)))
        self.end_headers()
        self.wfile.write(content)
        self.wfile.flush()


def whole(content: bytes) -> Callable[[Handler], None]:
    return lambda handler: handler.send(content)


def broken_off(handler: Handler) -> None:
    handler.send(ARCHIVE[:50], size=len(ARCHIVE))


def stalled(handler: Handler) -> None:
    """Send one half and keep the line open."""
    handler.send(ARCHIVE[:50], size=len(ARCHIVE))
    handler.server.released.wait()


def silent(handler: Handler) -> None:
    handler.server.released.wait()


def no_package(_: Path) -> Path:
    raise sources._Unavailable("no package index here")


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give an empty cache, no named folder, no package index, and an ml-100k of three lines."""
    monkeypatch.setenv("RECBENCH_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("RECBENCH_DATA", raising=False)
    monkeypatch.setitem(NAMED, "ml-100k", replace(NAMED["ml-100k"], sha256=sha256(DATA)))
    monkeypatch.setattr(sources, "_download_wheel", no_package)
    return tmp_path / "cache"


@pytest.fixture
def grouplens(cache: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with Server() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        monkeypatch.setattr(sources, "GROUPLENS", server.address)
        yield server
        server.released.set()
        server.shutdown()
        thread.join()


@pytest.fixture
def offline(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make GroupLens an address where nobody listens."""
    monkeypatch.setattr(sources, "GROUPLENS", "http://127.0.0.1:1")


def put(path: Path, content: bytes = DATA) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def files_in(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


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


def test_grouplens_comes_third_and_is_asked_once(cache: Path, grouplens: Server, monkeypatch, capsys) -> None:
    grouplens.answers["/ml-100k.zip"] = whole(ARCHIVE)
    place = fetch("ml-100k")
    assert (place, place.read_bytes()) == (cache / "ml-100k" / "u.data", DATA)
    assert fetch("ml-100k") == place
    assert grouplens.n_requests == 1
    assert files_in(cache) == ["ml-100k/u.data"]
    assert capsys.readouterr().err == f"Fetching {grouplens.address}/ml-100k.zip ...\n"


def test_the_package_index_comes_last(cache: Path, grouplens: Server, monkeypatch) -> None:
    """The wheel's file has a header line above the original bytes."""
    monkeypatch.setattr(
        sources, "_download_wheel", lambda folder: put(folder / "recbole.whl", zipped(**{WHEEL_MEMBER: INTER}))
    )
    assert fetch("ml-100k").read_bytes() == DATA
    assert grouplens.n_requests == 1
    assert files_in(cache) == ["ml-100k/u.data"]


@pytest.mark.parametrize("name", ["ml-1m", "ml-20m", "ml-25m", "ml-32m"])
def test_the_larger_ones_are_read_inside_their_archives(name: str, cache: Path, grouplens: Server, monkeypatch) -> None:
    """ml-1m is separated by '::', the others are CSV with a header and ratings with halves."""
    if name == "ml-1m":
        rows = b"1::10::5::100\n1::20::3::200\n2::10::4::300\n"
    else:
        rows = b"userId,movieId,rating,timestamp\n1,10,5.0,100\n1,20,3.5,200\n2,10,4.0,300\n"
    archive = zipped(**{NAMED[name].member: rows})
    monkeypatch.setitem(NAMED, name, replace(NAMED[name], sha256=sha256(archive)))
    grouplens.answers[f"/{name}.zip"] = whole(archive)
    dataset = load_dataset(name, min_rating=4)
    assert (dataset.name, dataset.user_ids.tolist(), dataset.item_ids.tolist()) == (name, [1, 2], [10])
    assert dataset.interactions.timestamps.tolist() == [100, 300]
    assert files_in(cache) == [f"{name}/{name}.zip"]


def test_a_named_dataset_is_named_for_itself(cache: Path) -> None:
    put(cache / "ml-100k" / "u.data")
    dataset = load_dataset("ml-100k")
    assert (dataset.name, len(dataset.interactions), dataset.notes) == ("ml-100k", 3, ())


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (None, "404"),
        (broken_off, f"50 bytes read, {len(ARCHIVE) - 50} more expected"),
        (whole(zipped(**{"ml-100k/u.data": DATA + b"3\t10\t1\t1\n"})), "what came is damaged: its SHA-256 begins "),
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
    monkeypatch.setattr(sources, "CONNECT_SECONDS", 0.2)
    grouplens.answers["/ml-100k.zip"] = silent
    begin = time.monotonic()
    with pytest.raises(DatasetError, match=r"ml-100k\.zip: no answer within 0\.2 s"):
        fetch("ml-100k")
    assert time.monotonic() - begin < 5


def test_a_source_that_stalls_half_way_is_given_up(cache: Path, grouplens: Server, monkeypatch) -> None:
    monkeypatch.setattr(sources, "_STALL_SECONDS", 0.2)
    grouplens.answers["/ml-100k.zip"] = stalled
    with pytest.raises(DatasetError, match="TimeoutError: timed out"):
        fetch("ml-100k")
    assert list(cache.iterdir()) == []


def test_what_was_tried_is_told_with_what_to_do(cache: Path, offline, tmp_path: Path) -> None:
    damaged = put(tmp_path / "mine" / "u.data", b"something else")
    put(cache / "ml-100k" / "u.data", b"")
    with pytest.raises(DatasetError) as error:
        fetch("ml-100k", tmp_path / "mine")
    first, folder, cached, server, index, advice = str(error.value).splitlines()
    found, empty, expected = sha256(b"something else")[:12], sha256(b"")[:12], sha256(DATA)[:12]
    assert first == "ml-100k cannot be had. Tried:"
    assert folder == f"  folder: {damaged} is damaged: its SHA-256 begins {found}, expected {expected}"
    assert cached == f"  cache: {cache}/ml-100k/u.data is damaged: its SHA-256 begins {empty}, expected {expected}"
    assert server.startswith("  GroupLens: http://127.0.0.1:1/ml-100k.zip: ConnectionRefusedError")
    assert index == "  package index: no package index here"
    assert advice.startswith("Get http://127.0.0.1:1/ml-100k.zip by hand, put u.data out of it into a folder")
    assert "--data-dir FOLDER or RECBENCH_DATA" in advice
    assert "--dataset synthetic" in advice


def test_only_the_smallest_is_in_the_package_index(offline) -> None:
    with pytest.raises(DatasetError, match="put it into a folder") as error:
        fetch("ml-1m")
    assert "package index" not in str(error.value)
    assert "folder: none named (--data-dir or RECBENCH_DATA)" in str(error.value)


def test_a_damaged_cache_heals_at_one_stroke(cache: Path, grouplens: Server) -> None:
    """Who has the old file open goes on reading that: the new one was renamed into its place, not written into it."""
    place = put(cache / "ml-100k" / "u.data", DATA[:20])
    grouplens.answers["/ml-100k.zip"] = whole(ARCHIVE)
    with place.open("rb") as before:
        assert fetch("ml-100k") == place
        assert before.read() == DATA[:20]
    assert place.read_bytes() == DATA


def test_a_cache_that_cannot_be_written_is_told(cache: Path, grouplens: Server) -> None:
    cache.write_text("a file where the folder should be")
    with pytest.raises(DatasetError, match=r"GroupLens: the cache .*/cache cannot be written: File exists"):
        fetch("ml-100k")


def test_a_place_that_cannot_be_written_is_told(cache: Path, grouplens: Server) -> None:
    grouplens.answers["/ml-100k.zip"] = whole(ARCHIVE)
    put(cache / "ml-100k", b"a file where the folder should be")
    with pytest.raises(DatasetError, match=r"GroupLens: .*/ml-100k/u.data cannot be written: File exists"):
        fetch("ml-100k")


def test_finding_fetches_nothing(cache: Path, grouplens: Server, tmp_path: Path) -> None:
    assert find("ml-100k") is None
    assert find("ml-100k", put(tmp_path / "mine" / "u.data").parent) == tmp_path / "mine" / "u.data"
    place = put(cache / "ml-100k" / "u.data")
    assert find("ml-100k") == place
    place.write_bytes(b"damaged")
    assert find("ml-100k") is None
    assert grouplens.n_requests == 0


def test_the_cache_is_where_the_user_wants_it(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("RECBENCH_CACHE", "~/mine")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert cache_folder() == tmp_path / "mine"
    monkeypatch.delenv("RECBENCH_CACHE")
    assert cache_folder() == tmp_path / "xdg" / "recbench"
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert cache_folder() == tmp_path / ".cache" / "recbench"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_sees_progress(grouplens: Server, monkeypatch) -> None:
    grouplens.answers["/ml-100k.zip"] = whole(ARCHIVE)
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    fetch("ml-100k")
    assert f"100%|##########| {len(ARCHIVE)}/{len(ARCHIVE)} [" in terminal.getvalue()


FETCH = """
import sys
from dataclasses import replace
from protocol.data import sources
sources.GROUPLENS, sha256 = sys.argv[1:]
sources.NAMED["ml-100k"] = replace(sources.NAMED["ml-100k"], sha256=sha256)
print(sources.fetch("ml-100k"))
"""


def fetching(server: Server) -> subprocess.Popen[str]:
    """Begin to fetch in a process of its own; the environment names the cache."""
    command = [sys.executable, "-c", FETCH, server.address, sha256(DATA)]
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


def wheel() -> bytes:
    """Return the smallest wheel that pip takes for recbole's."""
    info = "recbole-1.2.1.dist-info"
    return zipped(
        **{
            WHEEL_MEMBER: INTER,
            f"{info}/METADATA": b"Metadata-Version: 2.1\nName: recbole\nVersion: 1.2.1\n",
            f"{info}/WHEEL": b"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
            f"{info}/RECORD": b"",
        }
    )


@pytest.fixture
def wheels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let pip look into a folder and nowhere else."""
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "wheels"))
    (tmp_path / "wheels").mkdir()
    return tmp_path / "wheels"


def test_pip_fetches_the_wheel_from_where_it_is_configured_to_look(tmp_path: Path, wheels: Path) -> None:
    put(wheels / "recbole-1.2.1-py3-none-any.whl", wheel())
    fetched = sources._download_wheel(tmp_path)
    assert fetched == tmp_path / "recbole-1.2.1-py3-none-any.whl"
    assert fetched.read_bytes() == wheel()


def test_what_pip_says_last_is_told(tmp_path: Path, wheels: Path) -> None:
    with pytest.raises(
        sources._Unavailable, match=r"pip download recbole==1\.2\.1 failed: ERROR: No matching distribution"
    ):
        sources._download_wheel(tmp_path)


@pytest.mark.parametrize(("said", "n_attempts"), [("Connection refused", 1), ("Read timed out.", 2)])
def test_only_an_index_that_is_there_is_waited_for(said: str, n_attempts: int, tmp_path: Path, monkeypatch) -> None:
    """The first attempt is impatient: no retries, and 5 seconds."""
    commands = []

    def run(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        commands.append(command)
        return subprocess.CompletedProcess(command, 1, "", f"WARNING: {said}\nERROR: no\n")

    monkeypatch.setattr(subprocess, "run", run)
    with pytest.raises(sources._Unavailable, match="failed: ERROR: no"):
        sources._download_wheel(tmp_path)
    assert len(commands) == n_attempts
    assert commands[0][-4:] == ["--retries", "0", "--timeout", "5"]
    assert all("--timeout" not in command for command in commands[1:])


def test_every_name_has_a_checksum_and_an_address() -> None:
    for name, known in NAMED.items():
        assert known.name == name
        assert re.fullmatch("[0-9a-f]{64}", known.sha256)
        assert known.url == f"https://files.grouplens.org/datasets/movielens/{name}.zip"
        assert known.member.startswith(f"{name}/")
    assert (NAMED["ml-100k"].stored_name, NAMED["ml-1m"].stored_name) == ("u.data", "ml-1m.zip")


@pytest.mark.realdata
def test_ml_100k_itself() -> None:
    if find("ml-100k") is None and not os.environ.get("RECBENCH_DATA"):
        pytest.skip("ml-100k is not in the cache, and RECBENCH_DATA is not set: nothing is fetched for a test")
    dataset = load_dataset("ml-100k")
    own = dataset.interactions
    assert (own.n_users, own.n_items, len(own), dataset.n_duplicates) == (943, 1682, 100_000, 0)
