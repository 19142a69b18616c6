"""Every format in every compression gives the same interactions, whatever the file's name says of it."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from data_files import HEADER, PACKERS, ROWS, TRIPLES, refused, triples, written

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

FRAME = pd.read_csv(io.StringIO(HEADER + ROWS))


def in_memory(write: Callable[[io.BytesIO], object]) -> bytes:
    stream = io.BytesIO()
    write(stream)
    return stream.getvalue()


OBJECTS = FRAME.to_dict("records")
CONTENTS = {
    "csv": (HEADER + ROWS).encode(),
    "tsv": (HEADER + ROWS).replace(",", "\t").encode(),
    "dat": ROWS.replace(",", "::").encode(),
    "jsonl": "".join(json.dumps(one) + "\n" for one in OBJECTS).encode(),
    "json": json.dumps(OBJECTS, indent=1).encode(),
    "parquet": in_memory(FRAME.to_parquet),
    "feather": in_memory(FRAME.to_feather),
}


@pytest.mark.parametrize("ending", PACKERS)
@pytest.mark.parametrize("form", CONTENTS)
def test_every_format_survives_every_compression(form: str, ending: str, tmp_path: Path) -> None:
    packed = PACKERS[ending](CONTENTS[form])
    assert triples(written(tmp_path / f"data.{form}{ending}", packed)) == TRIPLES
    assert triples(written(tmp_path / "data", packed), min_rating=4) == [TRIPLES[0], TRIPLES[2]]


@pytest.mark.parametrize("ending", [ending for ending in PACKERS if ending])
@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_a_packed_file_that_was_cut_short_is_refused(form: str, ending: str, tmp_path: Path) -> None:
    packed = PACKERS[ending](CONTENTS[form])
    for length in (len(packed) - 1, len(packed) // 2, 12):
        path = written(tmp_path / f"data.{form}{ending}", packed[:length])
        assert "damaged" in refused(path)
        assert "get it again" in refused(path)


def test_parquet_takes_no_encoding(tmp_path: Path) -> None:
    path = written(tmp_path / "data.parquet", CONTENTS["parquet"])
    assert "is no text; leave out --encoding latin-1" in refused(path, encoding="latin-1")


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16", "utf-16-le", "utf-32", "utf-8-sig"])
@pytest.mark.parametrize(
    ("name", "content"),
    [("data.csv", "user,item,time\né,ä,7\n"), ("data.json", '{"user": "é", "item": "ä", "time": 7}\n')],
)
def test_text_in_any_encoding_is_read_if_that_is_named(name: str, content: str, encoding: str, tmp_path: Path) -> None:
    path = written(tmp_path / name, content.encode(encoding))
    assert triples(path, encoding=encoding) == [("é", "ä", 7)]


def test_another_encoding_is_named_in_the_answer(tmp_path: Path) -> None:
    path = written(tmp_path / "data.csv", (HEADER + "é,10,5,100\n").encode("latin-1"))
    assert "name its encoding, as in --encoding latin-1" in refused(path)
    for encoding in ("ascii", "klingon"):
        assert f"is no text in {encoding}" in refused(path, encoding=encoding)
