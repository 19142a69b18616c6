"""``recbench timing``: time code against a baseline.

The recommenders are imported in the pytest process that times them, on purpose: what is timed is a call there.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.cli.options import add_format_option, option
from bench.cli.parsing import EXIT_FAILED, EXIT_OK, EXIT_UNCLEAR, add_command, examples
from bench.cli.printing import screen_options
from bench.cli.streams import print_error
from protocol.errors import RecbenchError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from bench.timing.storage import Asked
    from bench.timing.timings import Measured
    from bench.timing.verdicts import BenchmarkRow

DEFAULT_SESSIONS = 5

DEFAULT_BASELINE = Path("timing-baseline.json")

INSENSITIVE = 1.33
"""The command warns of a benchmark whose smallest detectable ratio is larger."""


def add(commands: Any) -> None:
    """Add the command."""
    parser = add_command(
        commands,
        "timing TESTS ...",
        _run,
        "test whether code has become slower",
        "Test whether code has become slower. The benchmarks in TESTS run in a fresh pytest process, one thread each;\n"
        "every time is divided by that of a reference workload around it, so that a busy machine raises no alarm.\n"
        "Benchmarks that seem slower than the baseline are measured twice more. Needs the extra timing.\n"
        "\n"
        "The files are pytest-benchmark's: a run that `pytest --benchmark-autosave` stored can be judged or be the\n"
        "baseline here, and `pytest --benchmark-compare` reads what is stored here.",
        examples(
            ("recbench timing test_my_timing.py --save", "measure a baseline: several sessions"),
            ("recbench timing test_my_timing.py", "compare with it"),
            ("recbench timing test_my_timing.py --fail-on-unclear", "exit code 3 where noise hides the answer"),
            ("recbench timing report.json", "judge a report of pytest --benchmark-json"),
            ("recbench timing test_my_timing.py --benchmark-compare", "compare with the run that was stored last"),
        )
        + "\n\nexit code: 0, nothing is slower; 1, a benchmark is slower or missing; 2, nothing was compared; 3, only\n"
        "with --fail-on-unclear: none is slower or missing, and one is unclear\n\n"
        "In CI, bench/timing/guard.sh measures a change and the commit before it on one machine;\n"
        "bench/timing/README.md says how.",
        extra="timing",
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
        metavar="FILE",
        help="the baseline to compare with, which may be a report of pytest-benchmark, too; and the file that --save "
        f"writes (default: {DEFAULT_BASELINE})",
    )
    parser.add_argument(
        "--save", action="store_true", help="save the measured times as the baseline; nothing is judged"
    )
    parser.add_argument(
        "--sessions",
        type=option("sessions"),
        default=DEFAULT_SESSIONS,
        metavar="N",
        help="the number of sessions that --save measures; their differences show the noise",
    )
    parser.add_argument(
        "--fail-on-unclear",
        action="store_true",
        help=f"end with {EXIT_UNCLEAR} where no benchmark is slower or missing, and one is unclear: slower beyond the "
        "tolerance, and not beyond the noise",
    )
    add_format_option(parser)
    _add_options_of_pytest_benchmark(parser)


def _add_options_of_pytest_benchmark(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group(
        "pytest-benchmark",
        "its own options, for the first session alone; its figures are in seconds",
    )
    group.add_argument(
        "--benchmark-json", type=Path, dest="json", metavar="FILE", help="write its report, with all rounds"
    )
    group.add_argument("--benchmark-autosave", action="store_true", dest="autosave", help="store the run")
    group.add_argument("--benchmark-save", dest="save_as", metavar="NAME", help="store the run under this name")
    group.add_argument(
        "--benchmark-save-data", action="store_true", dest="save_data", help="store all rounds of the run, too"
    )
    group.add_argument(
        "--benchmark-storage",
        dest="storage",
        metavar="URI",
        help="where runs are stored (default: file://./.benchmarks)",
    )
    group.add_argument(
        "--benchmark-compare",
        nargs="?",
        const="",
        dest="compare",
        metavar="NUM",
        help="compare with stored runs in place of a baseline, several as sessions of one, as in 0001 or '000[1-5]' "
        "(without NUM: the last); its own table in seconds goes to standard error",
    )
    group.add_argument(
        "--benchmark-histogram",
        nargs="?",
        const="",
        dest="histogram",
        metavar="PREFIX",
        help="draw the rounds as PREFIX.svg, beside those of compared runs",
    )


def _run(arguments: argparse.Namespace) -> int:
    from bench.timing.storage import Asked

    asked = Asked(
        json=arguments.json,
        autosave=arguments.autosave,
        save=arguments.save_as,
        save_data=arguments.save_data,
        storage=arguments.storage,
        compare=arguments.compare,
        histogram=arguments.histogram,
    )
    if asked.writes and _reports(arguments.tests):
        raise RecbenchError(
            "found reports (.json), and options of pytest-benchmark about a session: nothing runs; leave them out, or "
            "name tests"
        )
    if asked.compare is not None and (arguments.save or arguments.baseline):
        other = "--save, which compares nothing" if arguments.save else "--baseline"
        raise RecbenchError(f"found --benchmark-compare and {other}; leave one out")
    return _save(arguments, asked) if arguments.save else _judge(arguments, asked)


def _save(arguments: argparse.Namespace, asked: Asked) -> int:
    from bench.timing.baseline import write_baseline
    from bench.timing.timings import joined
    from bench.writing.text import count_text

    place = arguments.baseline or DEFAULT_BASELINE
    sessions = _sessions(arguments.tests, arguments.sessions, asked)
    measured = joined(sessions)
    write_baseline(place, measured)
    counts = count_text(len(measured.timings), "benchmark"), count_text(len(sessions), "session")
    print(f"{place}: {', '.join(counts)}")
    _print_sensitivity(measured)
    return EXIT_OK


def _print_sensitivity(baseline: Measured) -> None:
    """Print which slow-downs the baseline can show, and warn of benchmarks that are too noisy."""
    from bench.timing.gate import N_REPEATS
    from bench.timing.timings import FEWEST_FOR_SPREAD
    from bench.timing.verdicts import detectable

    ratios = {name: detectable(timing, 1 + N_REPEATS) for name, timing in baseline.timings.items()}
    least, most = min(ratios.values()), max(ratios.values())
    print(f"caught 19 times in 20: {least:.2f} to {most:.2f} times the time, depending on the benchmark")
    noisy = [f"{name} (from {ratio:.2f})" for name, ratio in ratios.items() if ratio > INSENSITIVE]
    if noisy:
        _warn(
            f"a slow-down of a third can go unnoticed in {', '.join(noisy)}; save again on a quieter machine, or with "
            "more --sessions"
        )
    if any(len(timing.medians) < FEWEST_FOR_SPREAD for timing in baseline.timings.values()):
        _warn(f"{FEWEST_FOR_SPREAD} sessions are needed to measure how they differ; the noise is understated")


def _warn(text: str) -> None:
    print_error(f"recbench: warning: {text}")


def _judge(arguments: argparse.Namespace, asked: Asked) -> int:
    from bench.timing.gate import N_REPEATS, judge_patiently
    from bench.timing.sessions import run_session
    from bench.timing.timings import joined
    from bench.timing.verdict_table import render

    # Before the session, which may be stored as the last one.
    baseline = _asked_for(_baseline(arguments, asked), arguments.tests)
    now = joined(_sessions(arguments.tests, 1, asked))
    rows = judge_patiently(
        now,
        baseline,
        lambda names: run_session(arguments.tests, names),
        0 if _reports(arguments.tests) else N_REPEATS,
    )
    print(render(rows, now.environment, baseline.environment, arguments.format, **screen_options()), end="")
    return _exit_code(rows, fails_on_unclear=arguments.fail_on_unclear)


def _exit_code(rows: Sequence[BenchmarkRow], *, fails_on_unclear: bool) -> int:
    from bench.timing.verdicts import FAILURES

    verdicts = {row.verdict for row in rows}
    if verdicts.intersection(FAILURES):
        return EXIT_FAILED
    return EXIT_UNCLEAR if fails_on_unclear and "unclear" in verdicts else EXIT_OK


def _baseline(arguments: argparse.Namespace, asked: Asked) -> Measured:
    """Return what is compared with: a baseline, or runs that pytest-benchmark stored."""
    from bench.timing.baseline import read_baseline
    from bench.timing.sessions import check_installed, read_session
    from bench.timing.storage import stored_runs
    from bench.timing.timings import joined

    if asked.compare is None:
        return read_baseline(arguments.baseline or DEFAULT_BASELINE)
    check_installed()
    return joined(read_session(path) for path in stored_runs(asked.compare, asked.storage))


def _asked_for(baseline: Measured, tests: Sequence[str]) -> Measured:
    """Return the baseline of the benchmarks in the tests; all of it if reports were given."""
    from bench.timing.sessions import covers
    from bench.timing.timings import Measured

    if _reports(tests):
        return baseline
    timings = {name: one for name, one in baseline.timings.items() if any(covers(test, name) for test in tests)}
    return Measured(baseline.environment, timings)


def _sessions(tests: Sequence[str], n_sessions: int, asked: Asked) -> list[Measured]:
    """Return a session for each report; without reports, run ``n_sessions``, the first as it is asked for."""
    from bench.timing.sessions import read_session, run_session

    reports = [read_session(path) for path in _reports(tests)]
    return reports or [run_session(tests, None, asked), *(run_session(tests) for _ in range(n_sessions - 1))]


def _reports(tests: Sequence[str]) -> list[Path]:
    """Return the reports among the arguments.

    Raises
    ------
    RecbenchError
        If there are both reports and tests.
    """
    reports = [Path(name) for name in tests if name.endswith(".json")]
    if reports and len(reports) < len(tests):
        raise RecbenchError(
            "found reports (.json) and tests, expected only one kind: run the command once for each kind"
        )
    return reports
