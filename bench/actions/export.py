"""Write a dataset's task as other programs read it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from bench.data import Data
    from bench.names import ExportFormat


def export_files(
    form: ExportFormat, folder: Path, data: Data, *, scores: Path | None = None
) -> tuple[list[Path], str | None]:
    """Do what `export` does, and return what the dataset's terms ask for, too, if that is known."""
    from bench.exchange.exporting import export_task, terms_of, warning_of

    data = data.named()
    dataset = data.load()
    task = data.test_task(dataset)
    files = export_task(dataset, task, form, folder, scores=scores)
    if warning := warning_of(task, form):
        print(f"recbench: warning: {warning}", file=sys.stderr)
    return files, terms_of(dataset)
