"""The library's pages: public names alone, each with its example, lines as they are."""

import doctest
import importlib
import inspect
import re

import pytest
from bs4 import BeautifulSoup
from conftest import ROOT

from book_ext import library, printed

CHAPTERS = ROOT / "chapters"
ORDER = [
    *("activations", "losses", "initial", "passes", "network", "recurrent"),
    *("optimizers", "training", "gradcheck", "mistakes", "datasets"),
    *("symbolic", "plots", "sliders", "exercises"),
]
PAGES = ("networks", "training", "symbolic", "figures")
_MODULE = re.compile(r"^\.\. automodule:: backprop_lib\.(\w+)$", re.MULTILINE)


def documented():
    """Return each page's modules, in the order in which they stand."""
    texts = {
        page: (CHAPTERS / f"library_{page}.md").read_text(encoding="utf-8")
        for page in PAGES
    }
    return {page: _MODULE.findall(text) for page, text in texts.items()}


def public(module):
    """Yield the documented public names of a module that are its own, with theirs."""
    named = getattr(module, "__all__", None)
    own = module.__name__
    for name, thing in vars(module).items():
        if not (inspect.isclass(thing) or inspect.isfunction(thing)):
            continue
        there = thing.__module__.startswith(own)
        shown = name in named if named else not name.startswith("_")
        if there and shown and thing.__doc__:
            yield name, thing


def test_the_modules_stand_in_reading_order():
    assert [name for names in documented().values() for name in names] == ORDER


def test_no_public_module_is_forgotten():
    files = (ROOT / "backprop_lib").iterdir()
    names = {path.stem for path in files if path.suffix == ".py" or path.is_dir()}
    assert {name for name in names if not name.startswith("_")} == set(ORDER)


@pytest.mark.slow
def test_every_public_name_stands_on_its_page_with_its_example(book):
    for page, modules in documented().items():
        text = (book / "chapters" / f"library_{page}.html").read_text("utf-8")
        tree = BeautifulSoup(text, "html.parser")
        code = " ".join(block.get_text() for block in tree.select("div.highlight"))
        for module in modules:
            known = importlib.import_module(f"backprop_lib.{module}")
            assert list(public(known)) or known.__name__.endswith("passes")
            for name, thing in public(known):
                place = tree.find(id=f"backprop_lib.{module}.{name}")
                assert place is not None, f"{module}.{name}"
                for example in doctest.DocTestParser().get_examples(thing.__doc__):
                    line = example.source.splitlines()[0]
                    assert line in code, f"{module}.{name}: {line}"


@pytest.mark.slow
def test_no_private_name_stands_on_a_page(book):
    for page in PAGES:
        text = (book / "chapters" / f"library_{page}.html").read_text("utf-8")
        names = re.findall(r'id="(backprop_lib\.[\w.]+)"', text)
        assert names
        assert [n for n in names if any(p.startswith("_") for p in n.split("."))] == []


@pytest.mark.slow
def test_the_formulas_page_shows_the_lines_of_the_file(book):
    text = (book / "chapters" / "library.html").read_text(encoding="utf-8")
    tree = BeautifulSoup(text, "html.parser")
    blocks = [block.get_text() for block in tree.select("div.highlight-python")]
    lines = [line.strip() for block in blocks for line in block.splitlines()]
    source = (ROOT / "backprop_lib" / "passes.py").read_text(encoding="utf-8")
    there = [line.strip() for line in source.splitlines()]
    assert [line for line in lines if line and line not in there] == []
    # every line that computes in the two passes is shown
    begins = re.compile(r"(product|write|np|network)[.(]")
    computing = [line for line in there if begins.match(line)]
    assert len(computing) == 6
    assert set(computing) <= set(lines)
    assert len(tree.select("div.math")) == 6


def test_a_docstring_says_on_the_page_what_it_says_in_a_terminal():
    lines = [
        *("(*stack, n) and |w|, as in [1]_:", ">>> f(*s) | 1", "*proved*, ``g(*a)``"),
        *(".. [1] A book,", "       its end.", ".. [2] Another.", "", "  more"),
    ]
    library.mend(None, "function", "", None, None, lines)
    assert lines == [
        *(
            r"(\*stack, n) and \|w\|, as in [1]:",
            ">>> f(*s) | 1",
            "*proved*, ``g(*a)``",
        ),
        *("[1] A book,", "its end.", "[2] Another.", "", "  more"),
    ]


@pytest.mark.parametrize("name", ["cells", "chance", "drawing", "sources", "verdicts"])
def test_the_examples_of_the_extension_run(name):
    module = importlib.import_module(f"book_ext.{name}")
    assert doctest.testmod(module) == (0, doctest.testmod(module).attempted)
    assert doctest.testmod(module).attempted


def test_what_a_formula_is_printed_from_is_proved():
    page = (CHAPTERS / "library.md").read_text(encoding="utf-8")
    marks = re.findall(r"<!-- generated: equation (\S+) (\S+) (\d) -->", page)
    assert len(marks) == 6
    for chapter, cell, row in marks:
        code = printed.code_cells(CHAPTERS / f"{chapter}.ipynb")
        assert " = " in library.proved_line(code[cell], int(row))


@pytest.mark.parametrize("row", [0, 5])
def test_a_line_that_is_not_there_is_refused(row):
    code = printed.code_cells(CHAPTERS / "05_backward.ipynb")
    with pytest.raises(ValueError, match="proves 4 lines"):
        library.proved_line(code["backward-33-a"], row)


def test_a_line_that_is_not_proved_is_refused():
    code = printed.code_cells(CHAPTERS / "14_remedies.ipynb")
    with pytest.raises(ValueError, match="proves 0 lines"):
        library.proved_line(code["rem-14"], 1)
