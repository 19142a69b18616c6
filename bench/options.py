"""The values of options, read in the same way and with the same errors in Python and on the command line.

In Python an option takes the text that the command line takes, or the value itself: ``seeds="0-2"``, ``seeds=3``,
``seeds=[0, 1]``, ``memory="4GiB"``. A wrong one is an error before anything is fitted.

Each reader raises `ProtocolError` for a value that its option does not take; the message says what to write.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from bench.machine.devices.words import PRECISIONS
from bench.names import CHART_WIDTHS, LEAST_CHART_WIDTH, MOST_CHART_WIDTH, VIEWS, check_known
from protocol.data.settled import IDS, MISSING
from protocol.errors import ProtocolError
from protocol.evaluation.metrics import check_metric, check_metrics
from protocol.tasks.split_rule import parse_rule

if TYPE_CHECKING:
    from bench.names import View

DEFAULT_FULL_LIMIT = 1_000_000_000
"""(user, item) pairs."""

DEFAULT_TIMEOUT = 3600.0
"""Seconds."""

DEFAULT_CHECK_TIMEOUT = 120.0
"""Seconds; of one conformance check."""

DEFAULT_PATIENCE = 5
"""Epochs; of a search."""

MOST_SEEDS = 10_000
"""In one range: more are a slip of the pen."""

MOST_SPLITS = 1_000
"""Of one dataset in one table: more are a slip of the pen."""

MOST_DIGITS = 100
"""Of a whole number in text: Python reads no more than a few thousand, and no option needs as many."""

COLUMNS = ("user", "item", "timestamp", "rating")
SHORT_USERS = ("error", "drop", "all")


def read(name: str, value: Any) -> Any:
    """Return the value of an option as the harness takes it.

    Parameters
    ----------
    name
        One of `READERS`.
    value
        As given in Python, or the text of the command line.

    Raises
    ------
    ProtocolError
        If the option does not take the value; names the option.
    """
    try:
        return READERS[name](value)
    except ProtocolError as error:
        raise ProtocolError(f"{name}: {error}") from error


def seeds(value: int | str | Iterable[int]) -> tuple[int, ...]:
    """Return training seeds, ascending, each once: ``3`` is the one seed 3, ``"0-2"`` are the seeds 0, 1 and 2."""
    found: set[int] = set()
    for part in _parts(value):
        first, dash, last = (number.strip() for number in str(part).partition("-"))
        if isinstance(part, bool | float) or not _is_whole(first) or (dash and not _is_whole(last)):
            raise ProtocolError(f"{value!r} is no list of seeds; write 0 or 0,1,2 or 0-2")
        if dash and int(last) - int(first) >= MOST_SEEDS:
            raise ProtocolError(f"{value!r} names more than {MOST_SEEDS:,} seeds")
        found.update(range(int(first), int(last or first) + 1))
    if not found:
        raise ProtocolError(f"{value!r} names no seed; write the lower one first, as in 0-2")
    return tuple(sorted(found))


def cutoffs(value: int | str | Iterable[int]) -> tuple[int, ...]:
    """Return cut-offs in the order given, each once: ``10``, ``"5,10,20"`` and ``[5, 10]``."""
    numbers = [_whole(part) for part in _parts(value)]
    found = [number for number in numbers if number is not None and number > 0]
    if not found or len(found) < len(numbers):
        raise ProtocolError(f"{value!r} is no list of cut-offs; write 10 or 5,10,20")
    return tuple(dict.fromkeys(found))


def cutoff(value: int | str) -> int:
    """Return a single cut-off."""
    found = cutoffs(value)
    if len(found) > 1:
        raise ProtocolError(f"k: {value!r} are {len(found)} cut-offs, expected one, such as 10")
    return found[0]


def views(value: str | Iterable[str]) -> tuple[View, ...]:
    """Return views in the order given, each once: ``"full,expected"`` and ``["full", "expected"]``."""
    parts = _parts(value)
    found = [view for part in parts for view in VIEWS if view == part]
    if not found or len(found) < len(parts):
        raise ProtocolError(f"{value!r} is no list of views; write some of {','.join(VIEWS)}")
    return tuple(dict.fromkeys(found))


def view(value: str) -> View:
    """Return a single view."""
    found = views(value)
    if len(found) > 1:
        raise ProtocolError(f"{value!r} are {len(found)} views, expected one of {', '.join(VIEWS)}")
    return found[0]


def metrics(value: str | Iterable[str]) -> tuple[str, ...]:
    """Return names of metrics in the order given, each once: ``"HR,NDCG"`` and ``["HR", "MRR"]``."""
    return check_metrics([str(part) for part in _parts(value)])


def metric(value: str) -> str:
    """Return the name of a single metric."""
    return check_metric(str(value))


def rows(value: str | Iterable[str]) -> tuple[str, ...]:
    """Return rows in the order given, each once. A text is one row, with its commas: ``"mf:reg=1,epochs=5"``."""
    found = [value] if isinstance(value, str) or not isinstance(value, Iterable) else list(value)
    wrong = [each for each in found if not isinstance(each, str) or not each.strip()]
    if wrong or not found:
        raise ProtocolError(f"{wrong[0] if wrong else value!r} names no row; write its name in the table, such as als")
    return tuple(dict.fromkeys(each.strip() for each in found))


def width(value: int | str) -> int:
    """Return the width of a chart in points: ``"column"``, ``"page"``, or a whole number of them."""
    number = CHART_WIDTHS.get(value) if isinstance(value, str) else None
    number = _whole(value) if number is None else number
    if number is None or not LEAST_CHART_WIDTH <= number <= MOST_CHART_WIDTH:
        named = ", ".join(f"{name} ({points} pt)" for name, points in CHART_WIDTHS.items())
        raise ProtocolError(
            f"{value!r} is no width; write {named}, or a number of points from {LEAST_CHART_WIDTH} to "
            f"{MOST_CHART_WIDTH}"
        )
    return number


def positive(value: int | str) -> int:
    """Return a whole number above 0; ``"1_000"`` and ``"1,000"`` are one, too."""
    number = _whole(value)
    if number is None or number < 1:
        raise ProtocolError(f"{value!r} is no whole number above 0")
    return number


def negatives(value: int | str) -> int:
    """Return a whole number above 0, or 0 for the full ranking."""
    return _positive_or_0(value, "the full ranking")


def full_limit(value: int | str) -> int:
    """Return a whole number above 0, or 0 for no full ranking beside drawn negatives."""
    return _positive_or_0(value, "no full ranking")


def _positive_or_0(value: int | str, meaning: str) -> int:
    if _whole(value) == 0:
        return 0
    try:
        return positive(value)
    except ProtocolError as error:
        raise ProtocolError(f"{error}, nor 0 for {meaning}") from error


def splits(value: int | str) -> int:
    """Return a number of repeated splits: two or more."""
    number = _whole(value)
    if number is None or not 2 <= number <= MOST_SPLITS:
        raise ProtocolError(f"{value!r} is no number of splits; write a whole number from 2 to {MOST_SPLITS:,}")
    return number


def split(value: str) -> str:
    """Return the split rule, in its one spelling: ``last``, ``time:0.8``, ``time:0.8,target=last``, ``random:3``."""
    return str(parse_rule(str(value)))


def seconds(value: float | str) -> float:
    """Return a finite number of seconds above 0."""
    number = _number(value)
    if not 0 < number < float("inf"):
        raise ProtocolError(f"{value!r} is no number of seconds above 0")
    return number


def rating(value: float | str) -> float:
    """Return a finite rating."""
    number = _number(value)
    if not abs(number) < float("inf"):
        raise ProtocolError(f"{value!r} is no rating; write a finite number, such as 4")
    return number


def memory(value: int | str) -> int:
    """Return an amount of memory in bytes: ``"4GiB"``, ``"500MB"``, or the bytes themselves as a number."""
    from bench.machine.memory import parse_size

    return parse_size(value) if isinstance(value, str) else positive(value)


def seed(value: int | str) -> int:
    """Return one whole number of any sign."""
    text = str(value).strip()
    number = _whole(text.removeprefix("-")) if isinstance(value, str) else _whole(value)
    if number is None:
        raise ProtocolError(f"{value!r} is no whole number")
    return -number if isinstance(value, str) and text.startswith("-") else number


def columns(value: str | Mapping[str, str]) -> dict[str, str]:
    """Return the names of columns: ``"user=who,item=what"`` and ``{"user": "who", "item": "what"}``."""
    pairs = value.items() if isinstance(value, Mapping) else [_pair(str(part)) for part in _parts(value)]
    for role, name in pairs:
        if role not in COLUMNS or name in ("", None):
            raise ProtocolError(
                f"{f'{role}={name}' if name else role!r} names no column; write "
                f"{','.join(f'{column}=NAME' for column in COLUMNS)} (those you need)"
            )
    return {role: str(name) for role, name in pairs}


def encoding(value: str) -> str:
    """Return the name of an encoding of text that Python knows: ``"latin-1"``, ``"utf-16"``, ``"cp1252"``."""
    try:
        bytes(4).decode(value)
    except (LookupError, TypeError, ValueError) as error:
        raise ProtocolError(
            f"{value!r} is no encoding of text; write latin-1, cp1252, utf-16, gbk or another that Python knows"
        ) from error
    return value


def ids(value: str) -> str:
    """Return how ids are taken."""
    check_known("way to take ids", value, IDS)
    return value


def missing(value: str) -> str:
    """Return what happens to rows that lack a value."""
    check_known("way with missing values", value, MISSING)
    return value


def short_users(value: str) -> str:
    """Return what happens to users with too few items to draw from."""
    check_known("way with short users", value, SHORT_USERS)
    return value


def device(value: str) -> str:
    """Return where to compute: ``"auto"``, ``"cpu"``, ``"cuda"``, ``"cuda:1"`` or ``"mps"``."""
    text = str(value)
    if not re.fullmatch(r"auto|cpu|mps|cuda(:\d{1,3})?", text):
        raise ProtocolError(f"{value!r} is no device; write auto, cpu, cuda, cuda:1 or mps")
    return text


def precision(value: str) -> str:
    """Return how the device computes."""
    check_known("precision", value, PRECISIONS)
    return value


def place(value: str) -> str:
    """Return where jobs run, as `bench.running.places.choosing` reads it: ``"local:4"``, ``"dask:ADDRESS"``."""
    if not isinstance(value, str) or not value.strip():
        raise ProtocolError(f"{value!r} is no place; write local, local:N, dask:ADDRESS or slurm:partition=NAME,...")
    return value.strip()


def index(value: int | str) -> int | str:
    """Return the index of a job, or ``"all"``."""
    if value == "all":
        return value
    number = _whole(value)
    if number is None or number < 0:
        raise ProtocolError(f"{value!r} is no index of a job; write a whole number from 0 on, or all")
    return number


def switch(value: bool) -> bool:
    """Return True or False; no text, as ``"no"`` would pass for True."""
    if not isinstance(value, bool):
        raise ProtocolError(f"{value!r} is neither True nor False")
    return value


def _pair(text: str) -> tuple[str, str]:
    role, _, name = text.partition("=")
    return role, name


def _parts(value: Any) -> list[Any]:
    """Return the parts of a list, or of a text that is separated by commas; a single value is a list of one."""
    if isinstance(value, str):
        return [part.strip() for part in value.split(",")]
    return list(value) if isinstance(value, Iterable) else [value]


def _whole(value: Any) -> int | None:
    """Return a whole number of Python, of NumPy or in text; None for anything else."""
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        plain = value.replace("_", "").replace(",", "")
        return int(plain) if _is_whole(plain) else None
    try:
        return operator.index(value)
    except TypeError:
        return None


def _is_whole(text: str) -> bool:
    """Return whether a text is the digits of a whole number."""
    return text.isdecimal() and len(text) <= MOST_DIGITS


def _number(value: Any) -> float:
    """Return a number, or the number in a text; NaN for anything else."""
    try:
        return float("nan") if isinstance(value, bool) else float(value)
    except (TypeError, ValueError):
        return float("nan")


def _unless_none(reader: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda value: None if value is None else reader(value)


READERS: Mapping[str, Callable[[Any], Any]] = {
    "k": cutoffs,
    "cutoff": cutoff,
    "views": views,
    "view": _unless_none(view),
    "metrics": _unless_none(metrics),
    "metric": metric,
    "rows": _unless_none(rows),
    "width": width,
    "beyond_accuracy": switch,
    "slices": switch,
    "seeds": seeds,
    "patience": _unless_none(positive),
    "full_limit": full_limit,
    "threads": _unless_none(positive),
    "timeout": seconds,
    "memory": _unless_none(memory),
    "device": device,
    "precision": precision,
    "on": _unless_none(place),
    "same_machine": switch,
    "index": index,
    "keep_models": switch,
    "go_on": switch,
    "jobs": _unless_none(positive),
    "sessions": positive,
    "trials": _unless_none(positive),
    "seconds": _unless_none(seconds),
    "search_seed": _unless_none(seed),
    "seed": _unless_none(seed),
    "top": positive,
    "columns": _unless_none(columns),
    "encoding": _unless_none(encoding),
    "ids": _unless_none(ids),
    "missing": missing,
    "min_rating": _unless_none(rating),
    "core": _unless_none(positive),
    "protocol_seed": seed,
    "negatives": negatives,
    "short_users": short_users,
    "split": split,
    "repeat_splits": _unless_none(splits),
}
"""The reader of each option, by its name in Python. On the command line a list has its name in the singular."""
