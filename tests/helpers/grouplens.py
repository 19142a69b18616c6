"""A server on this machine that plays GroupLens for the tests, and the small dataset that it serves."""

from __future__ import annotations

import hashlib
import io
import threading
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from msgspec import structs

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from protocol.data.registered import RegisteredDataset


DATA = b"1\t10\t5\t100\n1\t20\t3\t200\n2\t10\t4\t300\n"
WHEEL_MEMBER = "recbole/dataset_example/ml-100k/ml-100k.inter"
INTER = b"user_id:token\titem_id:token\trating:float\ttimestamp:float\n" + DATA


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def in_place_of(known: RegisteredDataset, content: bytes = DATA, **changes: Any) -> RegisteredDataset:
    """Return a row for other content: two users, two items and three interactions, unless ``changes`` say more."""
    facts = {"n_users": 2, "n_items": 2, "n_interactions": 3}
    return structs.replace(known, **{"sha256": sha256(content), **facts, **changes})


def served_at(known: RegisteredDataset, address: str) -> RegisteredDataset:
    """Return a row of which every address is NAME.zip on this server; packages stay."""
    moved = [structs.replace(one, url=f"{address}/{known.name}.zip") if one.url else one for one in known.sources]
    return structs.replace(known, sources=tuple(moved))


def zipped(**members: bytes) -> bytes:
    """Return an archive that is the same at each call."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return stream.getvalue()


ARCHIVE = zipped(**{"ml-100k/README": b"terms", "ml-100k/u.data": DATA})


class Server(ThreadingHTTPServer):
    """A server that answers a path by calling its entry in ``answers``, and counts the requests."""

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


def put(path: Path, content: bytes = DATA) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def files_in(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
