"""What the book prints of a derivation can be typed back in, and is read as it was."""

import contextlib
import io
import json
import re

import numpy as np
import pytest
from conftest import ROOT
from sympy import Dummy, S, lambdify

from backprop_lib.exercises.expressions import canonical, to_sympy
from backprop_lib.exercises.letters import Letters
from backprop_lib.exercises.reading import read_formula
from backprop_lib.exercises.refusals import Refusal
from backprop_lib.symbolic import D, Derivation
from backprop_lib.symbolic.printing import to_latex, to_text
from backprop_lib.symbolic.scanning import has_indices

CHAPTERS = sorted((ROOT / "chapters").glob("*.ipynb"))
# Cells without any of these have no part in a derivation; those that train have none
# either, unless they hold one.
SYMBOLIC = re.compile(
    r"symbol|sympy|Definitions|Derivation|\.step\(|^import|^from|"
    r"\b(?:D|product|total|sum_over|indices|widths)\(",
    re.MULTILINE,
)
DERIVES = re.compile(r"Derivation\(|\.step\(")
SLOW = re.compile(r"bp\.train|explore\(|plots\.|\bask\(")
PRINTED = re.compile(r"\[(?:proved|checked)")
# A derivative of what has no letter of its own, ∂(w*x)/∂w, is not in the language.
LEFT_OUT = {"03_one_neuron": 2}


@pytest.fixture
def derived(monkeypatch):
    """Return a function that runs a chapter's symbolic cells, and gives its steps."""

    def run(path):
        steps, step = [], Derivation.step

        def recorded(self, expression, reason):
            step(self, expression, reason)
            steps.append((self, self.steps[-1].expression))
            return self

        monkeypatch.setattr(Derivation, "step", recorded)
        space = {}
        for cell in json.loads(path.read_text("utf-8"))["cells"]:
            source = "".join(cell["source"])
            wanted = SYMBOLIC.search(source) and not SLOW.search(source)
            if cell["cell_type"] == "code" and (wanted or DERIVES.search(source)):
                # what rests on a training that was left out fails, and holds no step
                with (
                    contextlib.redirect_stdout(io.StringIO()),
                    contextlib.suppress(NameError, FileNotFoundError),
                ):
                    exec(compile(source, cell["id"], "exec"), space)
        monkeypatch.undo()
        return steps

    return run


def is_scalar(derivation, expression):
    """Say whether a step is about single symbols, not about entries and sums."""
    symbols = derivation.definitions.symbols
    return not (has_indices(expression) or any(map(has_indices, symbols)))


def same(first, second, symbols):
    """Say whether two expressions agree, each letter and derivative on its own."""
    derivatives = sorted(first.atoms(D) | second.atoms(D), key=str)
    stand_ins = {
        each: S.One if each.args[0] == each.args[1] else Dummy(real=True)
        for each in derivatives
    }
    both = [each.xreplace(stand_ins).doit() for each in (first, second)]
    arguments = [*symbols, *(each for each in stand_ins.values() if each.is_Symbol)]
    points = np.random.default_rng(0).uniform(0.1, 0.9, (len(arguments), 7)) + 0j
    with np.errstate(all="ignore"):
        values = lambdify(arguments, both, "numpy")(*points)
    one, other = (np.broadcast_to(each, 7) for each in values)
    assert np.all(np.isfinite(one))
    return np.allclose(one, other, rtol=1e-10)


@pytest.mark.slow
@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_every_line_is_read_as_it_was_printed(path, derived):
    steps = derived(path)
    notebook = json.loads(path.read_text("utf-8"))
    shown = "".join(
        "".join(output.get("data", {}).get("text/plain", ""))
        for cell in notebook["cells"]
        for output in cell.get("outputs", ())
    )
    packed = re.sub(r"\s+", "", shown)
    left_out = found = 0
    for derivation, expression in steps:
        if not is_scalar(derivation, expression):
            continue
        used = {*derivation.definitions.symbols, *derivation.first_line.free_symbols}
        symbols = {canonical(symbol): symbol for symbol in used}
        letters = Letters({name: to_latex(s) for name, s in symbols.items()})
        found += re.sub(r"\s+", "", to_text(expression)) in packed
        for printed in (to_text(expression), to_latex(expression)):
            try:
                node = read_formula(printed, letters)
            except Refusal as refusal:
                if refusal.code != "derivative":
                    raise
                left_out += 1
                continue
            assert same(to_sympy(node, symbols), expression, symbols.values()), printed
    assert left_out == 2 * LEFT_OUT.get(path.stem, 0)
    # that these are the lines of the chapter, and that none got lost
    scalar = [pair for pair in steps if is_scalar(*pair)]
    assert found >= 0.6 * len(scalar)
    assert len(steps) >= 0.6 * len(PRINTED.findall(shown))


def test_a_line_that_is_read_otherwise_is_noticed():
    from sympy import symbols

    o, t = symbols("o t", real=True)
    assert same(o * (1 - o), o - o**2, [o, t])
    assert not same(o * (1 - o), o - t**2, [o, t])
    assert not same(D(o, t), D(t, o), [o, t])
