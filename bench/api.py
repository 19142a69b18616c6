"""The commands of `recbench` as functions, with the same options under the same names."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from bench.actions.cite import cite
from bench.actions.collect import collect
from bench.actions.compare import RowComparison, compare
from bench.actions.estimate import Estimates, estimate
from bench.actions.export import export
from bench.actions.merge import Merged, merge
from bench.actions.plan import plan
from bench.actions.plot import plot
from bench.actions.recommend import recommend
from bench.actions.report import report
from bench.actions.reproduce import reproduce
from bench.actions.results import Results
from bench.actions.run import run
from bench.actions.score import score
from bench.actions.show import ShownRecords, show
from bench.actions.site import Site, site
from bench.actions.study import study
from bench.actions.study_results import StudyResults
from bench.actions.table import render, table
from bench.actions.tune import tune
from bench.actions.work import work
from bench.choices import choose_one
from bench.data import Data, SourceOptions, data_of
from bench.options import DEFAULT_CHECK_TIMEOUT, read

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Unpack

    import pandas as pd

    from bench.checks import CheckResult
    from bench.choices import Named
    from bench.data import Source
    from bench.findings import Finding

__all__ = [
    "Data",
    "Estimates",
    "Merged",
    "Results",
    "RowComparison",
    "ShownRecords",
    "Site",
    "StudyResults",
    "check",
    "cite",
    "collect",
    "compare",
    "datasets",
    "doctor",
    "estimate",
    "export",
    "merge",
    "plan",
    "plot",
    "recommend",
    "recommenders",
    "render",
    "report",
    "reproduce",
    "run",
    "score",
    "show",
    "site",
    "study",
    "table",
    "tune",
    "verify",
    "work",
]


def verify(
    results: Results | Path | str,
    dataset: Source | Data | None = None,
    *,
    offline: bool = False,
    **data: Unpack[SourceOptions],
) -> pd.DataFrame:
    """Check stored results, and return the outcome of each check: ``status`` (ok, warn, fail) and ``message``.

    Parameters
    ----------
    results
        The folder of a run, or the `Results` of one.
    dataset
        As for `bench.run`; by default the one that the records name. Split, negatives and protocol seed are always
        those of the records.
    offline
        Whether to fetch nothing; then what was not checked is a warning.
    data
        Further options of `bench.Data` about the source: ``columns``, ``encoding``, ``ids``, ``missing``,
        ``min_rating``, ``core``, ``data_dir``, ``name``.

    Raises
    ------
    RecbenchError
        If the folder holds no records, or a dataset that was named cannot be read.
    """
    from bench.audit.verification import verify_results

    folder = results.folder if isinstance(results, Results) else Path(results)
    return _frame_of(verify_results(folder, data_of(verify, dataset, data, SourceOptions), offline=offline))


def recommenders(plugins: Named | Iterable[Named] = ()) -> pd.DataFrame:
    """Return the recommenders by name: parameters with defaults, kind, origin and, for broken ones, the problem.

    Parameters
    ----------
    plugins
        As for `bench.run`: what to list beside the built-ins and those of installed packages.
    """
    import pandas as pd

    from bench.catalogue.recommenders import listed_recommenders, recommender_rows

    return pd.DataFrame(recommender_rows(listed_recommenders(plugins))).set_index("name")


def datasets(name: str | None = None) -> pd.DataFrame:
    """Return the datasets by name: sizes, times, terms, checksum, citation, and whether a copy is on this machine.

    Parameters
    ----------
    name
        The one to return; all by default.

    Raises
    ------
    DatasetError
        If no dataset has the name.
    """
    import pandas as pd

    from bench.catalogue.datasets import dataset_rows

    return pd.DataFrame(dataset_rows(name)).set_index("name")


def check(
    recommender: Named,
    *,
    timeout: float = DEFAULT_CHECK_TIMEOUT,
    device: str = "auto",
    precision: str = "float32",
) -> pd.DataFrame:
    """Check a recommender against the contract in a process of its own, and return the outcome of each check.

    Parameters
    ----------
    recommender
        ``"NAME"``, ``"FILE.py"``, ``"FILE.py:Name"`` or ``"package.module:Name"``, each with ``:param=value,...``
        behind it where needed; or a class.
    timeout
        Seconds after which a check is stopped; it fails, and the others go on.
    device, precision
        As for `bench.run`.

    Returns
    -------
    pd.DataFrame
        One row per check: ``status`` (ok, warn, fail, skip) and ``message``.

    Raises
    ------
    RecommenderError
        If the recommender is unknown, cannot be loaded, does not take the parameters, or there is no such device.
    """
    from bench.checks import check_apart
    from bench.machine.devices.choosing import Asked

    asked = Asked(read("device", device), read("precision", precision))
    choice = choose_one(recommender)
    return _frame_of(check_apart(choice.entry, choice.parameters, read("timeout", timeout), asked=asked))


def doctor() -> pd.DataFrame:
    """Examine this installation, and return what was found: ``status`` (ok, warn, fail) and ``message``."""
    from bench.diagnosis.installation import examine

    return _frame_of(examine())


def _frame_of(findings: Iterable[Finding | CheckResult]) -> pd.DataFrame:
    """Return findings by name, with status and message."""
    import pandas as pd

    from bench.writing.text import unicode_text

    rows = [(finding.name, finding.status, unicode_text(finding.message)) for finding in findings]
    return pd.DataFrame(rows, columns=["name", "status", "message"]).set_index("name")
