"""Fixtures of tests that fetch datasets: an empty cache, and a server on this machine."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest
from grouplens import Server, in_place_of, served_at

from protocol.data import package_index
from protocol.data.registered import REGISTERED
from protocol.errors import UnavailableError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def no_package(*_: object) -> Path:
    raise UnavailableError("no package index here")


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give an empty cache, no named folder, no package index, and an ml-100k of three lines."""
    monkeypatch.setenv("RECBENCH_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("RECBENCH_DATA", raising=False)
    monkeypatch.setitem(REGISTERED, "ml-100k", in_place_of(REGISTERED["ml-100k"]))
    monkeypatch.setattr(package_index, "download_wheel", no_package)
    return tmp_path / "cache"


def serve_at(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give every registered dataset an address on this server."""
    for name, dataset in REGISTERED.items():
        monkeypatch.setitem(REGISTERED, name, served_at(dataset, address))


@pytest.fixture
def grouplens(cache: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with Server() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        serve_at(server.address, monkeypatch)
        yield server
        server.released.set()
        server.shutdown()
        thread.join()


@pytest.fixture
def offline(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give GroupLens an address that refuses connections."""
    serve_at("http://127.0.0.1:1", monkeypatch)
