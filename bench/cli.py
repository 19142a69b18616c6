"""The command line: it parses, calls `bench.api` and prints.

Nothing heavy is imported before a command needs it, so that ``recbench --help`` answers at once.

Exit codes: 0, all well; 1, the command ran and something it was to do failed (a recommender, a check); 2, it could not
run as asked; 130, stopped with Ctrl-C; 141, the reader of its output went away.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from protocol.errors import RecbenchError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from bench.api import Data

FORMATS = ("terminal", "github", "latex", "csv", "json", "html-fragment")

EXIT_OK, EXIT_FAILED, EXIT_USAGE, EXIT_INTERRUPTED, EXIT_BROKEN_PIPE = 0, 1, 2, 130, 141


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    try:
        arguments = make_parser().parse_args(argv)
        code: int = arguments.command(arguments)
        sys.stdout.flush()
    except BrokenPipeError:
        # The interpreter flushes standard output once more when it ends; let that go nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_BROKEN_PIPE
    except KeyboardInterrupt:
        return _complain("stopped; finished jobs are kept, and the same command goes on from there", EXIT_INTERRUPTED)
    except RecbenchError as error:
        return _complain(str(error), EXIT_USAGE)
    except OSError as error:
        return _complain(_os_error(error), EXIT_USAGE)
    return code


def _complain(message: str, code: int) -> int:
    print(f"recbench: {'error: ' if code == EXIT_USAGE else ''}{message}", file=sys.stderr)
    return code


def _os_error(error: OSError) -> str:
    reason = error.strerror or str(error)
    return f"{error.filename}: {reason[:1].lower()}{reason[1:]}" if error.filename else reason


class _Parser(argparse.ArgumentParser):
    """A parser whose errors are one line and say where help is."""

    def error(self, message: str) -> NoReturn:
        print(f"recbench: error: {message}; see `{self.prog} --help`", file=sys.stderr)
        raise SystemExit(EXIT_USAGE)


class _Help(argparse.RawDescriptionHelpFormatter):
    """Help with the examples as written, and each default that is worth knowing."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, max_help_position=30, width=min(100, _terminal_width()))

    def _get_help_string(self, action: argparse.Action) -> str:
        text = action.help or ""
        plain = action.default not in (None, False, argparse.SUPPRESS, [])
        return f"{text} (default: %(default)s)" if plain and "default" not in text else text


def _terminal_width() -> int:
    import shutil

    return shutil.get_terminal_size((90, 24)).columns


def make_parser() -> argparse.ArgumentParser:
    """Return the parser of all commands."""
    parser = _Parser(
        prog="recbench",
        description="The benchmark harness for recommender implementations:\n"
        "one dataset, one split, one set of candidates, one honest table.",
        epilog=_examples(
            ("recbench run", "all built-in recommenders on MovieLens-100K"),
            ("recbench run -r popularity -r ease:reg=500", "these two"),
            ("recbench run --plugin my_model.py", "all built-ins and yours"),
            ("recbench check my_model.py", "does yours keep the contract?"),
            ("recbench COMMAND --help", "more about a command"),
        ),
        formatter_class=_Help,
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="show the version and exit")
    parser.set_defaults(command=lambda _: _print_help(parser))
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", parser_class=_Parser)
    for add in (_add_run, _add_table, _add_list, _add_datasets, _add_check, _add_doctor, _add_select):
        add(commands)
    return parser


def _print_help(parser: argparse.ArgumentParser) -> int:
    parser.print_help()
    return EXIT_OK


class _Version(argparse.Action):
    """Prints the version, which is looked up only then."""

    def __call__(self, parser: argparse.ArgumentParser, *_: Any) -> NoReturn:
        from importlib.metadata import version

        print(f"recbench {version('recbench')}")
        parser.exit()


def _examples(*examples: tuple[str, str]) -> str:
    """Return an epilog of commands and what each does; where the command is long, below each other."""
    width = max(len(command) for command, _ in examples)
    if width > 46:
        return "examples:\n" + "\n".join(f"  # {what}\n  {command}" for command, what in examples)
    return "examples:\n" + "\n".join(f"  {command:{width}}  {what}" for command, what in examples)


def _add_command(
    commands: Any, usage: str, run: Callable[[argparse.Namespace], int], summary: str, description: str, epilog: str
) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(
        usage.split()[0],
        usage=f"recbench {usage} [options]",
        help=summary,
        description=description,
        epilog=epilog,
        formatter_class=_Help,
    )
    parser.set_defaults(command=run)
    return parser


