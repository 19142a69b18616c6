"""One of ours beside the same model of another library, and where ours loses: what both pages of peers share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from bench.analysis.head_to_head import compare_rows
from bench.analysis.significance import ALPHA
from bench.writing.text import accuracy_text, amount_text, difference_text, p_text, spread_text
from protocol.evaluation.statistics import Comparison, holm

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bench.analysis.rows import Row
    from bench.records.store import Record

CLEARLY_SLOWER = 1.1
"""Ours loses if it takes more than this many times as long as theirs: times of equal fits differ by some per cent."""


@dataclass(frozen=True)
class Pair:
    """Ours and theirs.

    Parameters
    ----------
    difference
        Ours minus theirs, of NDCG@10.
    p_holm
        Corrected over all pairs of the page.
    """

    ours: Row
    theirs: Row
    difference: Comparison
    p_holm: float

    @property
    def both(self) -> tuple[Row, Row]:
        """Ours and theirs."""
        return self.ours, self.theirs

    @property
    def title(self) -> str:
        """Our model against theirs."""
        return f"`{name_of(self.ours)}` to `{name_of(self.theirs)}`"


def compared(records: Sequence[Record], rows: Sequence[tuple[Row, Row]]) -> list[Pair]:
    """Return the pairs of rows, each of ours and theirs, with tests that are corrected over all of them."""
    found = [compare_rows(records, ours.label, theirs.label).slices[0].comparison for ours, theirs in rows]
    corrected = holm([each.p_value for each in found]).tolist()
    return [Pair(*both, *rest) for both, *rest in zip(rows, found, corrected, strict=True)]


def name_of(row: Row) -> str:
    """Return the name of a row's recommender, without parameters."""
    return row.recommender.name


def ndcg_of(row: Row) -> float:
    """Return a row's NDCG@10."""
    return row.accuracy["NDCG@10"].mean


def accuracy_cells(pair: Pair) -> list[str]:
    """Return the cells NDCG@10, difference and p."""
    comparison = pair.difference
    return [
        " / ".join(accuracy_text(ndcg_of(row)) for row in pair.both),
        f"{difference_text(comparison.difference)} {spread_text(comparison.high - comparison.difference)}",
        p_text(pair.p_holm),
    ]


def time_cells(pair: Pair) -> list[str]:
    """Return the cells fit s and score µs."""
    return [
        " / ".join(amount_text(row.fit_seconds) for row in pair.both),
        " / ".join(amount_text(row.score_us_per_user) for row in pair.both),
    ]


def losses(found: Sequence[Pair], parameters: str) -> Iterator[str]:
    """Yield the section that says where ours loses.

    Parameters
    ----------
    parameters
        What the times are of, such as ``each with its own tuned parameters``.
    """
    yield "## Where our models lose"
    yield ""
    lower = [pair for pair in found if difference_text(pair.difference.difference).startswith("-")]
    tested = [pair for pair in lower if pair.p_holm <= ALPHA]
    alone = [pair for pair in lower if pair.p_holm > ALPHA and pair.difference.high < 0]
    others = [pair for pair in lower if pair not in tested and pair not in alone]
    for what, some in (
        ("by the corrected test", tested),
        ("by the uncorrected interval only", alone),
        ("lower here, possibly by chance", others),
    ):
        yield f"- NDCG@10, {what}: {listed([_by(pair) for pair in some])}."
    yield f"- Times, {parameters}:"
    yield f"  - fitting: {listed(_slower(found, 'fit_seconds'))};"
    yield f"  - scoring: {listed(_slower(found, 'score_us_per_user'))}."
    yield ""


def listed(texts: Sequence[str]) -> str:
    """Return texts in one line."""
    return "; ".join(texts) or "nowhere"


def _by(pair: Pair) -> str:
    return f"{pair.title} by {accuracy_text(-pair.difference.difference)}"


def _slower(found: Sequence[Pair], time: Literal["fit_seconds", "score_us_per_user"]) -> list[str]:
    ratios = [(pair.title, getattr(pair.ours, time) / getattr(pair.theirs, time)) for pair in found]
    return [f"{title}, {amount_text(ratio)} times as long" for title, ratio in ratios if ratio > CLEARLY_SLOWER]
