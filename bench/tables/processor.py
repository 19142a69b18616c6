"""The note about the rows whose figures may differ on another processor."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.writing.text import enumerated

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bench.analysis.summary import Summary


def processor_note(summary: Summary) -> Iterable[tuple[str, str]]:
    """Name the rows whose figures may differ on another processor, and the instructions that they were made with."""
    instructions = {one["instructions"] for one in summary.environments if one.get("instructions")}
    rows = [
        row.label for row in summary.rows if not (row.failed or row.external or row.recommender.processor_independent)
    ]
    if instructions and rows:
        has_others = any(row.recommender.processor_independent for row in summary.rows if not row.failed)
        others = " All other rows that recbench computed are the same on every x86-64 processor." if has_others else ""
        yield (
            "Processor",
            f"{enumerated(rows)}: figures may differ on another processor, because numerical libraries choose their "
            f"instructions by it (here {'; '.join(sorted(instructions))}).{others}",
        )
