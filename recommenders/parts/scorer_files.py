"""The fitted state of a model in a file: a tree of scorers, whose arrays are safetensors and whose form is JSON.

The file names classes of `SCORERS` alone, and holds no code: reading one runs nothing of it.
"""

from __future__ import annotations

import importlib
import json
from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.sparse import csr_array

from protocol.errors import RecommenderError
from recommenders.parts.deferred import DeferredFactors

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import numpy.typing as npt

    from recommenders.parts.scorer import Scorer

    Arrays = dict[str, npt.NDArray[Any]]

SCORERS: Mapping[str, str] = {
    "Counts": "recommenders.parts.counts",
    "Factors": "recommenders.parts.factors",
    "ItemWeights": "recommenders.parts.item_weights",
    "KeyedNumbers": "recommenders.parts.keyed_numbers",
    "SumScorer": "recommenders.parts.networks",
    "Tower": "recommenders.parts.tower",
}
"""The classes that a file may name, and the module of each."""

_ABOUT = "recbench"
"""The one name in the file's metadata: several would come in an order that is not always the same."""

_SPARSE = ("data", "indices", "indptr")
_PLAIN = (bool, int, float, str, type(None))


def write_scorer(path: Path, scorer: Scorer, model: str) -> None:
    """Write a scorer to a file.

    Parameters
    ----------
    model
        The name of the model's class, which `read_scorer` compares.

    Raises
    ------
    RecommenderError
        If a part of the scorer is of a type that has no form in the file.
    OSError
        If the file cannot be written.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import save_file

    arrays: Arrays = {}
    form = _form(scorer, "", arrays)
    try:
        save_file(arrays, path, metadata={_ABOUT: json.dumps({"model": model, "state": form})})
    except SafetensorError as error:
        raise OSError(f"{path} cannot be written: {error}") from error


def read_scorer(path: Path, model: str) -> Scorer:
    """Return the scorer that `write_scorer` wrote for a model of this class; its scores are the same to the bit.

    Raises
    ------
    RecommenderError
        If there is no such file, it is damaged, or another model's.
    """
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="numpy") as file:
            about = json.loads((file.metadata() or {})[_ABOUT])
            if about["model"] != model:
                raise RecommenderError(f"{path} holds the state of {about['model']}, expected that of {model}")
            arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - it is no dictionary
        scorer: Scorer = _value(about["state"], arrays)
    except (SafetensorError, OSError, KeyError, TypeError, ValueError, RecursionError) as error:
        raise RecommenderError(
            f"{path} holds no fitted state that can be read ({error}); fit the model anew"
        ) from error
    return scorer


def _form(value: Any, name: str, arrays: Arrays) -> Any:
    """Return the form of a value in JSON's types, and add its arrays by their names."""
    if isinstance(value, _PLAIN):
        return value
    if isinstance(value, DeferredFactors):
        return _form(value.factors, name, arrays)
    if isinstance(value, np.ndarray | np.generic):
        return _array_form(np.asarray(value), name, arrays, is_scalar=isinstance(value, np.generic))
    if isinstance(value, tuple | list):
        return {"list": [_form(part, f"{name}.{number}", arrays) for number, part in enumerate(value)]}
    if isinstance(value, csr_array):
        parts = {part: _form(getattr(value, part), f"{name}.{part}", arrays) for part in _SPARSE}
        return {"sparse": parts, "shape": list(value.shape)}
    if is_dataclass(value) and type(value).__module__ == SCORERS.get(type(value).__name__):
        found = {field.name: getattr(value, field.name) for field in fields(value)}
        return {
            "class": type(value).__name__,
            "fields": {part: _form(one, f"{name}.{part}" if name else part, arrays) for part, one in found.items()},
        }
    raise RecommenderError(f"the state has a {type(value).__name__}, which cannot be kept")


def _array_form(array: npt.NDArray[Any], name: str, arrays: Arrays, *, is_scalar: bool) -> dict[str, Any]:
    """Add an array, and say how it lies in memory: BLAS adds in another order if that differs."""
    strides = [abs(stride) for stride in array.strides]
    by_columns = strides != sorted(strides, reverse=True)
    arrays[name] = np.ascontiguousarray(array.T if by_columns else array).reshape(
        array.shape[::-1] if by_columns else array.shape
    )
    return {"array": name, "by_columns": by_columns, "is_scalar": is_scalar}


def _value(form: Any, arrays: Mapping[str, npt.NDArray[Any]]) -> Any:
    """Return the value of a form.

    Raises
    ------
    KeyError, TypeError, ValueError
        If it is none that `_form` returns.
    """
    if isinstance(form, _PLAIN):
        return form
    if "list" in form:
        return tuple(_value(part, arrays) for part in form["list"])
    if "array" in form:
        array = arrays[form["array"]]
        return array[()] if form["is_scalar"] else array.T if form["by_columns"] else array
    if "sparse" in form:
        return csr_array(tuple(_value(form["sparse"][part], arrays) for part in _SPARSE), shape=tuple(form["shape"]))
    cls = getattr(importlib.import_module(SCORERS[form["class"]]), form["class"])
    return cls(**{name: _value(part, arrays) for name, part in form["fields"].items()})
