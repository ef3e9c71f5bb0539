"""`make shake`: what it names, and that its settings belong to its kernels alone."""

import os
import re

import pytest
from conftest import ROOT
from nbformat import write
from nbformat.v4 import new_code_cell, new_notebook

from tools import shake
from tools.refresh_notebooks import RefreshError, execute, find, normalise, read

DRAW = """
import numpy as np, backprop_lib as bp
network = bp.Network([2, 2, 1], rng=np.random.default_rng(0))
recurrent = bp.RecurrentNetwork([1, 2, 1], rng=np.random.default_rng(0))
print(repr(network.loss([[0.25, 0.5]], [[1.0]])))
"""
ROUNDED = "print(round(network.loss([[0.25, 0.5]], [[1.0]]), 6))"


def builds_a_network(path):
    cells = (cell.source for cell in read(path).cells if cell.cell_type == "code")
    return any(re.search(r"\bbp\.(Recurrent)?Network\(", source) for source in cells)


NETWORKS = [path for path in find([]) if builds_a_network(path)]


def test_the_chapters_that_train_are_found():
    names = {path.stem[:2] for path in NETWORKS}
    assert {"07", "10", "13", "14", "15"} <= names


@pytest.mark.slow
@pytest.mark.parametrize("path", NETWORKS, ids=lambda path: path.stem)
def test_a_start_that_is_a_little_off_changes_no_output(path):
    found = shake.changes(path, shake.disturbed(1))
    assert not found, "\n".join(found)


@pytest.mark.slow
def test_cells_that_rounding_decides_are_named(tmp_path):
    path = tmp_path / "01_digits.ipynb"
    notebook = new_notebook(cells=[new_code_cell(s) for s in (DRAW, ROUNDED)])
    execute(notebook, tmp_path)
    write(normalise(notebook), path)
    (found,) = shake.changes(path, shake.disturbed(1))
    assert found.startswith("01_digits: cell [1], id ")
    assert shake.changes(path, shake.Setting("none")) == []


@pytest.mark.slow
def test_a_chapter_that_fails_is_named(tmp_path):
    path = tmp_path / "01_fails.ipynb"
    write(new_notebook(cells=[new_code_cell("1"), new_code_cell("1 / 0")]), path)
    assert shake.changes(path, shake.Setting("none")) == [
        "01_fails: cell [2] raised ZeroDivisionError: division by zero"
    ]


@pytest.mark.slow
def test_the_disturbance_is_small_reaches_both_networks_and_leaves_no_name():
    ask = """
del network, recurrent, np, bp
print(sorted(name for name in globals() if "disturb" in name))
import numpy as np, backprop_lib as bp
for kind, sizes in ((bp.Network, [2, 2, 1]), (bp.RecurrentNetwork, [1, 2, 1])):
    network = kind(sizes, rng=np.random.default_rng(0))
    plain = network.copy()
    start = kind.__init__.__wrapped__
    start(plain, sizes, rng=np.random.default_rng(0))
    off = np.abs(network.weights[0] / plain.weights[0] - 1)
    print(bool(0 < off.max() < 1e-12), bool((network.biases[0] == 0).all()))
"""
    notebook = new_notebook(cells=[new_code_cell(DRAW), new_code_cell(ask)])
    shake.disturbed(2).run(notebook, ROOT)
    assert notebook.cells[1].outputs[0].text == "[]\nTrue True\nTrue True\n"


@pytest.mark.slow
def test_a_setting_belongs_to_its_kernel_alone(monkeypatch):
    monkeypatch.setenv("OPENBLAS_CORETYPE", "Nehalem")
    monkeypatch.setenv("NPY_DISABLE_CPU_FEATURES", "")
    before = dict(os.environ)
    names = [*shake.CLEARED, *shake.ONE_THREAD]
    ask = f"import os\nprint([os.environ.get(name) for name in {names}])"
    said = []
    for setting in (
        shake.Setting("none"),
        shake.Setting("other", {"OPENBLAS_CORETYPE": "Haswell"}),
    ):
        notebook = new_notebook(cells=[new_code_cell(ask)])
        setting.run(notebook, ROOT)
        said.append(notebook.cells[0].outputs[0].text.strip())
    assert said == [
        "[None, None, None, '1', '1']",
        "['Haswell', None, None, '1', '1']",
    ]
    assert dict(os.environ) == before


@pytest.mark.slow
def test_the_probe_says_what_ran():
    said = shake.probe(shake.Setting("old", {"OPENBLAS_CORETYPE": "Nehalem"}))
    assert re.fullmatch(r"\w+, 1 thread\(s\), NumPy with [\w ]+", said)


def test_settings_are_chosen_by_how_they_begin():
    names = [setting.name for setting in shake.chosen(["starts", "openblas-Z"])]
    assert names == ["starts-1", "starts-2", "starts-3", "openblas-Zen"]
    kernels = [s for s in shake.chosen([]) if s.name.startswith("openblas")]
    assert [s.environment["OPENBLAS_CORETYPE"] for s in kernels] == [*shake.KERNELS]
    with pytest.raises(RefreshError, match="expected one of starts-1"):
        shake.chosen(["haswell"])
