"""The file ``tuned.toml``: the hyper-parameters that a search found, and how it found them.

The table ``[selection]`` is about the search: its values are the same for all recommenders, and its tables, one for
each recommender, hold the figures of the best combination. A table ``[labels]``, which a user may add, names rows.
Every other table holds the parameters of one recommender.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

from bench.choices import value_text
from bench.tuning.toml_tables import read_tables
from bench.writing.text import unicode_text
from protocol.drafts import write_output
from protocol.errors import RecommenderError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from pathlib import Path

    from bench.tuning.trials import Best

ABOUT = "selection"
"""The table about the search."""

LABELS = "labels"
"""The table that a user may add: what tables call rows, by recommender."""

TUNED = "tuned.toml"
"""The name of the file that a search writes."""

COMPLETE = "complete"
"""The entry about the search that is false while it has not come to its end; afterwards there is none."""

AT_EDGE = "at_edge"
"""The figure of a recommender that names its best values at the edge of what was searched."""

FILE_NAMES = (TUNED, "selected.toml")
"""File names that `recbench verify` looks for; earlier versions wrote the best of a grid into the second one."""

_HEADER = """\
# Written by `recbench tune`: for each recommender the parameters with the highest mean NDCG@10 over seeds
# on the validation task. Where it learns in epochs, `epochs` is the rounded mean of the seeds' best epochs.

"""


@dataclass(frozen=True)
class Tuned:
    """The best hyper-parameters of each recommender.

    Parameters
    ----------
    parameters
        By recommender.
    about
        The search: ``dataset``, ``validation_task`` (its digest), ``sampler``, ``budget``, ``seeds``, ``patience``;
        while it has not come to its end, ``complete`` is False. Empty where a file was written by hand.
    figures
        By recommender: ``HR@10``, ``NDCG@10``, ``combinations``, ``failed``, ``seconds``, ``best_epochs``; and
        ``at_edge``, sentences about best values at the edge of what was searched, where there are any.
    labels
        What tables are to call rows, by recommender; a search writes none.
    """

    parameters: Mapping[str, Mapping[str, Any]]
    about: Mapping[str, Any]
    figures: Mapping[str, Mapping[str, Any]]
    labels: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(
        cls, best: Sequence[Best], about: Mapping[str, Any], edges: Mapping[str, Sequence[str]] | None = None
    ) -> Self:
        """Return the best combinations that a search found.

        Parameters
        ----------
        edges
            By recommender, sentences about best values at the edge of what was searched.
        """
        figures = {one.recommender: _figures(one) for one in best}
        for name, sentences in (edges or {}).items():
            figures[name][AT_EDGE] = list(sentences)
        return cls({one.recommender: one.parameters for one in best}, about, figures)

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read ``tuned.toml``, ``selected.toml``, or a file of parameters that was written by hand.

        Raises
        ------
        RecommenderError
            If the file is not TOML, has no parameters, or has a value of the wrong type in ``[selection]``.
        """
        tables = read_tables(path, "[ease], then reg = 100")
        selection, labels = tables.pop(ABOUT, {}), tables.pop(LABELS, {})
        if not tables:
            raise RecommenderError(f"{path} has parameters of no recommender; every trial may have failed")
        figures = {name: value for name, value in selection.items() if isinstance(value, dict)}
        about = {name: value for name, value in selection.items() if name not in figures}
        _check(path, about, figures)
        return cls(tables, about, figures, labels)

    def write(self, path: Path) -> None:
        """Write the file.

        Raises
        ------
        RecommenderError
            If the name or a parameter of a recommender is text that TOML cannot hold.
        """
        try:
            content = self.text().encode()
        except UnicodeEncodeError as error:
            raise RecommenderError(
                f"{path.name} cannot be written: {error.object[error.start : error.end]!a} in a parameter or a name is "
                "no Unicode, and TOML holds nothing else; the records are kept"
            ) from error
        write_output(path, content)

    def text(self) -> str:
        """Return what `write` writes."""
        import tomli_w

        about = {name: unicode_text(value) if isinstance(value, str) else value for name, value in self.about.items()}
        selection = {**about, **{name: _written(table) for name, table in self.figures.items()}}
        parameters = {
            name: {parameter: _toml(value) for parameter, value in table.items()}
            for name, table in self.parameters.items()
        }
        return _HEADER + tomli_w.dumps({ABOUT: selection, **parameters})

    @property
    def dataset(self) -> str | None:
        """Name of the dataset that was searched on; None where the file does not say."""
        return self.about.get("dataset")

    @property
    def validation_task(self) -> str | None:
        """Digest of the validation task that chose the parameters; None where the file does not say."""
        return self.about.get("validation_task")

    @property
    def is_complete(self) -> bool:
        """Whether the search came to its end, as far as the file says."""
        return bool(self.about.get(COMPLETE, True))

    def seconds(self, recommender: str) -> float | None:
        """Return the seconds that the search took for a recommender; None where the file does not say."""
        return self.figures.get(recommender, {}).get("seconds")


def check_names(recommenders: Iterable[str], about: Collection[str]) -> None:
    """Refuse recommenders whose tables the file cannot hold beside what it says about the search.

    Parameters
    ----------
    about
        The names of what it says.

    Raises
    ------
    RecommenderError
        If a recommender is called like the tables ``[selection]`` and ``[labels]`` or like a value in the first.
    """
    taken = [name for name in recommenders if name in (ABOUT, LABELS) or name in about]
    if taken:
        raise RecommenderError(
            f"a recommender called {taken[0]!r} cannot be tuned, because {TUNED} uses that name; rename the class"
        )


def header_of(recommender: str) -> str:
    """Return the header of a recommender's table: ``[ease]``, ``["implicit.als"]``."""
    import tomli_w

    return tomli_w.dumps({recommender: {}}).strip()


def _figures(one: Best) -> dict[str, Any]:
    return {
        "HR@10": one.hit_rate,
        "NDCG@10": one.ndcg,
        "combinations": one.n_combinations,
        "failed": one.n_failed,
        "seconds": one.seconds,
        "best_epochs": list(one.best_epochs),
    }


def _written(table: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is written of a table: TOML has no null, so a figure that is None gets no line."""
    return {name: value for name, value in table.items() if value is not None}


def _toml(value: Any) -> Any:
    """Return a parameter's value as TOML has it; TOML has no null, so one that is or holds None is written as text."""
    return value_text(value) if _holds_none(value) else value


def _holds_none(value: Any) -> bool:
    members = value.values() if isinstance(value, dict) else value if isinstance(value, list | tuple) else ()
    return value is None or any(map(_holds_none, members))


def _check(path: Path, about: Mapping[str, Any], figures: Mapping[str, Mapping[str, Any]]) -> None:
    for name in ("dataset", "validation_task"):
        if not isinstance(about.get(name, ""), str):
            raise RecommenderError(f"{path}: [{ABOUT}] {name} is {about[name]!r}, expected text")
    if not isinstance(about.get(COMPLETE, True), bool):
        raise RecommenderError(f"{path}: [{ABOUT}] {COMPLETE} is {about[COMPLETE]!r}, expected true or false")
    for recommender, table in figures.items():
        value = table.get("seconds", 0.0)
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < math.inf:
            raise RecommenderError(
                f"{path}: [{ABOUT}.{recommender}] seconds is {value!r}, expected a finite number, 0 or more"
            )
