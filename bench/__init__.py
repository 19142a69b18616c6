"""The measuring: jobs, records, the table, the command line.

From Python, in three lines::

    import bench
    results = bench.run(dataset="ml-100k", recommenders=["popularity", "ease:reg=500"])
    print(results)        # the table; a notebook shows `results` as one, and results.frame is a DataFrame
"""

from __future__ import annotations

# Nothing is imported here, not even `typing`: Ctrl-C while the command line imports this would be a traceback, and only
# `bench.__main__` can catch it. Type checkers take this for `typing.TYPE_CHECKING`.
TYPE_CHECKING = False

if TYPE_CHECKING:
    from typing import Any

    from bench.api import (
        Data,
        Results,
        check,
        cite,
        collect,
        compare,
        datasets,
        doctor,
        estimate,
        export,
        merge,
        plan,
        plot,
        recommend,
        recommenders,
        render,
        report,
        reproduce,
        run,
        score,
        show,
        site,
        study,
        table,
        tune,
        verify,
        work,
    )

__all__ = [
    "Data",
    "Results",
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


def __getattr__(name: str) -> Any:
    """Import what is asked for when it is asked for, so that ``import bench`` costs nothing."""
    if name in __all__:
        from bench import api

        return getattr(api, name)
    raise AttributeError(f"module 'bench' has no attribute {name!r}; it offers {', '.join(__all__)}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
