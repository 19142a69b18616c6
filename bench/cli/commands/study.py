"""``recbench study``: recommenders on several datasets, and one table over them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.cli.job_options import (
    add_device_options,
    add_go_on_option,
    add_keep_models_option,
    add_place_option,
)
from bench.cli.options import (
    add_baseline_option,
    add_format_option,
    add_notes_option,
    option,
)
from bench.cli.parsing import EXIT_FAILED, EXIT_OK, add_command, examples
from bench.cli.printing import brief_screen
from bench.cli.streams import plugins_aside, print_error
from bench.names import VIEWS, study_formats
from protocol.errors import ProtocolError
from protocol.evaluation.metrics import METRICS

if TYPE_CHECKING:
    import argparse

    from bench.actions.study_results import StudyResults

EXAMPLE = Path("study.toml")


def add(commands: Any) -> None:
    """Add the command."""
    parser = add_command(
        commands,
        "study STUDY.toml",
        _run,
        "run recommenders on several datasets, print one table over them",
        "Run what a file describes: recommenders on several datasets, tuned on the validation task of each where the\n"
        "file gives a budget. Print one table over the datasets: figures with their marks, mean ranks with intervals,\n"
        "win rates, relative scores, and tests over datasets.\n"
        "Run again after a stop, it does only what is missing. A dataset that cannot be had costs its column.",
        examples(
            ("recbench study --new", "write study.toml, an example with comments that works as it is"),
            ("recbench study study.toml --dry-run", "how many jobs, and about how long they will take here"),
            ("recbench study study.toml", "do it, and print the table"),
            ("recbench study study.toml --format latex", "for a paper (needs booktabs)"),
            ("recbench table runs/study --metric HR", "another table of what is stored"),
            ("recbench run --dataset ml-100k --dataset ratings.csv -r ease -r als", "a study without a file"),
        )
        + "\n\nexit code: 0, all rows have figures; 1, the table was printed but a job failed or a dataset is lost; "
        "2, bad input",
    )
    parser.add_argument("study", type=Path, nargs="?", metavar="STUDY.toml", help="the file of the study")
    parser.add_argument("--new", action="store_true", help=f"write an example to STUDY.toml (default: {EXAMPLE})")
    parser.add_argument(
        "--dry-run", action="store_true", help="say how many jobs there are and about how long they take; stop"
    )
    parser.add_argument(
        "--out", type=Path, metavar="FOLDER", help="where results go (default: what the file says, or runs/STUDY)"
    )
    parser.add_argument("--refit", action="store_true", help="fit anew what is stored, too")
    add_keep_models_option(parser)
    add_device_options(parser)
    add_place_option(parser)
    add_go_on_option(parser)
    parser.set_defaults(keep_models=None, same_machine=None, go_on=None, device=None, precision=None)
    add_format_option(parser, study_formats())
    add_notes_option(parser)
    parser.add_argument(
        "--k", type=option("cutoff"), metavar="K", help="the cut-off (default: what the file says, or 10)"
    )
    parser.add_argument(
        "--metric",
        type=option("metric"),
        metavar="METRIC",
        help=f"one of {', '.join(METRICS)} (default: what the file says, or NDCG)",
    )
    parser.add_argument(
        "--view",
        type=option("view"),
        metavar="VIEW",
        help=f"one of {', '.join(VIEWS)} (default: what the file says, or the first one that all datasets have)",
    )
    add_baseline_option(parser)


def _run(arguments: argparse.Namespace) -> int:
    from bench import api

    if arguments.new:
        return _write_example(arguments.study or EXAMPLE)
    if arguments.study is None:
        raise ProtocolError("the file of the study is missing; name it, or write one with `recbench study --new`")
    if arguments.dry_run:
        return print_plan(arguments.study, arguments.out, refit=arguments.refit)
    with plugins_aside():
        results = api.study(
            arguments.study,
            out=arguments.out,
            k=arguments.k,
            metric=arguments.metric,
            view=arguments.view,
            baseline=arguments.baseline,
            refit=arguments.refit,
            device=arguments.device,
            precision=arguments.precision,
            on=arguments.on,
            same_machine=arguments.same_machine,
            go_on=arguments.go_on,
            keep_models=arguments.keep_models,
        )
    return print_study(results, arguments)


def _write_example(path: Path) -> int:
    from bench.studies.example import write_example

    write_example(path)
    print(f"{path}\n\nNext:\n  recbench study {path} --dry-run\n  recbench study {path}")
    return EXIT_OK


def print_plan(described: Any, out: Path | None, *, refit: bool = False, is_plain_run: bool = False, **how: Any) -> int:
    """Print how many jobs a study or a run has, and how long they will take.

    Parameters
    ----------
    described, how
        As `bench.actions.study.describe` takes them.
    out
        Where results go, if that is said.
    is_plain_run
        See `bench.studies.description.Study`.

    Raises
    ------
    ProtocolError
        If everything is to be fitted anew: then nothing that is stored counts.
    """
    from bench.actions.study import describe
    from bench.actions.study_jobs import plan

    if refit:
        raise ProtocolError(
            "--dry-run says what is missing, and with --refit all is fitted anew; leave one of them out"
        )
    with plugins_aside():
        found = describe(described, how, {})
        planned = plan(replace(found, out=out or found.out, is_plain_run=is_plain_run))
    print(planned)
    return EXIT_OK


def print_study(results: StudyResults, arguments: argparse.Namespace) -> int:
    """Print a table over datasets, and where the reasons of failures are; return the exit code."""
    from bench.records.store import DOCUMENT, RECORDS

    print(results.render(arguments.format, **brief_screen(arguments)), end="")
    for dataset in results.datasets:
        if any(record.failed for record in dataset.records):
            records = dataset.folder / RECORDS / "*" / DOCUMENT
            print_error(f"recbench: tracebacks, and what failed jobs printed: failure.detail in {records}")
    return EXIT_FAILED if results.n_failed or results.lost else EXIT_OK