def _add_run(commands: Any) -> None:
    parser = _add_command(
        commands,
        "run",
        _run,
        "fit and score recommenders, print the table",
        "Fit and score recommenders on one dataset, each in a process of its own, and print the table.\n"
        "Finished jobs are kept under --out: the same command, run again, fits only what is missing.",
        _examples(
            ("recbench run", "all built-in recommenders on MovieLens-100K, one training seed"),
            ("recbench run -r popularity -r ease:reg=500 --seeds 0-2", "two recommenders, three seeds for random ones"),
            ("recbench run -r mlp:layers=64-32-16,epochs=20", "parameters; `recbench list` shows their names"),
            ("recbench run --plugin my_model.py:Mine", "all built-ins and the class Mine"),
            ("recbench run --plugin my_model.py:Mine -r mine:reg=3", "only Mine, with a parameter"),
            ("recbench run --dataset ratings.csv --columns user=who,item=what,timestamp=t", "your own data"),
            ("recbench run --dataset ncf:data/ml-1m -r ease:reg=1320", "the NCF paper's three files data/ml-1m.*"),
            ("recbench run --early-stopping 5 -r neumf", "choose the epochs on validation, refit, score once"),
        )
        + "\n\nexit code: 0, all rows have figures; 1, the table is there but a job failed; 2, bad input",
    )
    _add_data_options(
        parser,
        default="ml-100k; only if none is named and that one cannot be had, synthetic data, and the title says so",
    )
    _add_suite_options(parser)
    group = parser.add_argument_group("running")
    group.add_argument("--seeds", type=_seeds, default="0", metavar="LIST", help="training seeds: 0 or 0,1,2 or 0-2")
    group.add_argument(
        "--early-stopping",
        type=_positive,
        metavar="PATIENCE",
        help="for recommenders that learn in epochs: stop when validation NDCG@10 has not risen for PATIENCE epochs, "
        "then refit with the best number of them (default: fit the epochs given)",
    )
    group.add_argument(
        "--full-limit",
        type=_positive,
        default=1_000_000_000,
        metavar="PAIRS",
        help="rank the full catalogue only up to this many (user, item) pairs",
    )
    _add_machine_options(group)
    group = parser.add_argument_group("output")
    group.add_argument("--out", type=Path, metavar="FOLDER", help="where records go (default: runs/DATASET)")
    _add_table_options(group)


def _add_table(commands: Any) -> None:
    parser = _add_command(
        commands,
        "table RESULTS",
        _table,
        "print the table of stored results again",
        "Print the table of stored results. Nothing is fitted: the table is a function of the records.",
        _examples(
            ("recbench table runs/ml-100k", "as `recbench run` printed it"),
            ("recbench table runs/ml-100k --k 5,10,20", "more cut-offs, from the stored ranks"),
            ("recbench table runs/ml-100k --format latex", "for a paper (needs booktabs)"),
            ("recbench table runs/ml-100k --format csv", "every figure, unrounded"),
        ),
    )
    parser.add_argument("results", type=Path, metavar="RESULTS", help="the --out folder of a run")
    _add_table_options(parser)


def _add_list(commands: Any) -> None:
    parser = _add_command(
        commands,
        "list",
        _list,
        "show the recommenders and their parameters",
        "Show the recommenders that `recbench run -r` knows: parameters with defaults, where each comes from,\n"
        "and those of installed packages that do not load.",
        _examples(
            ("recbench list", "built-ins and those of installed packages"),
            ("recbench list --plugin my_model.py", "yours, too"),
        ),
    )
    _add_plugin_option(parser)


def _add_datasets(commands: Any) -> None:
    _add_command(
        commands,
        "datasets",
        _datasets,
        "show the datasets, their terms and whether they are at hand",
        "Show the datasets that --dataset knows, their terms, and whether each is at hand. Nothing is fetched.",
        _examples(
            ("recbench datasets", "what there is"),
            ("recbench run --dataset ml-1m", "use one (fetched when it is first named)"),
            ("recbench run --dataset synthetic:200x100x5000", "generated: users x items x interactions"),
        ),
    )


def _add_check(commands: Any) -> None:
    parser = _add_command(
        commands,
        "check NAME|FILE.py[:Name]",
        _check,
        "test whether a recommender keeps the contract",
        "Test whether a recommender keeps the contract, on a small synthetic dataset.",
        _examples(
            ("recbench check my_model.py", "the class in it that has fit and score"),
            ("recbench check my_model.py:Mine", "the class Mine"),
            ("recbench check ease:reg=100", "a built-in, with a parameter"),
        )
        + "\n\nexit code: 0, all checks passed; 1, some failed; 2, it could not be loaded",
    )
    parser.add_argument(
        "recommender", metavar="NAME|FILE.py[:Name]", help="a name that `recbench list` shows, or a file with a class"
    )


