"""``recbench timing``: time code against a baseline."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.options import add_format_option, positive
from bench.parsing import EXIT_FAILED, EXIT_OK, add_command, examples
from bench.showing import is_styled
from protocol.errors import RecbenchError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from bench.timing.timings import Measured

DEFAULT_SESSIONS = 5


def add(commands: Any) -> None:
    """Add the command."""
    parser = add_command(
        commands,
        "timing TESTS ...",
        _run,
        "test whether code has become slower",
        "Test whether code has become slower. The benchmarks in TESTS run in a fresh pytest process, one thread each;\n"
        "every time is divided by that of a reference workload around it, so that a busy machine is no alarm. What\n"
        "seems slower than the baseline is measured up to twice more.",
        examples(
            ("recbench timing test_my_timing.py --save", "measure a baseline: several sessions"),
            ("recbench timing test_my_timing.py", "compare with it"),
            ("recbench timing report.json", "judge what pytest --benchmark-json wrote"),
        )
        + "\n\nexit code: 0, nothing is slower; 1, something is; 2, it could not be measured",
    )
    parser.add_argument(
        "tests",
        nargs="+",
        metavar="TESTS",
        help="files and folders of pytest benchmarks made with bench.timing; or reports (.json) of such, one a session",
    )
    parser.add_argument(
        "--baseline",
        type=Path,
        default=Path("timing-baseline.json"),
        metavar="FILE",
        help="what to compare with, and where --save writes",
    )
    parser.add_argument("--save", action="store_true", help="write what is measured as the baseline; nothing is judged")
    parser.add_argument(
        "--sessions",
        type=positive,
        default=DEFAULT_SESSIONS,
        metavar="N",
        help="how many sessions --save measures; how they differ is the noise",
    )
    add_format_option(parser)


def _run(arguments: argparse.Namespace) -> int:
    return _save(arguments) if arguments.save else _judge(arguments)


def _save(arguments: argparse.Namespace) -> int:
    from bench.sheet import count_text
    from bench.timing.baseline import write_baseline
    from bench.timing.timings import joined

    sessions = _sessions(arguments.tests, arguments.sessions)
    write_baseline(arguments.baseline, joined(sessions))
    counts = count_text(len(sessions[0].timings), "benchmark"), count_text(len(sessions), "session")
    print(f"{arguments.baseline}: {', '.join(counts)}")
    return EXIT_OK


def _judge(arguments: argparse.Namespace) -> int:
    from bench.timing.baseline import read_baseline
    from bench.timing.gate import MOST_REPEATS, judge_patiently
    from bench.timing.sessions import run_session
    from bench.timing.timings import joined
    from bench.timing.verdict_table import render

    baseline = read_baseline(arguments.baseline)
    now = joined(_sessions(arguments.tests, 1))
    rows = judge_patiently(
        now,
        baseline,
        lambda names: run_session(arguments.tests, names),
        0 if _reports(arguments.tests) else MOST_REPEATS,
    )
    print(render(rows, now.environment, baseline.environment, arguments.format, styled=is_styled()), end="")
    return EXIT_FAILED if any(row.verdict == "slower" for row in rows) else EXIT_OK


def _sessions(tests: Sequence[str], n_sessions: int) -> list[Measured]:
    """Return a session for each report, or run so many."""
    from bench.timing.sessions import read_session, run_session

    return [read_session(path) for path in _reports(tests)] or [run_session(tests) for _ in range(n_sessions)]


def _reports(tests: Sequence[str]) -> list[Path]:
    """Return the reports that were given; there are some, or tests, not both.

    Raises
    ------
    RecbenchError
        If both are given.
    """
    reports = [Path(name) for name in tests if name.endswith(".json")]
    if reports and len(reports) < len(tests):
        raise RecbenchError("found reports (.json) and tests, expected only one kind: run the command for each")
    return reports
