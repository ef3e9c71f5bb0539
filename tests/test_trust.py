"""The page of trust: what it reads in the notebooks, and that it cannot misread."""

import ast
from types import SimpleNamespace

import pytest
import test_mutations
import yaml
from conftest import ROOT
from nbformat import write
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from sympy import symbols

from backprop_lib.symbolic import (
    D,
    Definitions,
    Derivation,
    Results,
    indices,
    quantity,
    sum_over,
    widths,
)
from book_ext import chance, printed, trust, verdicts

CHAPTERS = ROOT / "chapters"
w, x, y, L = symbols("w x y L", real=True)
SQUARE = Definitions({L: w**2 * x})


def cell(shown, name="a"):
    """A code cell that ends with an object, as a kernel would leave it."""
    data = {"text/plain": repr(shown), "text/latex": shown._repr_latex_()}
    return new_code_cell("shown", id=name, outputs=[new_output("display_data", data)])


def proved():
    return Derivation(SQUARE, D(L, w)).step(2 * w * x, "power rule")


def for_every_width():
    (n,) = widths("n")
    i, j, k = indices("i j k", n)
    o, net = quantity("o", n), quantity("net", n)
    layer = Definitions({net[i]: sum_over(k, o[k])})
    return Derivation(layer, net[i]).step(sum_over(j, o[j]), "another letter")


# --- what is read -----------------------------------------------------------------


def test_lines_are_read_with_what_stands_beside_them():
    both = cell(Results(proved(), proved().step(w * x + x * w, "twice")))
    (found,) = {result for result in verdicts.results(both)}
    assert found == verdicts.Result("∂L/∂w", ("proved",))
    assert len(verdicts.results(both)) == 2
    (found,) = verdicts.results(cell(proved().step(w * x + x * w, "twice")))
    assert found.checks == ("proved", "proved")
    (found,) = verdicts.results(cell(for_every_width()))
    assert found == verdicts.Result("net[i]", ("proved for every n",))


def test_a_broken_formula_is_one_line():
    long = symbols("quite_a_long_name_1:9", real=True)
    lines = Derivation(Definitions({L: sum(long)}), L).step(sum(long), "all of it")
    assert len(repr(lines).splitlines()) > 1
    assert [r.checks for r in verdicts.results(cell(lines))] == [("proved",)]


def test_definitions_are_counted_and_are_no_results():
    three = Definitions({y: w * x, L: (y - 1) ** 2})
    assert verdicts.definitions(cell(three)) == 2
    assert verdicts.results(cell(three)) == []
    assert verdicts.definitions(cell(proved())) == 0


def test_text_and_latex_that_part_are_found():
    spoilt = cell(proved())
    data = spoilt.outputs[0].data
    data["text/latex"] = data["text/latex"].replace("proved", "checked at 20 points")
    with pytest.raises(ValueError, match="LaTeX"):
        verdicts.results(spoilt)


@pytest.mark.parametrize(
    ("check", "kind"),
    [
        ("proved", "proved"),
        ("proved for every n, m, f", "every"),
        ("checked at 20 points", "points"),
        ("checked at 1 point where both are real", "points"),
        ("checked for widths up to 3", "points"),
    ],
)
def test_each_word_of_a_derivation_has_its_kind(check, kind):
    assert verdicts.kind(check) == kind


@pytest.mark.parametrize("check", ["proved perhaps", "checked", "believed"])
def test_an_unknown_word_is_refused(check):
    with pytest.raises(ValueError, match=check):
        verdicts.kind(check)


def test_what_is_given_is_counted():
    cells = [
        new_markdown_cell("<!-- given: 0.5, 1e-3 -->"),
        new_code_cell("Definitions({a: b}, given={c: 1})"),
        new_code_cell("figure", metadata={"given": ["0.5"]}),
        new_code_cell("f(given=c)"),
    ]
    assert verdicts.given(new_notebook(cells=cells)) == 4


# --- chance -----------------------------------------------------------------------


def seeds(*sources):
    cells = [new_code_cell(text, id=f"c{n}") for n, text in enumerate(sources)]
    return list(chance.seeds(cells).values())


def test_a_draw_is_followed_to_where_it_is_printed():
    assert seeds(
        "rng = np.random.default_rng(3)",
        "x = rng.normal(size=3)\nz = 2",
        "def f():\n    return x.sum()",
        "print(f())",
        "print(z)",
    ) == [{3}, {3}, {3}, {3}, set()]


def test_what_is_trained_by_chance_is_of_chance():
    code = "bp.train(network, x, t, rng=np.random.default_rng(5))"
    assert seeds("network = start()", code, "print(network)")[-1] == {5}


def test_a_seed_that_varies_is_no_number():
    assert seeds("for s in range(9):\n    print(default_rng(s))") == [{chance.VARIES}]
    assert seeds("MLPClassifier(random_state=4)") == [{4}]
    assert seeds("train_test_split(x, random_state=s)") == [{chance.VARIES}]


# --- the book ---------------------------------------------------------------------


@pytest.fixture(scope="module")
def chapters():
    return trust.survey(CHAPTERS)


def test_every_numbered_equation_says_how_it_stands(chapters):
    named = [label for chapter in chapters for label in chapter.equations]
    assert sorted(named) == sorted(trust.equations(CHAPTERS))


def test_chapters_are_called_what_the_contents_call_them(chapters):
    titles = {chapter.name: chapter.title for chapter in chapters}
    assert titles["05_backward"] == "5 · Backward"
    assert titles["python"] == "The Python of this book"


