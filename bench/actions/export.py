"""Write a dataset's task as other programs read it."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import TYPE_CHECKING

from bench.data import data_of
from bench.names import EXPORT_FORMATS, check_known
from protocol.errors import RecbenchWarning

if TYPE_CHECKING:
    from typing import Unpack

    from bench.data import Data, DataOptions, Source
    from bench.names import ExportFormat


def export(
    form: ExportFormat,
    out: Path | str,
    dataset: Source | Data | None = None,
    *,
    scores: Path | str | None = None,
    **data: Unpack[DataOptions],
) -> list[Path]:
    """Write a dataset's task as other programs read it, and return the files.

    ``bench.export("parquet", "tables", "ml-100k")``. A warning says what readers of the files have to know, and what
    the terms of the dataset ask for.

    Parameters
    ----------
    form, scores
        See `bench.exchange.exporting.export_task`.
    out
        The folder to write to.
    dataset
        As for `bench.run`; ml-100k by default.
    data
        Further options of `bench.Data`, such as ``protocol_seed``.

    Raises
    ------
    RecbenchError
        If an option does not take its value, the data cannot be read, the format cannot hold them, or a file exists
        already.
    """
    from bench.exchange.exporting import export_task, terms_of, warning_of

    check_known("export format", form, EXPORT_FORMATS)
    source = data_of(export, dataset, data).named()
    found = source.load()
    task = source.test_task(found)
    files = export_task(found, task, form, Path(out), scores=None if scores is None else Path(scores))
    for message in (warning_of(task, form), terms_of(found)):
        if message:
            warnings.warn(message, RecbenchWarning, stacklevel=2)
    return files
