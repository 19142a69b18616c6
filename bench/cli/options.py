"""Options that several commands share; `bench.options` reads their values."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.names import DEFAULT_VIEWS, FORMATS, VIEWS
from bench.options import DEFAULT_FULL_LIMIT, READERS, SHORT_USERS
from protocol.data.settled import IDS, MISSING
from protocol.errors import RecbenchError
from protocol.evaluation.metrics import METRICS, PRIMARY, default_metrics
from protocol.tasks.split_rule import LAST

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from bench.data import Data
    from bench.names import Format

SOURCE_OPTIONS = ("dataset", "columns", "encoding", "ids", "missing", "min_rating", "core", "data_dir")
TABLE_OPTIONS = ("k", "metrics", "views", "baseline", "beyond_accuracy", "slices")
PROTOCOL_OPTIONS = ("protocol_seed", "negatives", "short_users", "split")


def add_data_options(parser: argparse.ArgumentParser, default: str, *, several: bool = False) -> None:
    """Add the options that `data_from` reads.

    Parameters
    ----------
    default
        What is used if no dataset is named.
    several
        Whether ``--dataset`` may be given many times.
    """
    group = add_source_options(parser, default, several=several)
    group.add_argument(
        "--protocol-seed",
        type=option("protocol_seed"),
        default=0,
        metavar="SEED",
        help="decides the order of ties, the candidates, and random targets of a time split",
    )
    group.add_argument(
        "--split",
        type=option("split"),
        default=LAST,
        metavar="RULE",
        help="last: hold out each user's latest interaction; time or time:0.9: train on the first 0.9 of all "
        "interactions, hold out each user's first one after them, or the last or a random one of these with "
        "time:0.9,target=last and target=random (times must be of one clock); random:SEED: hold out a random one of "
        "each user's",
    )
    group.add_argument(
        "--negatives",
        type=option("negatives"),
        default=100,
        metavar="N",
        help="untouched items to rank each held-out item against; 0: all of them, the full ranking and nothing else",
    )
    group.add_argument(
        "--short-users",
        choices=SHORT_USERS,
        default="error",
        help="what to do with users who have fewer untouched items than that: stop, leave them out, or rank against "
        "all they have",
    )


def add_source_options(parser: argparse.ArgumentParser, default: str, *, several: bool = False) -> Any:
    """Add the options that say which interactions; return their group."""
    group = parser.add_argument_group("data")
    group.add_argument(
        "--dataset",
        action="append" if several else "store",
        metavar="NAME|PATH",
        help="a name that `recbench datasets` shows, or interactions: text with separators, JSON, Parquet or Feather, "
        "plain or in gz, bz2, xz, zst or zip (ARCHIVE.zip/FILE), a folder of parts, or /dev/stdin; sequences:PATH for "
        "lines 'user item item ...' in the order of time; datarec:NAME[:VERSION] for a dataset of the library DataRec"
        f"{_OFTEN if several else ''} (default: {default})",
    )
    group.add_argument(
        "--columns",
        type=option("columns"),
        metavar="user=A,item=B,...",
        help="names of the columns user, item, timestamp and rating, where the file has other names or it is in doubt "
        "which is which; without a header their positions, as in user=0,item=1,timestamp=3; in JSON nested names, as "
        "in user=reviewer.id",
    )
    group.add_argument(
        "--encoding",
        type=option("encoding"),
        metavar="NAME",
        help="encoding of a file of text, as in latin-1 or utf-16 (default: utf-8)",
    )
    group.add_argument(
        "--ids",
        choices=IDS,
        help=f"take ids as {'; as '.join(f'{name}: {meaning}' for name, meaning in IDS.items())} (default: find out, "
        "and stop if it is in doubt)",
    )
    group.add_argument(
        "--missing",
        choices=MISSING,
        default="error",
        help="what to do with rows that lack a user, an item, a time or a rating that is needed: stop, or leave them "
        "out and count them",
    )
    group.add_argument(
        "--min-rating",
        type=option("min_rating"),
        metavar="R",
        help="leave out interactions rated lower (default: keep all)",
    )
    group.add_argument(
        "--core",
        type=option("core"),
        metavar="N",
        help="keep users and items with at least N interactions each (default: keep all)",
    )
    group.add_argument(
        "--data-dir",
        type=Path,
        metavar="FOLDER",
        help="look here for named datasets first (default: the environment's RECBENCH_DATA, then the cache)",
    )
    return group


_OFTEN = "; several are a study: one table over all of them"


def values_of(arguments: argparse.Namespace, names: Iterable[str]) -> dict[str, Any]:
    """Return the values of options by their names."""
    return {name: getattr(arguments, name) for name in names}


def data_from(arguments: argparse.Namespace) -> Data:
    """Return which data the options name."""
    from bench.data import Data

    return Data(**values_of(arguments, (*SOURCE_OPTIONS, *PROTOCOL_OPTIONS)))


def source_from(arguments: argparse.Namespace) -> Data:
    """Return which interactions the options name; the protocol is known from elsewhere."""
    from bench.data import Data

    return Data(**values_of(arguments, SOURCE_OPTIONS))


def add_recommender_options(
    parser: argparse.ArgumentParser, default: str = "the default suite; see `recbench list`"
) -> None:
    """Add the options that name recommenders; ``default`` says which are taken if none is named."""
    group = parser.add_argument_group("recommenders")
    group.add_argument(
        "--recommender",
        "-r",
        action="append",
        default=[],
        dest="recommenders",
        metavar="NAME[:PARAM=VALUE,...]",
        help=f"a recommender with parameters; may be given many times (default: {default})",
    )
    add_plugin_option(group)


def add_plugin_option(parser: Any) -> None:
    """Add ``--plugin``."""
    parser.add_argument(
        "--plugin",
        action="append",
        default=[],
        dest="plugins",
        metavar="FILE.py[:Name]|MODULE[:Name]|FILE.toml",
        help="add a PyTorch module or a class with fit and score, from a file, or from a package that is installed or "
        "in the current folder, or the program that a TOML file describes; may be given many times",
    )


def add_seeds_option(parser: Any) -> None:
    """Add ``--seeds``."""
    parser.add_argument(
        "--seeds", type=option("seeds"), default="0", metavar="LIST", help="training seeds: 0 or 0,1,2 or 0-2"
    )


def add_table_options(parser: Any, formats: Iterable[Format] = FORMATS) -> None:
    """Add the options about how a table is shown; `table_options` reads them."""
    add_format_option(parser, formats)
    add_notes_option(parser)
    parser.add_argument(
        "--k",
        type=option("k"),
        default="10",
        metavar="LIST",
        help="cut-offs of the metrics, as in 5,10,20; the first sorts",
    )
    add_metric_option(parser)
    parser.add_argument(
        "--view",
        type=option("views"),
        default=",".join(DEFAULT_VIEWS),
        dest="views",
        metavar="LIST",
        help=f"some of {', '.join(VIEWS)}: against the drawn negatives, the exact mean over all draws of them, against "
        f"all untouched items; the first sorts, is tested, and has all metrics and intervals, others have {PRIMARY}",
    )
    add_baseline_option(parser)
    parser.add_argument(
        "--beyond-accuracy",
        action="store_true",
        help="show, too, how much of the catalogue each recommends, how popular and how novel (csv and json always do)",
    )
    add_slices_option(parser)


def add_notes_option(parser: Any) -> None:
    """Add ``--notes``."""
    parser.add_argument(
        "--notes",
        action="store_true",
        help="show all notes below the table in a terminal, in place of the few lines that matter most (other formats "
        "have all of them anyway)",
    )


def add_slices_option(parser: Any) -> None:
    """Add ``--slices``."""
    parser.add_argument(
        "--slices",
        action="store_true",
        help="show, too, the figure that sorts the rows by slices of users: quarters by their training interactions "
        "(activity) and by those of their held-out item (popularity), and users whose item has none (cold)",
    )


def add_metric_option(parser: Any) -> None:
    """Add ``--metric``, a list."""
    parser.add_argument(
        "--metric",
        type=option("metrics"),
        dest="metrics",
        metavar="LIST",
        help=f"some of {', '.join(METRICS)}, with commas between; {PRIMARY} sorts and is tested, or without it the "
        f"first one (default: {','.join(default_metrics())})",
    )


def add_params_option(parser: Any) -> None:
    """Add ``--params``."""
    parser.add_argument(
        "--params",
        type=Path,
        metavar="FILE.toml",
        help="take parameters from what `recbench tune` wrote, where --recommender gives none; "
        "without --recommender, run what the file has",
    )


def add_tune_option(parser: Any) -> None:
    """Add ``--tune``."""
    parser.add_argument(
        "--tune",
        type=option("trials"),
        metavar="TRIALS",
        help="first search for the parameters of each recommender that has a search space: so many combinations on the "
        "validation task, as `recbench tune --trials` does, kept under --out; then run with the best (default: no "
        "search)",
    )


def add_measuring_options(parser: Any) -> None:
    """Add the options about splits, epochs and rankings of a run."""
    parser.add_argument(
        "--repeat-splits",
        type=option("repeat_splits"),
        metavar="N",
        help="measure on N splits, each a task of its own, in one table: means over them, the variation between them, "
        "and tests over users and splits (from 3 on). Of last they have the next protocol seeds, of random:SEED the "
        "next seeds, of time:SHARE cuts evenly spaced from SHARE down to half of it (default: one split)",
    )
    parser.add_argument(
        "--patience",
        type=option("patience"),
        metavar="EPOCHS",
        help="for recommenders that learn in epochs: stop when validation NDCG@10 has not risen for this many epochs, "
        "then refit with the best number of them (default: fit the epochs given)",
    )
    parser.add_argument(
        "--full-limit",
        type=option("full_limit"),
        default=DEFAULT_FULL_LIMIT,
        metavar="PAIRS",
        help="rank the full catalogue beside the drawn negatives only up to this many (user, item) pairs; 0 switches "
        "it off; with --negatives 0 there is no limit",
    )


def add_label_option(parser: Any, kept: str) -> None:
    """Add ``--label``; ``kept`` says where the names are."""
    parser.add_argument(
        "--label",
        action="append",
        default=[],
        dest="labels",
        metavar="ROW=NAME",
        help=f"call a row by this name, {kept}; ROW is ease:reg=500, or just ease where that is one row; may be given "
        "many times (default: the recommender with the parameters that were given)",
    )


def add_baseline_option(parser: Any) -> None:
    """Add ``--baseline``."""
    parser.add_argument(
        "--baseline",
        metavar="ROW",
        help="test the other rows against this one alone, which you named before you saw the table (default: test all "
        "pairs, and mark the rows that are not distinguishable from the best)",
    )


def add_format_option(parser: Any, formats: Iterable[Format] = FORMATS) -> None:
    """Add ``--format``."""
    names = tuple(formats)
    parser.add_argument(
        "--format",
        choices=names,
        default="terminal",
        metavar="FORMAT",
        help=f"one of {', '.join(names)}",
    )


def table_options(arguments: argparse.Namespace) -> dict[str, Any]:
    """Return what the table shows, under the names that `bench.table` gives its options."""
    return values_of(arguments, TABLE_OPTIONS)


def option(name: str) -> Callable[[str], Any]:
    """Return what reads the text of an option, by its name in Python; its errors are the command line's."""
    reader = READERS[name]

    def parsed(text: str) -> Any:
        try:
            return reader(text)
        except RecbenchError as error:
            raise argparse.ArgumentTypeError(str(error)) from error

    return parsed
