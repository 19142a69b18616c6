"""Whether a record's document belongs to its folder and its files, and says nothing that is not known here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from bench.records.files import DOCUMENT, folder_name, is_arrays, seal_fits

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.records.record import Record


def document_problems(record: Record, folder: str) -> Iterator[str]:
    """Yield what is wrong with a record that was read from the folder of this name."""
    if folder_name(record) != folder:
        yield f"{folder} holds the record {folder_name(record)}"
    names = list(record.contents.files)
    if len(names) != (0 if record.failed else 1) or not all(map(is_arrays, names)):
        yield f"{folder}/{DOCUMENT} does not list the files that belong to it"
    if not seal_fits(record.contents.seal, record.document):
        yield f"{folder}/{DOCUMENT} has the seal of other fields or ranks: they are not what was written together"
    unknown = sorted(unknown_fields(record))
    if unknown:
        yield (
            f"{folder}/{DOCUMENT} has {', '.join(unknown)[:200]}, which this recbench does not know: a newer one wrote "
            "it (upgrade this one), or someone added it"
        )


def model_problems(record: Record, folder: str, listed: Mapping[str, str]) -> Iterator[str]:
    """Yield where the manifest lists other files of a model than its record; the files are compared with the manifest.

    Parameters
    ----------
    listed
        SHA-256 of each file of the record, by its path within the record's folder.
    """
    said = record.model.listed if record.model else {}
    found = {name: digest for name, digest in listed.items() if "/" in name}
    differing = sorted(name for name in said | found if said.get(name) != found.get(name))
    if differing:
        yield f"{folder}/{DOCUMENT} and the manifest do not agree on the kept model, such as on {differing[0]}"


def unknown_fields(record: Record) -> Iterator[str]:
    """Yield the paths of fields that this recbench does not read."""
    stated = {name: value for name, value in record.document.items() if name != "schema"}
    return _unknown(record.contents, stated, "")


def _unknown(known: Any, stated: Any, path: str) -> Iterator[str]:
    if isinstance(known, Struct) and isinstance(stated, Mapping):
        fields = dict(zip(known.__struct_encode_fields__, known.__struct_fields__, strict=True))
        for name, value in stated.items():
            if name in fields:
                yield from _unknown(getattr(known, fields[name]), value, f"{path}{name}.")
            else:
                yield f"{path}{name}"
    elif isinstance(known, Sequence) and isinstance(stated, list):
        for number, (one, value) in enumerate(zip(known, stated, strict=True)):
            yield from _unknown(one, value, f"{path}{number}.")
