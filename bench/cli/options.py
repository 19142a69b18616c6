"""Options that several commands share, and the types of their values."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.names import DEFAULT_VIEWS, FORMATS, VIEWS, View
from protocol.errors import ProtocolError
from protocol.evaluation.metrics import METRICS, PRIMARY, check_metric, check_metrics, default_metrics
from protocol.tasks.split_rule import LAST, parse_rule

if TYPE_CHECKING:
    from bench.data import Data


MOST_SEEDS = 10_000
"""In one range; more are taken for a typing error."""


def add_data_options(parser: argparse.ArgumentParser, default: str) -> None:
    """Add the options that `data_of` reads; ``default`` says what is used if no dataset is named."""
    group = add_source_options(parser, default)
    group.add_argument(
        "--protocol-seed", type=int, default=0, metavar="SEED", help="decides the order of ties and the candidates"
    )
    group.add_argument(
        "--split",
        type=split,
        default=LAST,
        metavar="RULE",
        help="last: hold out each user's latest interaction; time or time:0.9: train on the first 0.9 of all "
        "interactions, hold out each user's first one after them (times must be of one clock)",
    )
    group.add_argument(
        "--negatives",
        type=negatives,
        default=100,
        metavar="N",
        help="untouched items to rank each held-out item against; 0: all of them, the full ranking and nothing else",
    )
    group.add_argument(
        "--short-users",
        choices=("error", "drop", "all"),
        default="error",
        help="users with fewer untouched items than that: stop, leave them out, or rank against all they have",
    )


def add_source_options(parser: argparse.ArgumentParser, default: str) -> Any:
    """Add the options that say which interactions; return their group."""
    group = parser.add_argument_group("data")
    group.add_argument(
        "--dataset",
        metavar="NAME|PATH",
        help=f"a name that `recbench datasets` shows, or a file of interactions (default: {default})",
    )
    group.add_argument(
        "--columns",
        type=columns,
        metavar="user=A,item=B,...",
        help="names of the columns user, item, timestamp and rating where the file names them differently",
    )
    group.add_argument(
        "--min-rating", type=float, metavar="R", help="leave out interactions rated lower (default: keep all)"
    )
    group.add_argument(
        "--core",
        type=positive,
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


def data_of(arguments: argparse.Namespace) -> Data:
    """Return which data the options name."""
    from bench.data import Data

    names = (
        "dataset",
        "columns",
        "min_rating",
        "core",
        "data_dir",
        "protocol_seed",
        "negatives",
        "short_users",
        "split",
    )
    return Data(**{name: getattr(arguments, name) for name in names})


def add_suite_options(parser: argparse.ArgumentParser, default: str = "the default suite; see `recbench list`") -> None:
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
        help="add a class with fit and score from a file, or from a module that is installed or in the current folder, "
        "or the program that a TOML file describes; may be given many times",
    )


def add_machine_options(parser: Any) -> None:
    """Add the options about threads, time and memory."""
    parser.add_argument(
        "--threads", type=positive, metavar="N", help="threads of a job (default: the physical cores it may use)"
    )
    parser.add_argument("--timeout", type=seconds, default=3600, metavar="SECONDS", help="stop a job that takes longer")
    parser.add_argument(
        "--memory",
        type=memory,
        metavar="SIZE",
        help="stop a job whose processes are seen to hold more, as in 4GiB or 500MB (default: no limit)",
    )


def add_search_options(parser: argparse.ArgumentParser, at_once: str, out: str) -> None:
    """Add what `search_options` reads; ``at_once`` says what ``--jobs`` counts, ``out`` names the default folder."""
    group = parser.add_argument_group("running")
    group.add_argument("--seeds", type=seeds, default="0", metavar="LIST", help="training seeds: 0 or 0,1,2 or 0-2")
    group.add_argument(
        "--patience",
        type=positive,
        default=5,
        metavar="EPOCHS",
        help="stop a trial when validation NDCG@10 has not risen for this many epochs",
    )
    add_machine_options(group)
    group.add_argument(
        "--jobs", type=positive, default=1, metavar="N", help=f"{at_once} at once; give each few enough --threads"
    )
    group.add_argument("--out", type=Path, metavar="FOLDER", help=f"where results go (default: {out})")


def search_options(arguments: argparse.Namespace) -> dict[str, Any]:
    """Return how a search runs, under the names that `bench.api` gives its options."""
    names = ("plugins", "seeds", "patience", "threads", "timeout", "memory", "out")
    return {name: getattr(arguments, name) for name in names} | {"n_parallel": arguments.jobs}


def add_table_options(parser: Any) -> None:
    """Add the options about how a table is shown; `table_options` reads them."""
    add_format_option(parser)
    parser.add_argument(
        "--k",
        type=cutoffs,
        default="10",
        metavar="LIST",
        help="cut-offs of the metrics, as in 5,10,20; the first sorts",
    )
    add_metric_option(parser)
    parser.add_argument(
        "--view",
        type=views,
        default=",".join(DEFAULT_VIEWS),
        dest="views",
        metavar="LIST",
        help=f"some of {', '.join(VIEWS)}: against the drawn negatives, the exact mean over all draws of them, against "
        f"all untouched items; the first with all metrics and intervals, others with {PRIMARY}",
    )
    add_baseline_option(parser)
    parser.add_argument(
        "--beyond-accuracy",
        action="store_true",
        help="show, too, how much of the catalogue each recommends, how popular and how novel (csv and json always do)",
    )


def add_metric_option(parser: Any) -> None:
    """Add ``--metric``, a list."""
    parser.add_argument(
        "--metric",
        type=metrics,
        dest="metrics",
        metavar="LIST",
        help=f"some of {', '.join(METRICS)}, with commas between; {PRIMARY} sorts and is tested, or without it the "
        f"first one (default: {','.join(default_metrics())})",
    )


def add_baseline_option(parser: Any) -> None:
    """Add ``--baseline``."""
    parser.add_argument(
        "--baseline",
        metavar="ROW",
        help="test the other rows against this one alone, which you named before you saw the table (default: test all "
        "pairs, mark what is not distinguishable from the best)",
    )


def add_format_option(parser: Any) -> None:
    """Add ``--format``."""
    parser.add_argument(
        "--format",
        choices=FORMATS,
        default="terminal",
        metavar="FORMAT",
        help=f"one of {', '.join(FORMATS)}",
    )


def table_options(arguments: argparse.Namespace) -> dict[str, Any]:
    """Return how to show the table, under the names that `bench.tables.results.render` gives its options."""
    names = {
        "form": "format",
        "ks": "k",
        "metrics": "metrics",
        "views": "views",
        "baseline": "baseline",
        "beyond_accuracy": "beyond_accuracy",
    }
    return {option: getattr(arguments, name) for option, name in names.items()}


def seeds(text: str) -> tuple[int, ...]:
    """Parse ``0``, ``0,1,2`` and ``0-2``; ascending, each once."""
    seeds: set[int] = set()
    for part in text.split(","):
        first, dash, last = part.partition("-")
        if not first.strip().isdecimal() or (dash and not last.strip().isdecimal()):
            raise argparse.ArgumentTypeError(f"{text!r} is no list of seeds; write 0 or 0,1,2 or 0-2")
        if dash and int(last) - int(first) >= MOST_SEEDS:
            raise argparse.ArgumentTypeError(f"{text!r} names more than {MOST_SEEDS:,} seeds")
        seeds.update(range(int(first), int(last or first) + 1))
    if not seeds:
        raise argparse.ArgumentTypeError(f"{text!r} names no seed; write the lower one first, as in 0-2")
    return tuple(sorted(seeds))


def cutoffs(text: str) -> tuple[int, ...]:
    """Parse ``10`` and ``5,10,20``; in the order given, each once."""
    parts = [part.strip() for part in text.split(",")]
    if not all(part.isdecimal() and int(part) > 0 for part in parts):
        raise argparse.ArgumentTypeError(f"{text!r} is no list of cut-offs; write 10 or 5,10,20")
    return tuple(dict.fromkeys(int(part) for part in parts))


def metric(text: str) -> str:
    """Parse the name of a metric."""
    try:
        return check_metric(text)
    except ProtocolError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def metrics(text: str) -> tuple[str, ...]:
    """Parse ``HR`` and ``NDCG,MRR``; in the order given, each once."""
    try:
        return check_metrics([part.strip() for part in text.split(",")])
    except ProtocolError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def views(text: str) -> tuple[View, ...]:
    """Parse ``sampled`` and ``full,expected``; in the order given, each once."""
    parts = [part.strip() for part in text.split(",")]
    found = [view for part in parts for view in VIEWS if view == part]
    if len(found) < len(parts):
        raise argparse.ArgumentTypeError(f"{text!r} is no list of views; write some of {','.join(VIEWS)}")
    return tuple(dict.fromkeys(found))


def positive(text: str) -> int:
    """Parse a whole number above 0; ``1_000`` and ``1,000`` are one, too."""
    plain = text.replace("_", "").replace(",", "")
    if not plain.isdecimal() or int(plain) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number above 0")
    return int(plain)


def negatives(text: str) -> int:
    """Parse a whole number above 0, or 0."""
    if text == "0":
        return 0
    try:
        return positive(text)
    except argparse.ArgumentTypeError as error:
        raise argparse.ArgumentTypeError(f"{error}, nor 0 for the full ranking") from error


def split(text: str) -> str:
    """Parse ``last``, ``time`` and ``time:0.8``; the share, where there is one, is written out."""
    try:
        return str(parse_rule(text))
    except ProtocolError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def seconds(text: str) -> float:
    """Parse a finite number of seconds above 0."""
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is no number of seconds above 0")
    return value


def memory(text: str) -> int:
    """Parse ``4GiB`` and ``500MB``; in bytes."""
    from bench.machine.memory import parse_size

    try:
        return parse_size(text)
    except ProtocolError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def columns(text: str) -> dict[str, str]:
    """Parse ``user=who,item=what``."""
    columns = {}
    for part in text.split(","):
        role, equals, name = part.partition("=")
        if role not in ("user", "item", "timestamp", "rating") or not equals or not name:
            raise argparse.ArgumentTypeError(
                f"{part!r} names no column; write user=NAME,item=NAME,timestamp=NAME,rating=NAME (those you need)"
            )
        columns[role] = name
    return columns