def test_every_line_of_every_derivation_is_counted(chapters):
    """Count again, another way: the words stand in the files as they are."""
    for chapter in chapters[1:]:
        text = (CHAPTERS / f"{chapter.name}.ipynb").read_text(encoding="utf-8")
        for key, word in (("proved", "proved"), ("every", "proved for every")):
            ends = "}" if key == "proved" else " "
            assert chapter.counts[key] == text.count(f"\\\\textit{{{word}{ends}")
        assert chapter.counts["points"] == text.count("\\\\textit{checked ")


@pytest.mark.parametrize("columns", [trust.LINES, trust.EQUATIONS])
def test_the_tables_have_what_was_counted(chapters, columns):
    *rows, last = trust.table_of_counts(chapters, columns).splitlines()[2:]
    numbers = [int(number) for number in last.split("|")[2:-1]]
    assert numbers == [sum(c.counts[key] for c in chapters) for key in columns]
    shown = [[int(n or 0) for n in map(str.strip, r.split("|")[2:-1])] for r in rows]
    assert numbers == [sum(column) for column in zip(*shown)]
    assert numbers[0] > 0


def test_the_table_of_what_is_measured_adds_up(chapters):
    *rows, last = trust.table_of_measured(chapters).splitlines()[2:]
    assert len(rows) == sum(bool(chapter.measured) for chapter in chapters)
    for column in (2, 3):
        shown = [int(row.split("|")[column].strip() or 0) for row in rows]
        assert sum(shown) == int(last.split("|")[column]) > 0


def test_the_list_has_every_result_and_equation(chapters):
    for chapter in chapters:
        shown = trust.list_of(chapter)
        for label in chapter.equations:
            assert f"{{eq}}`{label}`" in shown
        for name, results in chapter.results.items():
            assert shown.count(f"<cell:{chapter.name}:{name}>") >= len(results)


def test_every_maker_is_asked_for_by_the_page():
    page = (CHAPTERS / "trust.md").read_text(encoding="utf-8")
    for name in ("lines", "numbered", "measured", "results", "mutations"):
        assert f"<!-- generated: {name} -->\n" in page


def test_the_seeded_errors_are_those_of_the_mutation_test():
    tables = {
        name: [*table]
        for name, table in vars(test_mutations).items()
        if name.isupper() and isinstance(table, dict)
    }
    assert len(tables) > 1
    assert trust.seeded_errors(ROOT / trust.MUTATIONS) == tables
    said = trust.mutations(SimpleNamespace(srcdir=ROOT))
    assert f" {sum(map(len, tables.values()))} errors" in said
    for name, errors in tables.items():
        assert f" {len(errors)} in {trust.SEEDED.get(name, name.lower())}" in said
        assert all(f"- {error}\n" in said for error in errors)


def test_no_generator_of_a_chapter_is_without_a_seed():
    """What the page says of seeds holds only if there is one."""
    for path in printed.chapters(CHAPTERS):
        for code in printed.code_cells(path).values():
            for node in ast.walk(ast.parse(code.source)):
                if isinstance(node, ast.Call):
                    name = getattr(node.func, "attr", "")
                    assert name != "default_rng" or node.args, code.id


# --- and it can fail --------------------------------------------------------------


@pytest.fixture
def folder(tmp_path):
    points = cell(proved(), "points")
    for kind in ("text/plain", "text/latex"):
        shown = points.outputs[0].data[kind]
        points.outputs[0].data[kind] = shown.replace("proved", "checked at 20 points")
    cells = [
        new_markdown_cell("# How?\n\n$$a = b$$ (eq-a)\n\n$$\nc\n$$ (eq-c)"),
        cell(proved(), "proved"),
        points,
        new_code_cell(
            "print(0.5)",
            id="number",
            outputs=[new_output("stream", name="stdout", text="0.5\n")],
        ),
    ]
    write(new_notebook(cells=cells), tmp_path / "01_how.ipynb")
    (tmp_path / "index.md").write_text("# Index\n\n$$\nd\n$$ (eq-d)\n")
    return tmp_path


ENTRIES = {
    "eq-a": {"how": "proved", "cell": "proved"},
    "eq-c": {"how": "argued"},
    "eq-d": {"how": "argued", "chapter": "01_how", "cell": "points"},
}


def survey(folder, entries):
    (folder / trust.FILE).write_text(yaml.safe_dump(entries))
    return trust.survey(folder)


def test_a_small_book_is_surveyed(folder):
    index, chapter = survey(folder, ENTRIES)
    assert index.counts == {"equation argued": 1}
    assert {key: n for key, n in chapter.counts.items() if n} == {
        "proved": 1,
        "points": 1,
        "equation proved": 1,
        "equation argued": 1,
    }
    assert chapter.link == "[How?](01_how.ipynb)"
    assert chapter.measured == {"number": set()}
    assert "| equation {eq}`eq-a` | | proved, {ref}`in this cell" in trust.list_of(
        chapter
    )


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"eq-a": None}, "eq-a is not in"),
        ({"eq-a": {"how": "obvious"}}, "'obvious' is none of"),
        ({"eq-a": {"how": "proved"}}, "no cell is named"),
        ({"eq-a": {"how": "proved", "cell": "none"}}, "no cell none"),
        ({"eq-a": {"how": "proved", "cell": "number"}}, "derives nothing"),
        ({"eq-a": {"how": "proved", "cell": "points"}}, "does not prove"),
        ({"eq-c": {"how": "argued", "cell": "number"}}, "derives nothing"),
    ],
)
def test_an_equation_that_does_not_stand_so_is_found(folder, change, reason):
    entries = {k: v for k, v in {**ENTRIES, **change}.items() if v is not None}
    with pytest.raises(ValueError, match=reason):
        survey(folder, entries)
