"""Write a board: a static site of many folders of results, each record with how far it could be verified."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from bench.options import DEFAULT_TIMEOUT, read
from bench.writing.text import count_text
from protocol.drafts import write_output
from protocol.errors import ProtocolError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from bench.audit.standings import Verified
    from bench.choices import Named
    from bench.data import Data
    from bench.studies.board.entries import Entry
    from bench.studies.board.standing import Kind


@dataclass(frozen=True, eq=False)
class Site:
    """A site that was written.

    Parameters
    ----------
    place
        Its index.
    entries
        All records on it.
    """

    place: Path
    entries: tuple[Entry, ...]

    @property
    def number(self) -> Mapping[Kind, int]:
        """How many records have which standing."""
        return Counter(entry.standing.kind for entry in self.entries)


def site(
    results: Path | str | Sequence[Path | str],
    out: Path | str,
    *,
    data_dir: Path | str | None = None,
    offline: bool = False,
    reproduce: bool = False,
    plugins: Named | Iterable[Named] = (),
    timeout: float = DEFAULT_TIMEOUT,
    quiet: bool = False,
) -> Site:
    """Write folders of results as a static site, which needs no network and no server, and return what is on it.

    ``bench.site(["board/ann", "board/bob"], "site")``. Needs the extra ``report``. Every figure is computed again from
    the stored rank of each user. What `recbench verify` proves of a record is its standing; a record that fails a check
    counts in no table, and its page says why.

    Parameters
    ----------
    results
        Folders of results, or folders that hold such at any depth, one or several.
    out
        A new folder, or one with an earlier site, which is replaced.
    data_dir
        A folder to look for named datasets in before anywhere else.
    offline
        Whether to fetch no data; what then cannot be held against its data is shown as not checked.
    reproduce
        Whether to fit every record anew that passes all checks, and to show whether the ranks are equal.
    plugins
        As for `bench.run`, where records to fit anew are of plug-ins.
    timeout
        Seconds after which a job is stopped.
    quiet
        Whether to show no progress.

    Raises
    ------
    RecbenchError
        If the extra is not installed, a folder is missing or holds no results, all are of searches for parameters, or
        ``out`` holds something else.
    """
    from bench.charts.library import javascript
    from bench.choices import plugin_entries
    from bench.page.site.pages import pages_of
    from bench.running.progress.choosing import make_progress
    from bench.studies.board.board import Board
    from bench.studies.board.folders import results_below

    folders = results_below([Path(results)] if isinstance(results, Path | str) else map(Path, results))
    folder, limit = Path(out), read("timeout", timeout)
    _check_target(folder)
    # Before the long work: without the extra, there is an error at once.
    library, known = javascript("recbench site"), plugin_entries(plugins)

    def again(found: Verified, data: Data) -> Verified:
        from bench.audit.made_again import made_again

        progress = make_progress(limit, quiet=quiet)
        return made_again(found, data, known, offline=offline, timeout=limit, progress=progress)

    usual = None if data_dir is None else Path(data_dir)
    entries = [
        entry
        for source, each in folders.items()
        for entry in _entries(source, each, usual, again if reproduce else None, offline=offline)
    ]
    board = Board.of(entries)
    if not board.entries:
        raise ProtocolError(
            f"{count_text(board.n_trials, 'record')}, all of searches for parameters, which a site leaves out; name "
            "folders of runs"
        )
    _write(pages_of(board, library), folder)
    return Site(folder / "index.html", board.entries)


def _check_target(folder: Path) -> None:
    """Refuse a folder with other things than a site."""
    from bench.studies.board.folders import is_site

    if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
        return
    if not is_site(folder):
        raise ProtocolError(f"{folder} is there, and holds no site of recbench; name a new folder with --out")


def _entries(
    source: str,
    folder: Path,
    data_dir: Path | None,
    again: Callable[[Verified, Data], Verified] | None,
    *,
    offline: bool,
) -> Iterator[Entry]:
    """Yield the entries of a folder of results, with their standings; their lists of best items are left out."""
    from bench.audit.standings import verified
    from bench.studies.board.entries import Entry

    data = _data_of(folder, data_dir)
    found = verified(folder, data, offline=offline)
    if again is not None:
        found = again(found, data)
    for name, standing in found.standings.items():
        record = found.records.get(name)
        yield Entry(source, folder, name, standing, None if record is None else replace(record, top_items=None))


def _data_of(folder: Path, data_dir: Path | None) -> Data:
    """Return how the data of a folder were read, as its records say; the usual way where that is no longer possible."""
    from bench.data import Data
    from bench.records.store import Store
    from bench.running.given_options import data_options

    usual = Data(data_dir=data_dir)
    try:
        options = next((record.options for record in Store(folder).documents() if record.options), {})
        return replace(usual, **data_options(options))
    except ProtocolError:
        return usual


def _write(pages: Iterable[tuple[str, str]], folder: Path) -> None:
    """Write the pages, and remove those of an earlier site that are no more."""
    from bench.page.site.places import FOLDERS

    written = set()
    for place, text in pages:
        path = folder / place
        path.parent.mkdir(parents=True, exist_ok=True)
        write_output(path, text.encode("utf-8", "backslashreplace"))
        written.add(path)
    for each in FOLDERS:
        for path in (folder / each).glob("*.html"):
            if path not in written:
                path.unlink()
