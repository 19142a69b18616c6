"""Amounts of memory."""

from __future__ import annotations

import pytest

from bench.machine.memory import parse_size, size_text
from protocol.errors import ProtocolError


@pytest.mark.parametrize(
    ("text", "expected"), [("4GiB", 4 * 1024**3), ("500MB", 500 * 1000**2), ("1.5 KiB", 1536), ("2kB", 2000)]
)
def test_amounts_are_read(text: str, expected: int) -> None:
    assert parse_size(text) == expected


@pytest.mark.parametrize("text", ["4", "GiB", "-1GiB", "0MB", "4gib", "4 G", "KB", "1KB", f"{10**400}GB"])
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(ProtocolError, match="is no amount of memory; write 4GiB or 500MB"):
        parse_size(text)


@pytest.mark.parametrize(
    ("n_bytes", "expected"),
    [
        (3 * 2**29, "1.5 GiB"),
        (400_000_000, "381 MiB"),
        (2**20, "1 MiB"),
        (1010 * 2**20, "1010 MiB"),
        (1500 * 2**30, "1500 GiB"),
    ],
)
def test_amounts_are_written(n_bytes: int, expected: str) -> None:
    assert size_text(n_bytes) == expected
