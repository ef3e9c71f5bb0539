"""Every `explore` of every chapter over its whole grid, with warnings as errors."""

import ast
import json
import warnings

import nbformat
import numpy as np
import pytest
from conftest import ROOT
from grid_checks import check, drawn_numbers, unsupported
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook

from backprop_lib import plots

BEFORE = """\
import sys
sys.path[:0] = {paths!r}
import grid_checks
_watched = grid_checks.watch()"""
AFTER = "import json\nprint(json.dumps(_watched))"


def calls(notebook):
    """Return how often the code of a notebook calls `explore`."""
    with warnings.catch_warnings(action="ignore"):  # of a cell's strings, say
        trees = [ast.parse(c.source) for c in notebook.cells if c.cell_type == "code"]
    called = [
        n.func for tree in trees for n in ast.walk(tree) if isinstance(n, ast.Call)
    ]
    names = [getattr(one, "id", getattr(one, "attr", None)) for one in called]
    return names.count("explore")


def with_sliders():
    """Return the chapters that call `explore`, found by glob."""
    paths = sorted((ROOT / "chapters").glob("**/*.ipynb"))
    paths = [p for p in paths if ".ipynb_checkpoints" not in p.parts]
    return [p for p in paths if calls(nbformat.read(p, as_version=4))]


def run(notebook, folder):
    """Run a notebook with the check in the place of `explore`; return its findings."""
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    before = BEFORE.format(paths=[str(ROOT), str(ROOT / "tests")])
    notebook = new_notebook(cells=[new_code_cell(before), *cells, new_code_cell(AFTER)])
    resources = {"metadata": {"path": str(folder)}}
    NotebookClient(notebook, timeout=600, resources=resources).execute()
    return json.loads(notebook.cells[-1].outputs[0].text)


@pytest.mark.slow
def test_every_chapter_draws_its_whole_grid(subtests):
    for path in with_sliders():
        with subtests.test(path.stem):
            notebook = nbformat.read(path, as_version=4)
            found = run(notebook, path.parent)
            assert len(found) == calls(notebook)
            assert [what for what in found if what] == []


# --- and it can fail --------------------------------------------------------------


def draw(figure, weight):
    ax = plots.panels(figure)
    ax.plot([0, 1], [0, weight])
    ax.set_title(f"square {weight**2:.2f}")


def say(weight):
    return f"A line up to {weight:.2f}, whose square is {weight**2:.2f}."


def complaints(draw=draw, alt=say, caption="How high?", weight=(0.5, 1.5, 2.5)):
    return check(draw, weight=weight, alt=alt, caption=caption)


def test_a_good_grid_has_no_complaints():
    assert complaints() == []


def warn_at_the_end(figure, weight):
    draw(figure, weight)
    if weight == 2.5:
        warnings.warn("careful", stacklevel=1)


def divide(figure, weight):
    draw(figure, np.float64(1) / (weight - 2.5))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"draw": warn_at_the_end}, "draw failed at weight = 2.5: UserWarning"),
        ({"draw": divide}, "weight = 2.5: RuntimeWarning: divide by zero"),
        ({"alt": None}, "no alternative text"),
        ({"alt": lambda weight: f"Up to {weight}."}, "weight = 0.5: too few words"),
        (
            {"alt": lambda weight: say(weight) + " Not 7.31."},
            "7.31 is said but not drawn",
        ),
        ({"alt": lambda weight: say(weight + 0.01)}, "2.51 is said but not drawn"),
        ({"caption": "A line."}, "caption asks nothing"),
    ],
)
def test_a_bad_grid_is_found(change, reason):
    assert any(reason in what for what in complaints(**change))


def test_numbers_are_read_from_all_that_is_drawn():
    figure, (left, right) = plots.figure(columns=2)
    left.bar(["a"], [0.123])
    left.text(0, 0, "at 4.56")
    left.imshow([[7.89]])
    right.plot([1], [0.0246], "o")
    right.scatter([2], [-3.57])
    words = "0.123, 4.56, 7.89, 2.46 % and 3.6 but not 1.111."
    assert unsupported(words, drawn_numbers(figure)) == ["1.111"]


@pytest.mark.slow
def test_calls_are_found_and_run(tmp_path):
    source = (
        "from backprop_lib.sliders import explore\n"
        "def draw(figure, w):\n    figure.subplots().plot([0, 1 / w])\n"
        "explore(draw, w=[1, 2], alt=lambda w: f'A line up to {1 / w:.1f}.')\n"
        "explore(draw, w=[1, 0], alt=lambda w: f'A line up to {w}.', caption='w?')"
    )
    notebook = new_notebook(cells=[new_code_cell(source)])
    assert calls(notebook) == 2
    first, second = run(notebook, tmp_path)
    assert first == ["caption asks nothing: "]
    assert second == ["draw failed at w = 0: ZeroDivisionError: division by zero"]