def _add_doctor(commands: Any) -> None:
    _add_command(
        commands,
        "doctor",
        _doctor,
        "test this installation",
        "Test this installation: packages, threads, cache, data, plug-ins, and the pipeline itself\n"
        "(a random recommender must score what chance gives).",
        _examples(("recbench doctor", "one line each: ok, warn or fail"))
        + "\n\nexit code: 0, nothing failed (there may be warnings); 1, something failed",
    )


def _add_select(commands: Any) -> None:
    parser = _add_command(
        commands,
        "select GRID.toml",
        _select,
        "choose hyper-parameters on the validation task",
        "Try every combination of a grid on the validation task, and write what was tried (trials.csv) and\n"
        "what was best by mean NDCG@10 over seeds (selected.toml). The test task is never scored.\n"
        "Run again, it tries only what is missing.",
        _examples(
            ("recbench select grid.toml", "on MovieLens-100K, into runs/selection/ml-100k"),
            ("recbench select grid.toml --seeds 0,1 --jobs 2 --threads 1", "two seeds, two trials at a time"),
        )
        + "\n\ngrid.toml has a table per recommender; lists are tried in full product, scalars are fixed:\n"
        "  [ease]\n"
        "  reg = [100, 200, 500]\n"
        "\n"
        "  [mlp]\n"
        "  learning_rate = [0.001, 0.003]\n"
        '  layers = ["64-32-16", "128-64"]\n'
        "  epochs = 60            # the most; the best number of them is chosen",
    )
    parser.add_argument("grid", type=Path, metavar="GRID.toml", help="what to try")
    _add_data_options(parser, default="ml-100k")
    _add_plugin_option(parser)
    group = parser.add_argument_group("running")
    group.add_argument("--seeds", type=_seeds, default="0", metavar="LIST", help="training seeds: 0 or 0,1,2 or 0-2")
    group.add_argument(
        "--patience",
        type=_positive,
        default=5,
        metavar="EPOCHS",
        help="stop a trial when validation NDCG@10 has not risen for this many epochs",
    )
    _add_machine_options(group)
    group.add_argument(
        "--jobs", type=_positive, default=1, metavar="N", help="trials at once; give each few enough --threads"
    )
    group.add_argument("--out", type=Path, metavar="FOLDER", help="where results go (default: runs/selection/DATASET)")


def _add_data_options(parser: argparse.ArgumentParser, default: str) -> None:
    group = parser.add_argument_group("data")
    group.add_argument(
        "--dataset",
        metavar="NAME|PATH",
        help=f"a name that `recbench datasets` shows, or a file of interactions (default: {default})",
    )
    group.add_argument(
        "--columns",
        type=_columns,
        metavar="user=A,item=B,...",
        help="names of the columns user, item, timestamp and rating where they are others",
    )
    group.add_argument(
        "--min-rating", type=float, metavar="R", help="leave out interactions rated lower (default: keep all)"
    )
    group.add_argument(
        "--core",
        type=_positive,
        metavar="N",
        help="keep users and items with at least N interactions each (default: keep all)",
    )
    group.add_argument(
        "--data-dir",
        type=Path,
        metavar="FOLDER",
        help="look here for named datasets first (default: the environment's RECBENCH_DATA, then the cache)",
    )
    group.add_argument(
        "--protocol-seed", type=int, default=0, metavar="SEED", help="decides the order of ties and the candidates"
    )
    group.add_argument(
        "--negatives",
        type=_positive,
        default=100,
        metavar="N",
        help="untouched items to rank each held-out item against",
    )
    group.add_argument(
        "--short-users",
        choices=("error", "drop", "all"),
        default="error",
        help="users with fewer untouched items than that: stop, leave them out, or rank against all they have",
    )


