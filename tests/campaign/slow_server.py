"""Run recbench with a server in this process that serves the registered dataset ml-100k, small and slowly."""

from __future__ import annotations

# ruff: noqa: E402 - the handler of signals comes before what takes long to import
import signal
import sys

# Until recbench begins, this program ends as one does that has no handler: its own imports are no fault of recbench.
signal.signal(signal.SIGINT, signal.SIG_DFL)

import hashlib
import io
import threading
import time
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from msgspec import structs

from protocol.data import registered

N_PIECES, SECONDS = 10, 0.6


def rows() -> bytes:
    """Return the rows of a small dataset."""
    pairs = [(user, (user * 7 + step * step) % 60) for user in range(40) for step in range(8)]
    lines = [f"{user + 1}\t{item + 1}\t4\t{900_000_000 + number * 60}" for number, (user, item) in enumerate(pairs)]
    return ("\n".join(lines) + "\n").encode()


def archive() -> bytes:
    """Return the publisher's archive."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as packed:
        packed.writestr(zipfile.ZipInfo("ml-100k/u.data"), rows())
    return stream.getvalue()


class Handler(BaseHTTPRequestHandler):
    """Answers every request with the archive, in pieces."""

    def do_GET(self) -> None:
        content = archive()
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        size = len(content) // N_PIECES + 1
        for start in range(0, len(content), size):
            self.wfile.write(content[start : start + size])
            self.wfile.flush()
            time.sleep(SECONDS / N_PIECES)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class Server(ThreadingHTTPServer):
    """Says nothing where the other end is gone."""

    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """Say nothing."""


def main() -> int:
    """Serve, and run the command line."""
    server = Server(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    known = registered.REGISTERED["ml-100k"]
    pairs = {tuple(line.split()[:2]) for line in rows().splitlines()}
    registered.REGISTERED["ml-100k"] = structs.replace(
        known,
        sources=(structs.replace(known.sources[0], url=f"http://127.0.0.1:{server.server_port}/ml-100k.zip"),),
        sha256=hashlib.sha256(rows()).hexdigest(),
        n_users=len({user for user, _ in pairs}),
        n_items=len({item for _, item in pairs}),
        n_interactions=len(pairs),
        n_rows=len(rows().splitlines()),
    )
    from bench.__main__ import main as command

    signal.signal(signal.SIGINT, signal.default_int_handler)
    return command()


if __name__ == "__main__":
    sys.exit(main())
