"""A digest of what Python code does: comments, docstrings and formatting do not change it."""

from __future__ import annotations

import ast
import hashlib
import warnings
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

_NO_CODE = ("kind", "type_comment")
"""Fields of a syntax tree that change nothing of what the code does."""


def parse(source: bytes) -> ast.Module | None:
    """Return the syntax tree of a Python file; None where it is not Python.

    Warnings of the parser are left to the process that runs the code. Turned into errors by a filter, they would
    change what this function returns.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return ast.parse(source)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None


def code_digest(tree: ast.Module) -> str:
    """Return the SHA-256, in hexadecimal, of a syntax tree; the same in every version of Python.

    Every default, decorator, annotation, name and constant counts, and every statement but those that do nothing:
    ``pass``, and a string, which is a docstring or serves as a comment. The output of `ast.dump` and `ast.unparse`
    differs between versions of Python.
    """
    total = hashlib.sha256(b"python\n")
    for part in _parts(tree):
        # The length says where a part ends, so no two lists of parts give the same bytes.
        total.update(b"%d\n" % len(part) + part)
    return total.hexdigest()


def _parts(tree: ast.Module) -> Iterator[bytes]:
    """Yield the nodes, names and constants of a tree, each before what it contains.

    A node and a list give the number of their members, so the order alone says which member belongs to which node.
    """
    # A stack, as an expression of a thousand terms is nested deeper than Python lets functions call each other.
    waiting: list[Any] = [tree]
    while waiting:
        value = waiting.pop()
        if isinstance(value, ast.AST):
            members = _members(value)
            yield f"{type(value).__name__} {len(members)}".encode()
            for name, member in reversed(members):
                waiting += [member, name]
        elif isinstance(value, list):
            yield f"list {len(value)}".encode()
            waiting += reversed(value)
        else:
            yield type(value).__name__.encode()
            yield _constant(value)


def _members(node: ast.AST) -> list[tuple[str, Any]]:
    """Return the fields of a node that hold something, by name.

    Empty ones are left out: later versions of Python add fields, which are empty for the code of earlier ones.
    """
    is_ignored = _is_no_text if isinstance(node, ast.JoinedStr) else _is_idle
    found = []
    for name, value in ast.iter_fields(node):
        kept = [member for member in value if not is_ignored(member)] if isinstance(value, list) else value
        if kept is not None and kept != [] and name not in _NO_CODE:
            found.append((name, kept))
    return found


def _is_idle(member: Any) -> bool:
    """Return whether a member of a node is a statement that does nothing."""
    if isinstance(member, ast.Expr) and isinstance(member.value, ast.Constant):
        return isinstance(member.value.value, str)
    return isinstance(member, ast.Pass)


def _is_no_text(value: ast.expr) -> bool:
    """Return whether a part of an f-string is empty text, which Python 3.12 adds where other versions add nothing."""
    return isinstance(value, ast.Constant) and value.value == ""


def _constant(value: Any) -> bytes:
    """Return a name or a constant as bytes that no other value of its type has."""
    if isinstance(value, str):
        return value.encode("utf-8", "surrogatepass")
    if isinstance(value, bytes):
        return value
    if isinstance(value, int):
        # In hexadecimal, as Python refuses to write very long numbers in decimal.
        return f"{value:x}".encode()
    if isinstance(value, float):
        return value.hex().encode()
    if isinstance(value, complex):
        return value.imag.hex().encode()
    return repr(value).encode()
