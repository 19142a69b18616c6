"""All that a record holds, as a text for people: sections of lines, wrapped at words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.names import CUTOFF, value_name
from bench.tables.record_facts import SECTIONS
from bench.tables.subject import rivals_of, subject_of
from bench.writing.filling import filled
from bench.writing.sheet import Block, Cell, Line
from bench.writing.terminal import grid_lines
from bench.writing.text import accuracy_text, count_text, spread_text
from bench.writing.text_chart import MISSING, chart_lines
from protocol.evaluation.metrics import METRICS, PRIMARY, default_metrics

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from bench.analysis.shown_record import ShownRecord
    from bench.records.outcome import EpochLine

LEAST_WIDTH, DEFAULT_WIDTH, MOST_WIDTH = 60, 100, 160
"""In columns; the second where there is no terminal."""

_INDENT = "  "
_LEAST_KEYWORD = 12
_CHART_WIDTH = 72


def record_text(shown: ShownRecord, width: int | None) -> str:
    """Return all that a record holds, ending in a newline.

    Parameters
    ----------
    width
        Of the terminal, in columns; None where there is none.
    """
    room = min(max(width or DEFAULT_WIDTH, LEAST_WIDTH), MOST_WIDTH)
    lines = [_wrapped(_title(shown), room)]
    for title, section in _sections(room):
        found = list(section(shown))
        if found:
            lines += ["", title, *found]
    return "\n".join((*lines, ""))


def _wrapped(text: str, width: int, first: str = "", others: str = "") -> str:
    """Break a text at blanks alone, so that a path or a digest can be copied whole."""
    return filled(text, width, first, others, keeps_words=True)


def _title(shown: ShownRecord) -> str:
    failure = shown.record.failure
    outcome = f": failed ({failure.kind})" if failure else ""
    return f"{shown.label}, seed {shown.record.seed}, on {subject_of(shown.record.task)}{outcome}"


def _sections(width: int) -> Iterator[tuple[str, Callable[[ShownRecord], Iterable[str]]]]:
    """Yield the sections in their order, each with what makes its lines; one without lines is left out."""
    texts = {title: _Facts(facts, width).lines for title, facts in SECTIONS.items()}
    yield "Failure", lambda shown: _failure_lines(shown, width)
    yield "Recommender", texts.pop("Recommender")
    yield "Accuracy", lambda shown: _accuracy_lines(shown, width)
    yield "Learning curve", lambda shown: _curve_lines(shown, width)
    yield from texts.items()


@dataclass(frozen=True)
class _Facts:
    """Makes lines of facts: a keyword and a text each."""

    facts: Callable[[ShownRecord], Iterable[tuple[str, str]]]
    width: int

    def lines(self, shown: ShownRecord) -> Iterator[str]:
        found = list(self.facts(shown))
        room = max([_LEAST_KEYWORD, *(len(keyword) for keyword, _ in found)]) + len(_INDENT)
        for keyword, text in found:
            first = f"{_INDENT}{keyword:{room}}"
            yield _wrapped(text, self.width, first, " " * len(first))


def _failure_lines(shown: ShownRecord, width: int) -> Iterator[str]:
    """Yield the message of a failure, then its traceback and what the job printed last."""
    failure = shown.record.failure
    if failure is None:
        return
    after = "" if failure.seconds is None else f" (after {failure.seconds:.1f} s)"
    yield _wrapped(f"{failure.message}{after}", width, _INDENT, _INDENT)
    if failure.detail and failure.detail.strip() != failure.message:
        yield ""
        for line in failure.detail.rstrip().split("\n"):
            text = line.lstrip()
            margin = _INDENT + " " * min(len(line) - len(text), width // 4)
            yield _wrapped(text, width, margin, f"{margin}    ").rstrip()


def _accuracy_lines(shown: ShownRecord, width: int) -> Iterator[str]:
    for view, means in shown.accuracy.items():
        figures = ", ".join(
            f"{value_name(view, metric, CUTOFF)} {accuracy_text(each.mean)} {spread_text(each.half_width)}".rstrip()
            for metric, each in means.items()
        )
        yield _wrapped(f"{figures}, against {rivals_of(shown.record.task, {}, view)}", width, _INDENT, _INDENT * 2)
    block = _slices_block(shown)
    if block is not None:
        yield ""
        yield from (f"{_INDENT}{line}" for line in grid_lines(block, width - len(_INDENT)))


def _slices_block(shown: ShownRecord) -> Block | None:
    """Return the slices as a table: a row each, the metrics beside each other; None where none are known."""
    columns = [shown.slices.get(metric, ()) for metric in default_metrics()]
    if not columns or len(columns[0]) < 2:
        return None
    headers = (("slice of users", ""), ("users", ""))
    metrics = tuple((value_name(shown.views[0], metric, CUTOFF), "") for metric in default_metrics())
    lines = [
        Line(
            each[0].title,
            (
                Cell(f"{each[0].n_users:,}"),
                *(Cell(accuracy_text(one.interval.mean), spread_text(one.interval.half_width)) for one in each),
            ),
        )
        for each in zip(*columns, strict=True)
    ]
    return Block((*headers, *metrics), tuple(lines))


def _curve_lines(shown: ShownRecord, width: int) -> Iterator[str]:
    """Yield charts: the measure that chose the epochs, and the loss of fitting."""
    record = shown.record
    if record.selection is not None:
        best, label = record.selection.best_epoch, METRICS[PRIMARY].label(CUTOFF)
        yield f"{_INDENT}{label} on the validation task, by epoch; O: the best, {best}"
        yield from _chart(record.selection.curve, lambda line: line.ndcg, width, best)
    if record.curve:
        yield f"{_INDENT}loss of fitting, by epoch"
        yield from _chart(record.curve, lambda line: line.loss, width)


def _chart(
    curve: Sequence[EpochLine], value: Callable[[EpochLine], float | None], width: int, best: int | None = None
) -> Iterator[str]:
    points = [(line.epoch, value(line)) for line in curve]
    lines = chart_lines(points, min(width - len(_INDENT), _CHART_WIDTH), marked=best)
    yield from (f"{_INDENT}{line}" for line in lines)
    n_lost = sum(number is None for _, number in points)
    if n_lost:
        yield f"{_INDENT}{MISSING}: not finite, {count_text(n_lost, 'epoch')}"
