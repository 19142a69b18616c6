"""The page of a campaign: how many of each kind, what was expected, what recbench did, what failed."""

from __future__ import annotations

import re
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from apart import Outcome
    from cases import Kind


ROOT = Path(__file__).parents[2]


def summary(found: Sequence[Outcome], n_drawn: int, seconds: float) -> str:
    """Return the counts in a line."""
    failed = sum(outcome.failed for outcome in found)
    left = f"; {n_drawn - len(found):,} were not started in time" if len(found) < n_drawn else ""
    return f"{len(found):,} cases in {seconds / 60:.1f} min, {failed} failed{left}"


def page(kinds: Sequence[Kind], found: Sequence[Outcome], n_drawn: int, seed: int, seconds: float) -> str:
    """Return the page, in Markdown."""
    lines = [
        "# Reliability",
        "",
        "Faults of many kinds, drawn at random, and what recbench did about each. Written by `make campaign`",
        "(`tests/campaign/`), which repeats it.",
        "",
        f"Seed {seed}; {summary(found, n_drawn, seconds)}.",
        machine(),
        "",
        "| kind | cases | of the long campaign | failed | what recbench did |",
        "|:--|--:|--:|--:|:--|",
    ]
    by_kind = {kind.name: [outcome for outcome in found if outcome.case.kind == kind.name] for kind in kinds}
    for kind in kinds:
        own = by_kind[kind.name]
        failed = sum(outcome.failed for outcome in own)
        lines.append(f"| {kind.name} | {len(own):,} | {kind.count:,} | {failed:,} | {_did(own)} |")
    lines += ["", "## What has to be true", ""]
    for expected in dict.fromkeys(kind.expected for kind in kinds):
        names = ", ".join(f"`{kind.name}`" for kind in kinds if kind.expected == expected)
        lines.append(f"- {names}: {expected}")
    lines += ["", "## What failed", "", *(failure(outcome) for outcome in found if outcome.failed)]
    if not any(outcome.failed for outcome in found):
        lines.append("Nothing.")
    return "\n".join(lines) + "\n"


def machine() -> str:
    """Return on what the cases ran, in a sentence."""
    from bench.machine.environment import describe_environment

    environment = describe_environment()
    versions = ", ".join(f"{name} {version}" for name, version in environment["versions"].items())
    return (
        f"{environment['cpu']}, {environment['cores']} cores, {environment['system']}; {versions}; commit "
        f"{environment['commit']}."
    )


def failure(outcome: Outcome) -> str:
    """Return the line about a case that failed, with the command that repeats it."""
    words = " ".join(_without_places(outcome).split()).replace("`", "'")[:400]
    return f"- {outcome.case.kind} {outcome.case.number}: `{words}`; repeat: `{outcome.case.repeat}`"


def _without_places(outcome: Outcome) -> str:
    """Return the words without the paths of this machine, which a traceback quotes."""
    words = outcome.words
    folder = outcome.case.folder
    places = {folder / "work": "FOLDER", folder.parent: "FOLDER", ROOT: "PROJECT", Path(sys.base_prefix): "PYTHON"}
    for place, name in places.items():
        words = words.replace(str(place.resolve()), name).replace(str(place), name)
    return re.sub(r"/\S*/site-packages/", "SITE-PACKAGES/", words)


def _did(found: Sequence[Outcome]) -> str:
    """Return what recbench did about one kind, and how often."""
    counted = Counter(outcome.words for outcome in found if not outcome.failed)
    return "; ".join(f"{words} ({count:,})" for words, count in counted.most_common())
