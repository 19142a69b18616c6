"""The form of a hyper-parameter: what values it takes, in plain words that pass from one process to another."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

SEQUENCES = ("tuple", "list", "set", "frozenset", "array")
"""The kinds that hold several values."""


@dataclass(frozen=True)
class Form:
    """What values a hyper-parameter takes.

    Parameters
    ----------
    kind
        ``"none"``, ``"bool"``, ``"int"``, ``"float"``, ``"str"``, ``"path"``, one of `SEQUENCES`, ``"dict"``;
        ``"choice"``: one of a few values, as of an enum or a ``Literal``; ``"union"``: any of several forms, tried in
        their order; ``"any"``: whatever the text looks like; ``"unknown"``: no text can give it.
    parts
        Of a union its forms; of a sequence the form of all members, or of each one where it has a fixed length; of a
        dictionary the forms of its keys and of its values.
    fixed
        Whether a sequence has one part for each member.
    choices
        What is accepted, and the plain value that it stands for: of an enum its names and its values, and the name.
    fields
        Of a dictionary the forms of some keys' values; the values of other keys have the form in ``parts``.
    make
        Makes the object that the constructor receives of a plain value; known only where the class is imported. None
        where the plain value is that object.
    """

    kind: str
    parts: tuple[Form, ...] = ()
    fixed: bool = False
    choices: tuple[tuple[Any, Any], ...] = ()
    fields: tuple[tuple[str, Form], ...] = ()
    make: Callable[[Any], Any] | None = field(default=None, compare=False, repr=False)

    def of_key(self, name: str) -> Form:
        """Return the form of a key's value in a dictionary."""
        return dict(self.fields).get(name, self.parts[1])


NONE, ANY, UNKNOWN = Form("none"), Form("any"), Form("unknown")

_ORDER = ("choice", "none", "bool", "int", "float", "array", "tuple", "list", "set", "frozenset", "dict", "path", "str")
"""The forms of a union are tried in this order, the narrowest first: ``int | float`` reads 3 as a whole number."""


def union_of(forms: list[Form], first: str = "") -> Form:
    """Return the form of values that have any of some forms; where two read the same text, that of ``first`` does."""
    flat = [part for form in forms for part in (form.parts if form.kind == "union" else (form,))]
    distinct = list(dict.fromkeys(flat))
    known = [form for form in distinct if form.kind != "unknown"]
    if len(distinct) == 1 or not known:
        return distinct[0]
    if ANY in known:
        return ANY
    return Form("union", tuple(sorted(known, key=lambda form: _rank(form.kind, first)))) if len(known) > 1 else known[0]


def _rank(kind: str, first: str) -> float:
    alike = next((group for group in (SEQUENCES, ("path", "str")) if kind in group), (kind,))
    # Within a group of kinds that read the same texts, the kind of the default comes first.
    return min(map(_ORDER.index, alike)) - 0.5 if kind == first else _ORDER.index(kind)


def described(form: Form) -> str:
    """Return what texts a form takes, as a message says it: ``a whole number``."""
    if form.kind == "union":
        return " or ".join(dict.fromkeys(map(described, form.parts)))
    if form.kind == "choice":
        from recommenders.registry.plain import text_of

        return f"one of {', '.join(dict.fromkeys(text_of(plain) for _, plain in form.choices))}"
    if form.kind in SEQUENCES:
        return _described_sequence(form)
    return _WORDS[form.kind]


def _described_sequence(form: Form) -> str:
    count = f"{len(form.parts)} " if form.fixed else ""
    kinds = {part.kind for part in form.parts}
    if kinds <= {"int"}:
        return f"{count}whole numbers such as 64-32-16"
    if kinds <= {"int", "float"}:
        return f"{count}numbers such as 0.1,0.2"
    if kinds <= {"str", "path"}:
        return f"{count}texts such as a,b"
    if kinds & {*SEQUENCES, "dict", "union", "any"}:
        return f"a JSON list{f' of {count}values' if count else ''} such as {_example(form)}"
    return f"{count}values with commas between them, each {' or '.join(dict.fromkeys(map(described, form.parts)))}"


def _example(form: Form) -> str:
    """Return a JSON list that a sequence may be; a set holds no lists, unless its members are tuples."""
    parts = [inner for part in form.parts for inner in (part.parts if part.kind == "union" else (part,))]
    kinds = {part.kind for part in parts} - ({"any"} if form.kind in ("set", "frozenset") else set())
    if kinds & {*SEQUENCES, "any"}:
        return "[[64,32],[16]]"
    return '[{"a":1}]' if "dict" in kinds else '[64,"a"]'


_WORDS = {
    "none": "none",
    "bool": "true or false",
    "int": "a whole number",
    "float": "a finite number",
    "str": "text",
    "path": "a path",
    "dict": 'a JSON object such as {"a":1}',
    "any": "a value",
    "unknown": "a value that can be written as text",
}


def form_to_json(form: Form) -> dict[str, Any]:
    """Return a form in JSON's types, without ``make``."""
    return {
        "kind": form.kind,
        "parts": [*map(form_to_json, form.parts)],
        "fixed": form.fixed,
        "choices": [*map(list, form.choices)],
        "fields": [[name, form_to_json(one)] for name, one in form.fields],
    }


def form_from_json(document: Mapping[str, Any]) -> Form:
    """Return the form that `form_to_json` made a document of."""
    return Form(
        document["kind"],
        tuple(map(form_from_json, document["parts"])),
        document["fixed"],
        tuple((accepted, plain) for accepted, plain in document["choices"]),
        tuple((name, form_from_json(one)) for name, one in document["fields"]),
    )
