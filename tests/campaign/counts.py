"""The page of a campaign: how many of each kind, what was expected, what recbench did, what failed."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from apart import Outcome
    from cases import Kind


def summary(found: Sequence[Outcome], n_drawn: int, seconds: float) -> str:
    """Return the counts in a line."""
    failed = sum(outcome.failed for outcome in found)
    left = f"; {n_drawn - len(found):,} were not started in time" if len(found) < n_drawn else ""
    return f"{len(found):,} cases in {seconds / 60:.1f} min, {failed} failed{left}"


def page(kinds: Sequence[Kind], found: Sequence[Outcome], n_drawn: int, seed: int, seconds: float) -> str:
    """Return the page, in Markdown."""
    from bench.machine.environment import describe_environment

    environment = describe_environment()
    versions = ", ".join(f"{name} {version}" for name, version in environment["versions"].items())
    lines = [
        "# Reliability",
        "",
        "Faults of many kinds, drawn at random, and what recbench did about each. Written by `make campaign`",
        "(`tests/campaign/`), which repeats it.",
        "",
        f"Seed {seed}; {summary(found, n_drawn, seconds)}.",
        f"{environment['cpu']}, {environment['cores']} cores, {environment['system']}; {versions}; commit "
        f"{environment['commit']}.",
        "",
        "| kind | cases | failed | of the long campaign |",
        "|:--|--:|--:|--:|",
    ]
    by_kind = {kind.name: [outcome for outcome in found if outcome.case.kind == kind.name] for kind in kinds}
    for kind in kinds:
        own = by_kind[kind.name]
        lines.append(f"| {kind.name} | {len(own):,} | {sum(one.failed for one in own):,} | {kind.count:,} |")
    for kind in kinds:
        lines += ["", f"## {kind.name}", "", kind.expected, "", *_did(by_kind[kind.name])]
    return "\n".join(lines) + "\n"


def _did(found: Sequence[Outcome]) -> list[str]:
    """Return the lines about one kind: what recbench did, then each failure."""
    if not found:
        return ["No case was started in time."]
    counted = Counter(outcome.words for outcome in found if not outcome.failed)
    lines = [f"- {words}: {count:,}" for words, count in counted.most_common()]
    for outcome in found:
        if outcome.failed:
            words = " ".join(outcome.words.split()).replace("`", "'")[:400]
            lines.append(f"- **failed**, number {outcome.case.number}: `{words}`; repeat: `{outcome.case.repeat}`")
    return lines
