"""The note about fitted models that were to be kept, and are not."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bench.analysis.summary import Summary


def kept_models_note(summary: Summary) -> Iterable[tuple[str, str]]:
    """Name the rows whose models were to be kept and are not, each with the reasons; rows with equal reasons once."""
    rows: dict[str, list[str]] = {}
    for row in summary.rows:
        problems = (record.model.problem for record in row.records if record.model and record.model.problem)
        for problem in dict.fromkeys(problems):
            rows.setdefault(problem, []).append(row.label)
    if rows:
        said = "; ".join(f"{', '.join(labels)}: {problem.rstrip('.')}" for problem, labels in rows.items())
        yield "Models", f"the fitted models of some rows are not kept. {said}. --refit tries again."
