"""Download one file, with a short wait for an unreachable server and a progress bar."""

from __future__ import annotations

import logging
import queue
import sys
import threading
from typing import IO, TYPE_CHECKING

from protocol.errors import UnavailableError

if TYPE_CHECKING:
    from pathlib import Path

    import requests

CONNECT_SECONDS = 5.0
"""The wait for the beginning of an answer."""

STALL_SECONDS = 60.0
"""The wait for the next bytes of an answer that has begun."""

_CHUNK = 1 << 20

log = logging.getLogger(__name__)


def download(url: str, target: Path) -> None:
    """Write the file at an address into ``target``; a terminal shows progress on standard error.

    Raises
    ------
    UnavailableError
        If there is no answer within `CONNECT_SECONDS`, the answer is an error, or it breaks off.
    """
    log.info("Fetching %s ...", url)
    try:
        with _answer(url) as answer, target.open("wb") as sink:
            answer.raise_for_status()
            _copy_with_progress(answer, sink)
    except OSError as error:  # The errors of requests are subclasses of it.
        raise UnavailableError(f"{url}: {_reason(error)}") from error


def _answer(url: str) -> requests.Response:
    """Return the beginning of an answer, or give up after `CONNECT_SECONDS`.

    The time-outs of requests are for each address of a host, and the lookup of the host's name has none. So a thread
    asks, and this function stops waiting for it.
    """
    import requests

    answers: queue.SimpleQueue[requests.Response | OSError] = queue.SimpleQueue()

    def ask() -> None:
        try:
            answers.put(requests.get(url, stream=True, timeout=(CONNECT_SECONDS, STALL_SECONDS)))
        except OSError as error:
            answers.put(error)

    threading.Thread(target=ask, daemon=True).start()
    try:
        answer = answers.get(timeout=CONNECT_SECONDS)
    except queue.Empty:
        raise UnavailableError(f"{url}: no answer within {CONNECT_SECONDS:g} s") from None
    if isinstance(answer, OSError):
        raise answer
    return answer


def _copy_with_progress(answer: requests.Response, sink: IO[bytes]) -> None:
    from tqdm import tqdm

    size = int(answer.headers.get("Content-Length", 0)) or None
    with tqdm(total=size, unit="B", unit_scale=True, file=sys.stderr, disable=not sys.stderr.isatty()) as bar:
        for chunk in answer.iter_content(_CHUNK):
            sink.write(chunk)
            bar.update(len(chunk))


def _reason(error: Exception) -> str:
    """Return the innermost reason of a failed connection, in a line."""
    while error.__context__ is not None and isinstance(error.__context__, Exception):
        error = error.__context__
    return f"{type(error).__name__}: {error}"
