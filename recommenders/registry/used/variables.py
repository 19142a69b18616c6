"""The environment variables that code reads, and digests of their values."""

from __future__ import annotations

import ast
import hashlib
import re
from typing import TYPE_CHECKING

from recommenders.registry.code_digest import parse
from recommenders.registry.source_files import read
from recommenders.registry.used.outcome import ABSENT

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

_OF_A_JOB = re.compile(r"\w+_THREADS|OPENBLAS_THREAD_TIMEOUT|PYTHONHASHSEED|TMPDIR|(OLD)?PWD")
"""Variables that each job gets values of its own for: threads are in its key, folders are new each time."""


def variables_in(path: Path) -> set[str]:
    """Return the names of environment variables that a Python file reads and writes out, anywhere in it.

    ``os.environ["NAME"]``, ``os.environ.get("NAME")``, ``os.getenv("NAME")`` and ``"NAME" in os.environ`` read one.
    """
    tree = parse(read(path))
    nodes = (name for node in (ast.walk(tree) if tree else ()) for name in _names(node))
    names = {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    return {name for name in names if not _OF_A_JOB.fullmatch(name)}


def digest_of_variable(name: str, environment: Mapping[str, str]) -> str:
    """Return the SHA-256 of a variable's value, which may be secret; `ABSENT` where there is none."""
    value = environment.get(name)
    return ABSENT if value is None else hashlib.sha256(value.encode(errors="surrogateescape")).hexdigest()


def _names(node: ast.AST) -> Iterator[ast.expr]:
    """Yield what a node uses as the name of an environment variable that it reads."""
    match node:
        case ast.Subscript(value=owner, slice=name, ctx=ast.Load()) if _is_environment(owner):
            yield name
        case ast.Call(func=ast.Attribute(value=owner, attr="get"), args=[name, *_]) if _is_environment(owner):
            yield name
        case ast.Call(func=ast.Attribute(attr="getenv") | ast.Name(id="getenv"), args=[name, *_]):
            yield name
        case ast.Compare(left=name, comparators=[owner]) if _is_environment(owner):
            yield name


def _is_environment(node: ast.expr) -> bool:
    return (node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")) == "environ"
