"""Show what a row recommends to a user."""

from __future__ import annotations

import warnings
from collections import abc
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.actions.results import results_of_one_task
from bench.actions.shown import Shown
from bench.data import SourceOptions, data_of
from bench.options import read
from protocol.errors import ProtocolError, RecbenchError, RecbenchWarning

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path
    from typing import Unpack

    import pandas as pd

    from bench.actions.results import Results
    from bench.analysis.recommending.recommendation import Recommendation
    from bench.choices import Named
    from bench.data import Data, Source
    from bench.names import Format
    from protocol.data.dataset import Dataset


@dataclass(frozen=True, eq=False, repr=False)
class Recommendations(Shown):
    """What a row recommends to some users.

    Parameters
    ----------
    title
        Which row, of which data.
    found
        By user.
    titles
        Of items, by their ids as text; those that are known.
    """

    title: str
    found: tuple[Recommendation, ...]
    titles: Mapping[str, str]

    @property
    def frame(self) -> pd.DataFrame:
        """One row per item; see `bench.tables.recommendations.to_frame`."""
        from bench.tables.recommendations import to_frame

        return to_frame(self.found, self.titles)

    def render(
        self,
        form: Format = "terminal",
        *,
        styled: bool = False,  # noqa: ARG002 - nothing is bold
        width: int | None = None,
        brief: bool = False,  # noqa: ARG002 - there are no notes
    ) -> str:
        """Return the recommendations as text; see `bench.tables.recommendations.render`."""
        from bench.tables.recommendations import render

        return render(self.found, self.titles, self.title, form, width)


def recommendations(
    results: Results | Path | str,
    row: str,
    users: object | Iterable[object],
    given: Data,
    *,
    top: int | str,
    seed: int | None,
    titles: Path | str | None,
    plugins: Named | Iterable[Named],
) -> Recommendations:
    """Return what a row recommends, in a form that shows itself; see `recommend` for the parameters and errors.

    Parameters
    ----------
    given
        The data of the run, as far as they are named.
    """
    from bench.analysis.recommending.recommendation import Recommending, check_task, record_of_row
    from bench.analysis.source import protocol_of, source_of
    from bench.choices import plugin_entries
    from bench.records.store import Store

    n, chosen_seed = read("top", top), read("seed", seed)
    found = results_of_one_task(results)
    record = record_of_row(found.records, row, chosen_seed)
    if record.task.purpose != "test":
        raise ProtocolError(f"{found.folder} holds a search for parameters; name the --out folder of a `recbench run`")
    source = protocol_of(record.task, source_of(record.task, given))
    loaded = source.load()
    task = source.test_task(loaded)
    check_task(record, task)
    recommending = Recommending(record, Store(found.folder).folder_of(record), loaded, task, plugin_entries(plugins))
    listed = tuple(recommending.to(_listed(users), n))
    label = row if record.recommender.deterministic else f"{row}, seed {record.seed}"
    return Recommendations(f"{label}, on {loaded.name}", listed, _titles(loaded, source, titles))


def recommend(
    results: Results | Path | str,
    row: str,
    users: object | Iterable[object],
    *,
    top: int | str = 10,
    seed: int | None = None,
    titles: Path | str | None = None,
    plugins: Named | Iterable[Named] = (),
    dataset: Source | Data | None = None,
    **data: Unpack[SourceOptions],
) -> pd.DataFrame:
    """Return some users' latest training items, and what a row recommends to them, by the ids that the data have.

    ``bench.recommend("runs/ml-100k", "ease", [196, 22])``. The lists are those that the run stored; where it stored
    none, the kept model makes them (see ``keep_models`` of `bench.run`). Items that a user touched are left out; the
    item that was held out from the user may be among them.

    Parameters
    ----------
    results
        The folder of a run, or the `Results` of one.
    row
        A row as the table prints it, with or without what is in brackets behind it.
    users
        Ids of users, one or several.
    top
        How many items of each list.
    seed
        The training seed; by default the row's first one.
    titles
        A file with titles of items: a column with ids and one with titles. Where none is given, those that come with
        the dataset are taken.
    plugins
        As for `bench.run`, where the kept model is that of a plug-in.
    dataset, data
        The data of the run, as for `bench.verify`; by default those that the records name.

    Returns
    -------
    pd.DataFrame
        See `bench.tables.recommendations.to_frame`.

    Raises
    ------
    RecbenchError
        If there is no such row, seed or user, the data are not those of the run, or there is neither a stored list nor
        a kept model.
    """
    given = data_of(recommend, dataset, data, SourceOptions)
    found = recommendations(results, row, users, given, top=top, seed=seed, titles=titles, plugins=plugins)
    return found.frame


_NO_IDS = (bytes, bytearray, memoryview, dict)
"""Types of what is no id: Python would read numbers, or keys, out of it."""


def _listed(users: object) -> Sequence[object]:
    listed = [users] if isinstance(users, (str, *_NO_IDS)) or not isinstance(users, abc.Iterable) else list(users)
    for user in listed:
        if isinstance(user, _NO_IDS):
            raise ProtocolError(
                f"users: {user!r} is a {type(user).__name__}, expected an id as the data have it, or several"
            )
    if not listed:
        raise ProtocolError("no user is named; name one by the id that the data have")
    return list(dict.fromkeys(listed))


def _titles(dataset: Dataset, source: Data, given: Path | str | None) -> dict[str, str]:
    """Return titles by ids: of the file that is given, else those that come with the dataset."""
    from protocol.data.files import DataFile
    from protocol.data.titles import read_titles
    from protocol.folders import expanded

    if given is None:
        return _found_titles(source)
    titles = read_titles(DataFile(expanded(str(given))))
    if titles.keys().isdisjoint(map(str, dataset.item_ids.tolist())):
        raise ProtocolError(
            f"{given} has titles of {len(titles):,} items, such as {next(iter(titles))!r}, and none is an item of "
            f"{dataset.name}, such as {dataset.item_ids[0]!s}; expected a column with the items' ids, and one "
            "with titles"
        )
    return titles


def _found_titles(source: Data) -> dict[str, str]:
    """Return the titles that come with a dataset; none, with a warning, where they cannot be read."""
    from protocol.data.title_files import titles_of

    if not isinstance(source.dataset, str):
        return {}
    try:
        return titles_of(source.dataset, source.data_dir)
    except RecbenchError as error:
        warnings.warn(f"the items are shown without titles: {error}", RecbenchWarning, stacklevel=4)
        return {}
