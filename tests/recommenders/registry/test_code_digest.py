"""The digest of code: what the code does decides it, and every version of Python gives the same."""

from __future__ import annotations

import ast
import string
import subprocess
import sys
import warnings

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommenders.registry.code_digest import code_digest, parse

CODE = """
from __future__ import annotations
from dataclasses import dataclass

@dataclass(frozen=True)
class Mine:
    reg: float = 0.5
    name: str = "mine"

    def fit(self, train, *, rng=None):
        if self.reg:
            for step in range(3):
                self.total = f"{step:>{self.reg}} of {3}" + "text"
        return self

    def score(self, users, items):
        return [[1, 2.5, None, True, b"x", 1j, ...], {**users, "a": lambda x: -x}]
"""


def digest(text: str) -> str:
    tree = parse(text.encode())
    assert tree is not None, text
    return code_digest(tree)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "defa26e283fd258b7c73e35b86449eaef7c58bbea23a139d31933b0a7dc60cd0"),
        (CODE, "1685a5cdc2485b93bb352e444c4cb2ca112177537d1fc107e43d7014b9780fae"),
        ('f"{x:}{y=} {{}}" f"" "a"\n', "87035bede0f17d507a569c8510c2e372a32e3f28157a8fa69c38192a1b27be4a"),
        (
            "type_params = 1\nasync def f(a, /, b: int = 2, *c, d, **e) -> None: ...\n",
            "4129bb6493dd4cf60febdfc077d2366f3d689edade526795c0a853f08a599e25",
        ),
        (
            "match x:\n    case [1, *rest] | {'a': y, **z}: pass\n    case _: y = 10**100\n",
            "20134edabcfbf2bd0ba71554de1308c75e1c764ccf9688d7271b56bf0e4b1d8b",
        ),
    ],
)
def test_the_digest_is_the_same_in_every_version_of_python(text: str, expected: str) -> None:
    """Made with Python 3.11, 3.12 and 3.13, which agreed."""
    assert digest(text) == expected


SAME = {
    "comment": ("x = 1\n", "# why\nx = 1  # one\n"),
    "blank lines": ("x = 1\ny = 2\n", "\n\nx = 1\n\n\n\ny = 2\n"),
    "line ends": ("x = 1\ny = 2\n", "x = 1\r\ny = 2\r\n"),
    "layout": ("f(1, 'a', (2))\n", 'f(\n    1,\n    "a",\n    2,\n)\n'),
    "text in two parts": ("x = 'ab'\n", "x = 'a' \"b\"\n"),
    "a number's spelling": ("x = 1000.0\n", "x = 1_0_0_0.0\n"),
    "indentation": ("if x:\n    y = 1\n", "if x:\n  y = 1\n"),
    "docstring of a module": ("", "'''What it does.'''\n"),
    "docstring of a class": ("class A:\n    x = 1\n", "class A:\n    '''What it is.'''\n    x = 1\n"),
    "docstring of a function": ("def f(): return 1\n", "def f():\n    '''One.'''\n    return 1\n"),
    "docstring alone": ("async def f(): pass\n", "async def f():\n    'Nothing.'\n"),
    "docstring of an attribute": ("x = 1\n", "x = 1\n'''What x is for.'''\n"),
    "another docstring": ("def f():\n    'One.'\n", "def f():\n    'Two.'\n"),
    "comment of a type": ("x = []\n", "x = []  # type: list[int]\n"),
}


@pytest.mark.parametrize(("one", "other"), SAME.values(), ids=list(SAME))
def test_what_changes_nothing_of_what_code_does(one: str, other: str) -> None:
    assert digest(one) == digest(other)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("reg: float = 0.5", "reg: float = 0.25"),
        ("reg: float", "reg: int"),
        ("(frozen=True)", ""),
        ("@dataclass(frozen=True)\n", ""),
        ("class Mine", "class Yours"),
        ('"mine"', '"yours"'),
        ('"text"', '"texts"'),
        (" of {3}", " by {3}"),
        (":>{", ":<{"),
        ("range(3)", "range(4)"),
        ("rng=None", "rng"),
        ("*, rng", "rng"),
        ("return self", "return train"),
        ("        return self\n", ""),
        ("        return self\n", "        return self\n        f'{self}'\n"),
        ("[1, 2.5", "[True, 2.5"),
        ("[1, 2.5", "[1.0, 2.5"),
        ("None, True", "True, None"),
        ('b"x"', '"x"'),
        ("1j", "2j"),
        ("-x", "+x"),
        ("**users", "'users': users"),
        ("import dataclass\n", "import dataclass as dataclass\n"),
        ("from __future__ import annotations\n", ""),
    ],
)
def test_what_changes_what_code_does(old: str, new: str) -> None:
    assert old in CODE
    assert digest(CODE.replace(old, new)) != digest(CODE)


def test_texts_do_not_run_into_each_other() -> None:
    assert digest("f('a', 'bc')\n") != digest("f('ab', 'c')\n")
    assert digest("f(g(a), b)\n") != digest("f(g(a, b))\n")
    assert digest("if a:\n    b\n    c\n") != digest("if a:\n    b\nc\n")


LINES = CODE.splitlines()
NAMES = sorted({node.id for node in ast.walk(ast.parse(CODE)) if isinstance(node, ast.Name)})
COMMENTS = st.text(string.ascii_letters + string.punctuation + " é", max_size=20).map(lambda text: f"# {text}")


@given(st.data())
def test_comments_blank_lines_and_docstrings_anywhere_change_nothing(data: st.DataObject) -> None:
    lines = []
    for line in LINES:
        blank_or_comment = st.one_of(st.just(""), st.just("    "), COMMENTS)
        lines += data.draw(st.lists(blank_or_comment, max_size=2))
        lines.append(line)
        if line.endswith(":"):
            indent = " " * (len(line) - len(line.lstrip()) + 4)
            text = data.draw(st.none() | st.text(string.ascii_letters + " .\n", max_size=20))
            lines += [] if text is None else [f"{indent}'''{text}'''"]
    assert digest("\n".join(lines)) == digest(CODE)


@given(st.sampled_from(NAMES), st.from_regex(r"renamed_[a-z]{1,8}", fullmatch=True))
def test_another_name_changes_it(old: str, new: str) -> None:
    tree = ast.parse(CODE)
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id == old:
            node.id = new
    assert code_digest(tree) != digest(CODE)


@pytest.mark.parametrize("text", [b"def (:\n", b"x = '\0'\n", b"# coding: nothing\n", b"\xff\n", b"(" * 1000])
def test_what_is_not_python_has_no_tree(text: bytes) -> None:
    assert parse(text) is None


def test_a_warning_of_the_parser_changes_nothing() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert parse(b"x = '\\d'\n") is not None


def test_a_deeply_nested_expression_has_a_digest() -> None:
    one, other = (f"x = {' + '.join(['1'] * 1500 + [last])}\n" for last in "12")
    assert digest(one) != digest(other)


def test_it_needs_neither_a_hash_seed_nor_a_warm_start() -> None:
    code = (
        "import sys; from recommenders.registry.code_digest import code_digest, parse; "
        "print(code_digest(parse(sys.stdin.buffer.read())))"
    )
    done = subprocess.run([sys.executable, "-c", code], input=CODE.encode(), check=True, capture_output=True)
    assert done.stdout.decode().strip() == digest(CODE)