def _add_suite_options(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("recommenders")
    group.add_argument(
        "--recommender",
        "-r",
        action="append",
        default=[],
        dest="recommenders",
        metavar="NAME[:PARAM=VALUE,...]",
        help="a recommender with parameters; may be given many times (default: all built-ins)",
    )
    _add_plugin_option(group)


def _add_plugin_option(parser: Any) -> None:
    parser.add_argument(
        "--plugin",
        action="append",
        default=[],
        dest="plugins",
        metavar="FILE.py[:Name]",
        help="add a class with fit and score from a file; may be given many times",
    )


def _add_machine_options(parser: Any) -> None:
    parser.add_argument(
        "--threads", type=_positive, metavar="N", help="threads of a job (default: the physical cores it may use)"
    )
    parser.add_argument(
        "--timeout", type=_seconds, default=3600, metavar="SECONDS", help="stop a job that takes longer"
    )


def _add_table_options(parser: Any) -> None:
    parser.add_argument(
        "--format",
        choices=FORMATS,
        default="terminal",
        metavar="FORMAT",
        help=f"one of {', '.join(FORMATS)}",
    )
    parser.add_argument(
        "--k",
        type=_cutoffs,
        default="10",
        metavar="LIST",
        help="cut-offs of HR and NDCG, as in 5,10,20; the first sorts",
    )


def _seeds(text: str) -> tuple[int, ...]:
    """Parse ``0``, ``0,1,2`` and ``0-2``; ascending, each once."""
    seeds: set[int] = set()
    for part in text.split(","):
        first, dash, last = part.partition("-")
        if not first.strip().isdecimal() or (dash and not last.strip().isdecimal()):
            raise argparse.ArgumentTypeError(f"{text!r} is no list of seeds; write 0 or 0,1,2 or 0-2")
        seeds.update(range(int(first), int(last or first) + 1))
    if not seeds:
        raise argparse.ArgumentTypeError(f"{text!r} names no seed; write the lower one first, as in 0-2")
    return tuple(sorted(seeds))


def _cutoffs(text: str) -> tuple[int, ...]:
    """Parse ``10`` and ``5,10,20``; in the order given, each once."""
    parts = [part.strip() for part in text.split(",")]
    if not all(part.isdecimal() and int(part) > 0 for part in parts):
        raise argparse.ArgumentTypeError(f"{text!r} is no list of cut-offs; write 10 or 5,10,20")
    return tuple(dict.fromkeys(int(part) for part in parts))


def _positive(text: str) -> int:
    plain = text.replace("_", "").replace(",", "")
    if not plain.isdecimal() or int(plain) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number above 0")
    return int(plain)


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is no number of seconds above 0")
    return seconds


def _columns(text: str) -> dict[str, str]:
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


def _data(arguments: argparse.Namespace) -> Data:
    from bench.api import Data

    names = ("dataset", "columns", "min_rating", "core", "data_dir", "protocol_seed", "negatives", "short_users")
    return Data(**{name: getattr(arguments, name) for name in names})


def _run(arguments: argparse.Namespace) -> int:
    from bench import api
    from bench.table import render

    outcome = api.run_records(
        _data(arguments),
        arguments.recommenders or None,
        plugins=arguments.plugins,
        seeds=arguments.seeds,
        early_stopping=arguments.early_stopping,
        full_limit=arguments.full_limit,
        threads=arguments.threads,
        timeout=arguments.timeout,
        out=arguments.out,
    )
    print(render(outcome.records, arguments.format, arguments.k, styled=_styled()), end="")
    return EXIT_FAILED if outcome.n_failed else EXIT_OK


def _table(arguments: argparse.Namespace) -> int:
    from bench import api
    from bench.table import render

    print(render(api.stored_records(arguments.results), arguments.format, arguments.k, styled=_styled()), end="")
    return EXIT_OK


def _styled() -> bool:
    """Return whether standard output shows bold type (https://no-color.org, and dumb terminals)."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def _list(arguments: argparse.Namespace) -> int:
    from bench.catalogue import listed_recommenders, recommender_text

    print(recommender_text(listed_recommenders(arguments.plugins)), end="")
    return EXIT_OK


def _datasets(_: argparse.Namespace) -> int:
    from bench.catalogue import dataset_text

    print(dataset_text(), end="")
    return EXIT_OK


def _check(arguments: argparse.Namespace) -> int:
    from bench.api import iter_checks

    results = iter_checks(arguments.recommender)
    return _report((result.name, "ok" if result.passed else "fail", result.message) for result in results)


def _doctor(_: argparse.Namespace) -> int:
    from bench.diagnosis import examine

    return _report((finding.name, finding.status, finding.message) for finding in examine())


def _report(outcomes: Iterable[tuple[str, str, str]]) -> int:
    """Print one line per outcome as it comes, then the sum; return the exit code."""
    counts = {"ok": 0, "warn": 0, "fail": 0}
    for name, status, message in outcomes:
        counts[status] += 1
        print(_outcome_text(name, status, message), flush=True)
    print(f"{counts['ok']} ok" + "".join(f", {counts[word]} {word}" for word in ("warn", "fail") if counts[word]))
    return EXIT_FAILED if counts["fail"] else EXIT_OK


def _outcome_text(name: str, status: str, message: str) -> str:
    import textwrap

    shown = f"{status:4}  {name}"
    if status == "ok":
        return f"{shown}: {message}" if message else shown
    return "\n".join((shown, *textwrap.wrap(message, 92, initial_indent=" " * 8, subsequent_indent=" " * 8)))


def _select(arguments: argparse.Namespace) -> int:
    from bench import api

    outcome = api.select_records(
        arguments.grid,
        _data(arguments),
        plugins=arguments.plugins,
        seeds=arguments.seeds,
        patience=arguments.patience,
        threads=arguments.threads,
        timeout=arguments.timeout,
        n_parallel=arguments.jobs,
        out=arguments.out,
    )
    print(outcome, end="")
    return EXIT_FAILED if outcome.n_failed else EXIT_OK
