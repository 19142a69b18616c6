"""The cases that failed in an earlier campaign, run once more: the end of its page says what came of them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from counts import failure, machine

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from apart import Outcome

HEADING = "## What failed, run again"


class Failed(NamedTuple):
    """A case that failed, as its command names it."""

    seed: int
    kind: str
    number: int


def failed_cases(page: Path) -> list[Failed]:
    """Return the cases that a page says failed, by the commands that it gives for them."""
    repeats = re.findall(r"--seed (\d+) --kind (\S+) --number (\d+)", _campaign(page))
    return [Failed(int(seed), kind, int(number)) for seed, kind, number in repeats]


def add_to(page: Path, found: Sequence[Outcome]) -> None:
    """Say at the end of a page what came of its failed cases now, in place of what an earlier repetition said."""
    lines = ["", HEADING, "", machine(), "", *(_line(outcome) for outcome in found), ""]
    page.write_text(_campaign(page) + "\n".join(lines), encoding="utf-8")


def _campaign(page: Path) -> str:
    """Return the page as the campaign itself wrote it."""
    return page.read_text(encoding="utf-8").partition(f"\n{HEADING}")[0]


def _line(outcome: Outcome) -> str:
    case = outcome.case
    return failure(outcome) if outcome.failed else f"- {case.kind} {case.number}: {outcome.words}"
