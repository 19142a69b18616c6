"""The options of a run that a record keeps are read by the command line as they were."""

from __future__ import annotations

import pytest

from bench.cli.main import make_parser
from bench.data import Data
from bench.options import DEFAULT_FULL_LIMIT, DEFAULT_TIMEOUT
from bench.running.given_options import given_options


def given(data: Data | None = None, **options: object) -> dict[str, str]:
    usual: dict[str, object] = {"timeout": DEFAULT_TIMEOUT, "memory": None, "full_limit": DEFAULT_FULL_LIMIT}
    return given_options(data or Data(), **{**usual, **options})  # type: ignore[arg-type]


def test_the_defaults_are_left_out() -> None:
    assert given() == {}
    assert given(Data("ratings.csv", protocol_seed=3, negatives=7, split="random:1")) == {}, "the task tells these"


def test_the_command_line_reads_them_again() -> None:
    data = Data(
        "private/ratings.csv",
        columns={"user": "who", "item": "what"},
        min_rating=3.5,
        core=5,
        encoding="latin-1",
        ids="text",
        missing="drop",
        short_users="all",
    )
    found = given(data, timeout=60.0, memory=4 * 2**30, full_limit=1000, device="cpu")
    words = [word for option in found.items() for word in option]
    assert not [word for word in words if "private" in word]
    read = make_parser().parse_args(["run", *words])
    for name in ("columns", "min_rating", "core", "encoding", "ids", "missing", "short_users"):
        assert getattr(read, name) == getattr(data, name), name
    assert (read.timeout, read.memory, read.full_limit, read.device) == (60.0, 4 * 2**30, 1000, "cpu")


@pytest.mark.parametrize(
    ("n_bytes", "text"), [(2**30, "1GiB"), (500 * 2**20, "500MiB"), (500_000_000, "488282KiB"), (1, "1KiB")]
)
def test_memory_has_the_largest_unit_that_divides_it(n_bytes: int, text: str) -> None:
    assert given(memory=n_bytes) == {"--memory": text}
