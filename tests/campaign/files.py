"""Data files with a mistake in them: each is refused, or read as Python's own readers read it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cases import Case, Kind, require
from forms import FORMS
from mutations import mutated_bytes, mutated_text
from readings import difference

if TYPE_CHECKING:
    import random
    from collections.abc import Sequence
    from pathlib import Path

    from forms import Form


def texts_of(form: Form, draw: random.Random) -> list[str]:
    """Return sound rows, as text: all in one file, or in parts."""
    names = ["user_id:token", "item_id:token", "rating:float", "timestamp:float"]
    header = names if form.name.endswith(".inter") else ["user", "item", "rating", "timestamp"]
    pairs = draw.sample([(user, item) for user in range(1, 8) for item in range(1, 13)], 30)
    rows = [
        [str(user), str(item), str(draw.randint(1, 5)), str(draw.randint(10**9, 17 * 10**8))] for user, item in pairs
    ]
    size = len(rows) // form.n_parts
    parts = [rows[start : start + size] for start in range(0, len(rows), size)]
    head = [header] if form.has_header else []
    return ["".join(form.separator.join(line) + "\n" for line in [*head, *part]) for part in parts]


def read_mutated(case: Case) -> str:
    """Write a file with a mistake, read it, and compare what was read with independent readings."""
    draw = case.draw()
    form = draw.choice(FORMS)
    texts = texts_of(form, draw)
    contents = [form.packed(text) for text in texts]
    part = draw.randrange(form.n_parts)
    if draw.random() < 0.75:
        text, mistake = mutated_text(texts[part], form.separator, draw)
        contents[part] = form.packed(text)
    else:
        contents[part], mistake = mutated_bytes(contents[part], draw)
    path = written(case.folder, form, contents)
    return f"{form.name}: {outcome_of(path, form, contents, mistake)}"


def written(folder: Path, form: Form, contents: Sequence[bytes]) -> Path:
    """Write the files of a form; return the file, or the folder of its parts."""
    if form.n_parts == 1:
        (folder / form.name).write_bytes(contents[0])
        return folder / form.name
    parts = folder / "parts"
    parts.mkdir()
    for number, content in enumerate(contents):
        (parts / form.name.format(number)).write_bytes(content)
    return parts


def outcome_of(path: Path, form: Form, contents: Sequence[bytes], mistake: str) -> str:
    """Read a file, and return whether it was refused, or read as Python reads it."""
    from protocol.data.loading import load_dataset
    from protocol.errors import RecbenchError

    told = f"{form.name}, {mistake}"
    try:
        dataset = load_dataset(path)
    except RecbenchError as refusal:
        require(len(str(refusal)) < 2_000, f"{told}: a message of {len(str(refusal)):,} characters")
        return "refused"
    except Exception as error:
        require(False, f"{told}: a traceback: {type(error).__name__}: {str(error)[:200]}")
        raise
    found = form.readings(contents)
    require(found is not None, f"{told}: read, and Python cannot unpack it")
    require(found, f"{told}: read, and no independent reading is possible")
    differences = [difference(dataset, rows) for rows in found or ()]
    require(not all(differences), f"{told}: read otherwise: {differences[:3]}; {dataset.reading}")
    return "read as Python reads it"


def prepare(_: Path) -> None:
    """Import once what all cases need."""
    import pyarrow.feather
    import pyarrow.parquet  # noqa: F401

    import protocol.data.loading  # noqa: F401


KINDS = (
    Kind(
        "data-file",
        5_000,
        "A mistake in a file of each format, in one of three parts, or in a compressed file: characters, fields, "
        "lines, bytes. It is refused in less than 2,000 characters, or read as Python's `csv`, `json`, `gzip`, `bz2`, "
        "`lzma` and `zipfile` and pyarrow read it: no traceback, no other interactions.",
        read_mutated,
        prepare,
        batch=50,
    ),
)
