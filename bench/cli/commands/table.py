"""``recbench table``: print the table of stored results."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.cli.options import add_label_option, add_table_options, table_options
from bench.cli.parsing import EXIT_OK, add_command, examples
from bench.cli.printing import brief_screen
from bench.names import FORMATS, check_known, study_formats

if TYPE_CHECKING:
    import argparse


def add(commands: Any) -> None:
    """Add the command."""
    parser = add_command(
        commands,
        "table RESULTS ...",
        _run,
        "print the table of stored results again",
        "Print the table of stored results. Nothing is fitted: the table is a function of the records.\n\n"
        "Where a terminal is too narrow, the least important columns are left out, and a note below names them: cpu,\n"
        "build, peak, score, select and fit; then, of the last cut-off, NDCG in the other views, the other metrics,\n"
        "and NDCG; then those of the cut-off before it. The NDCG that sorts the rows stays. A pipe or a file gets all\n"
        "columns.\n\n"
        "Several folders, each of one dataset, or the folder of a study give a table over the datasets: figures with\n"
        "their marks, mean ranks with intervals, win rates, relative scores, and tests over datasets. It shows one\n"
        "cut-off, metric and view.",
        examples(
            ("recbench table runs/ml-100k", "as `recbench run` printed it"),
            ("recbench table runs/ml-100k --k 5,10,20", "more cut-offs, from the stored ranks"),
            ("recbench table runs/ml-100k --metric HR,NDCG,MRR,AUC", "more metrics, from the stored ranks"),
            ("recbench table runs/ml-100k --view expected", "another of three views: the mean over all draws"),
            ("recbench table runs/ml-100k --baseline ease", "tests against one row, named beforehand"),
            ("recbench table runs/ml-100k --beyond-accuracy", "coverage, popularity and novelty"),
            ("recbench table runs/ml-100k --slices", "by activity of the user and popularity of the item"),
            ("recbench table runs/ml-100k --label 'ease=EASE (ours)'", "a name of your own for a row"),
            ("recbench table runs/ml-100k --format latex", "for a paper (needs booktabs)"),
            ("recbench table runs/ml-100k --format csv", "all values, unrounded"),
            ("recbench table runs/ml-100k runs/ml-1m", "over both datasets"),
            ("recbench table runs/my-study --format csv-long", "a line for each recommender and dataset"),
        ),
    )
    parser.add_argument(
        "results", type=Path, nargs="+", metavar="RESULTS", help="the --out folder of a run, several, or one of a study"
    )
    add_label_option(parser, "in this table alone")
    add_table_options(parser, study_formats())


def _run(arguments: argparse.Namespace) -> int:
    from bench import api
    from bench.records.results_folders import is_study

    folders = arguments.results
    is_one = len(folders) == 1 and not is_study(folders[0])
    if is_one:
        check_known("table format", arguments.format, FORMATS)
    results = api.table(folders[0] if is_one else folders, labels=arguments.labels, **table_options(arguments))
    print(results.render(arguments.format, **brief_screen(arguments)), end="")
    return EXIT_OK
