"""The form of a record's document: what must be in it for a reader not to fall over what is not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from protocol.tasks.split_rule import TIME

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_NUMBER = (int, float)
_MAYBE_NUMBER = (int, float, type(None))

_FORM: dict[str, Any] = {
    "key": str,
    "recommender": {
        "name": str,
        "label": str,
        "reference": str,
        "origin": str,
        "parameters": dict,
        "deterministic": bool,
        "iterative": bool,
        "source_sha256": str,
    },
    "seed": int,
    "threads": (int, type(None)),
    "patience": (int, type(None)),
    "task": {
        "digest": str,
        "purpose": str,
        "parts": {"purpose": str, "dataset": str, "protocol_seed": str, "split": str, "candidates": str},
        "dataset": str,
        "facts": {
            "n_users": int,
            "n_items": int,
            "n_interactions": int,
            "n_duplicates": int,
            "n_train": int,
            "n_evaluated": int,
            "n_negatives": int,
            "n_tied_users": int,
            "n_short_users": int,
            "n_dropped_users": int,
            "n_cold_heldout": int,
            "notes": list,
        },
    },
    "environment": dict,
    "status": str,
    "failure": (dict, type(None)),
    "selection": (dict, type(None)),
    "curve": list,
    "time": (dict, type(None)),
    "memory": (dict, type(None)),
    "files": dict,
}
"""Types by name; a table within the document has a form of its own."""

_OF_FAILURE = {"failure": {"kind": str, "message": str}}
_OF_OUTCOME = {
    "time": {"fit_seconds": _MAYBE_NUMBER, "score_seconds": _MAYBE_NUMBER, "score_us_per_user": _MAYBE_NUMBER}
}
_OF_SELECTION = {"selection": {"best_epoch": int, "seconds": _NUMBER, "curve": list}}
_OF_MEMORY = {"memory": {"peak_mib": _NUMBER, "before_fit_mib": _NUMBER}}
_OF_RECOMMENDERS = {"libraries": dict, "requirements": list, "chosen_on": str}
"""What a record may or may not say of its recommender."""

_OF_TIME_SPLIT = {
    "task": {"facts": dict.fromkeys(("cut_time", "n_unused", "n_silent_users", "n_new_users", "n_new_items"), int)}
}
_OF_ENVIRONMENT = {"environment": {"cpu": str, "versions": dict}}


def faults(document: Mapping[str, Any]) -> list[str]:
    """Return what is missing in a document, or of another type than it must be: ``"no time.fit_seconds"``."""
    found = list(_faults(document, _FORM, ""))
    if found:
        return found
    further: list[dict[str, Any]] = [_OF_FAILURE if document["status"] != "ok" else _OF_OUTCOME]
    further += [form for form in (_OF_SELECTION, _OF_MEMORY, _OF_ENVIRONMENT) if any(document[name] for name in form)]
    said = {name: kind for name, kind in _OF_RECOMMENDERS.items() if name in document["recommender"]}
    further.append({"recommender": said})
    if document["task"]["parts"]["split"].startswith(f"{TIME}:"):
        further.append(_OF_TIME_SPLIT)
    return [fault for form in further for fault in _faults(document, form, "")]


def _faults(table: Mapping[str, Any], form: Mapping[str, Any], within: str) -> Iterator[str]:
    for name, wanted in form.items():
        if name not in table:
            yield f"no {within}{name}"
        elif isinstance(wanted, dict):
            if isinstance(table[name], dict):
                yield from _faults(table[name], wanted, f"{within}{name}.")
            else:
                yield f"no table {within}{name}"
        elif not isinstance(table[name], wanted):
            yield f"{within}{name} of type {type(table[name]).__name__}"
