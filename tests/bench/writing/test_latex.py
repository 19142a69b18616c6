"""The table in LaTeX: it compiles as it is, whatever the names, and stays within the text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from hand_made import ALS, BPR, EASE, FACTS, RECORDS, record, task
from latex_papers import compiled

from bench.analysis.head_to_head import compare_rows
from bench.analysis.summary import summarise
from bench.names import DEFAULT_VIEWS
from bench.tables.columns import columns_of
from bench.tables.head_to_head import render as render_pair
from bench.tables.results import render
from bench.writing.latex import latex_text
from bench.writing.sheet import Block, Cell, Line, Sheet
from bench.writing.tex import escaped, width

if TYPE_CHECKING:
    from pathlib import Path

    from bench.records.store import Record

pytestmark = pytest.mark.usefixtures("few_users")

USERS = [0, 1, 2, 3]

HOSTILE = [
    r"a_b%c&d#e$f{g}h~i^j\k",
    "[3pt] a--b `c` \"d\" 'e' <f> |g|",
    "*starred",
    "Müller-Łódź naïve Ærø Çelik ő ǎ ï ß λ… — “q” ±µ\N{EN DASH}\N{MULTIPLICATION SIGN}",
    "協調フィルタリング推薦器 ế ъ 한국어 👍",
    r"\input{/etc/passwd}\end{table}",
    "neumf:embedding_size=32,layers=64-32-16,epochs=40,learning_rate=0.001",
    "x" * 70,
]


def rows() -> list[Record]:
    return [*RECORDS, *(record(name, USERS, full=USERS) for name in HOSTILE)]


def test_it_compiles_as_it_is_and_stays_within_the_text(tmp_path: Path) -> None:
    views = ("sampled", "expected", "full")
    tables = [
        render(RECORDS, "latex"),
        render(rows(), "latex", (10, 5), views=views, baseline="ease:reg=500"),
        render([EASE], "latex", beyond_accuracy=True),
        render(rows(), "latex", (5, 10, 20), views=views, metrics=("HR", "NDCG", "MRR", "AUC")),
        render([record("NEUMF:EMBEDDING=WWWW", USERS, full=USERS), EASE], "latex", (10, 5), views=views),
        render([ALS], "latex"),
    ]
    log = compiled(tables, tmp_path)
    assert "Overfull" not in log
    assert "Missing character" not in log
    assert "undefined" not in log


def test_two_blocks_of_a_default_suite_each_fit_on_a_page(tmp_path: Path) -> None:
    suite = [record(f"model_{number}", USERS, full=USERS) for number in range(11)]
    views = ("sampled", "expected", "full")
    text = render(suite, "latex", views=views, metrics=("HR", "NDCG", "MRR", "AUC"), beyond_accuracy=True)
    assert text.count(r"\begin{table}") == text.count(r"\end{table}") == 2
    assert text.count(r"\caption[") == 1
    assert "Float too large" not in compiled([text], tmp_path)


def test_the_caption_is_the_protocol() -> None:
    text = render([*BPR, record("ease", [0, 0, 1, 20], deterministic=True)], "latex")
    ((short, caption),) = re.findall(r"\\caption\[(.*)\]\{(.*)\}\n", text)
    assert short == "ml-100k: 4 users, one held-out item each against 100 drawn negatives"
    assert caption == (
        f"{short}. Leave-last-out split. Bold: the best of a column. $\\pm$: half of the 95 \\% interval over users. "
        "\\dag{}: not distinguishable from the best row, ease, by sampled NDCG@10 (paired t-tests, Holm's correction, "
        "5 \\%). Protocol seed 0; training seeds 0, 1. Task aaaaaaaaaaaa."
    )
    assert r"\label{tab:ml-100k}" in text
    assert text.splitlines()[0].startswith(r"% Takes \usepackage{booktabs} and nothing else.")


def test_a_caption_claims_no_marks_that_are_not_there() -> None:
    assert r"\dag" not in render([EASE], "latex")
    assert "the baseline, bpr," in render([EASE, *BPR], "latex", baseline="bpr")


def test_other_splits_are_named_in_the_caption() -> None:
    imported = task(parts=task()["parts"] | {"split": "imported"})
    assert "Split as given." in render([record("ease", [0, 1], of=imported)], "latex")


def test_every_note_is_there_and_those_told_elsewhere_are_comments() -> None:
    lines = render(RECORDS, "latex").splitlines()
    assert any(line.startswith(r"\emph{Failed:} als (seed 0): stopped") for line in lines)
    assert any(line.startswith(r"\emph{Views:} ") for line in lines)
    for keyword in ("Interval", "Cost", "Data", "Seeds", "Versions", "Task"):
        assert any(line.startswith(rf"% \emph{{{keyword}:}} ") for line in lines)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (r"a_b%c&d#e$f{g}", r"a\_b\%c\&d\#e\$f\{g\}"),
        (r"h~i^j\k", r"h\textasciitilde{}i\textasciicircum{}j\textbackslash{}k"),
        ("[3pt]*--`", "{[}3pt{]}{*}-{}-\\`{}"),
        ("é", r"\'{e}"),
        ("e\N{COMBINING ACUTE ACCENT}", r"\'{e}"),
        ("Łódź", r"\L{}\'{o}d\'{z}"),
        ("λ", r"$\lambda$"),
        ("±.031 \N{DAGGER} µs", r"$\pm$.031 \dag{} $\mu$s"),
        ("推", r"\recbenchcharacter{63A8}{推}"),
        ("a\nb\x1b", r"a b\textbackslash{}x1b"),
    ],
)
def test_every_character_is_escaped(text: str, expected: str) -> None:
    assert escaped(text) == expected


def test_the_command_for_foreign_characters_is_defined_where_it_is_used() -> None:
    assert r"\providecommand*{\recbenchcharacter}" in render(rows(), "latex")
    assert "recbenchcharacter" not in render(RECORDS, "latex")


def test_a_wide_table_goes_on_below_with_the_labels_again() -> None:
    text = render(RECORDS, "latex", (5, 10, 20))
    grids = re.findall(r"\\begin\{tabular\}\{@\{\}l(r+)@\{\}\}\n(.*?)\\end\{tabular\}\\par", text, re.DOTALL)
    every = columns_of(summarise(RECORDS, (5, 10, 20)), "table", DEFAULT_VIEWS)
    assert sum(len(columns) for columns, _ in grids) == len(every) >= 2 * 3 + 3 + 3
    assert len(grids) > 1
    for columns, body in grids:
        cells = [line.count("&") for line in body.splitlines() if line.endswith(r"\\")]
        assert set(cells) == {len(columns)}
        assert "\nease:reg=500 &" in body


def test_widths_are_those_of_computer_modern() -> None:
    """In 1/1000 em: N 750, D 764, C 722, G 785, @ 778 and digits 500 are 4.799 em, 9.6 digits; of 7 characters."""
    assert 9.6 <= width("NDCG@10") <= 10
    assert 5 * 833 / 500 <= width("mmmmm") <= 8.5
    assert width(".6577") == 5


def test_latex_reads_no_label_as_an_argument_of_the_row_above() -> None:
    text = render([EASE, record("[3pt] a", USERS), record("*d", [3, 3, 3, 30])], "latex")
    assert "\n{[}3pt{]} a \\dag{} & " in text
    assert "\n{*}d \\dag{} & " in text


LONG = "neumf:embedding_size=32,layers=64-32-16,epochs=40,learning_rate={}"


def test_many_rows_with_long_labels_break_across_pages_and_stay_within_the_text(tmp_path: Path) -> None:
    """Of a table in one piece, what is below the end of the page would be lost."""
    many = [record(LONG.format(number), USERS, full=USERS, seed=seed) for number in range(25) for seed in (0, 1)]
    options: dict[str, Any] = {"ks": (10, 5), "views": ("sampled", "expected", "full"), "beyond_accuracy": True}
    text = render(many, "latex", **options)
    assert text.startswith(r"% Takes \usepackage{booktabs,longtable} and nothing else")
    assert r"\begin{table}" not in text
    parts = re.findall(r"\\begin\{longtable\}.*?\\end\{longtable\}", text, re.DOTALL)
    assert len(parts) > 1
    assert all(part.count(r"learning\_rate=") == 25 for part in parts)
    assert text.count(r"\caption[ml-100k") == 1
    assert text.count(r"\addtocounter{table}{-1}") == len(parts) - 1
    log = compiled([text, render(many[:8], "latex")], tmp_path)
    assert "Overfull" not in log
    assert "Float too large" not in log
    assert r"\contentsline {table}{\numberline {2}" in (tmp_path / "paper.lot").read_text()
    assert r"\numberline {3}" not in (tmp_path / "paper.lot").read_text()


def test_a_title_above_few_columns_counts_for_their_width() -> None:
    """Seven columns of five digits fit beside the labels; a title of 42 letters above the last one does not."""
    headers = (("recommender", ""), *(("mean", "rank"),) * 7)
    lines = (Line("one", (Cell(".1234"),) * 7),)
    titles = ("", "a title of so many letters above one column")
    texts = [latex_text(Sheet("t", (Block(headers, lines, groups=("",) * 7 + (title,)),), ())) for title in titles]
    assert [text.count(r"\begin{tabular}") for text in texts] == [1, 2]


@pytest.mark.parametrize("names", [("als", "ease"), ("neumf:reg=0.001", "neumf:reg=0.01")])
def test_the_columns_of_a_comparison_stay_together(names: tuple[str, str], tmp_path: Path) -> None:
    users = list(range(200))
    counts = ([1000 + user for user in users], [10_000 + user for user in users], list(range(11_000)))
    of = task(facts=FACTS | {"n_evaluated": 200})
    ranks = ([user % 90 for user in users], [7 * user % 90 for user in users])
    rows = [record(name, of_users, counts=counts, of=of) for name, of_users in zip(names, ranks, strict=True)]
    text = render_pair(compare_rows(rows, *names), "latex")
    assert text.count(r"\begin{tabular}{@{}lrrrrrrrr@{}}") == 1
    assert r"item's popularity\\ \quad 10000-" in text
    assert "Overfull" not in compiled([text], tmp_path)
