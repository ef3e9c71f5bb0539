"""What README shows runs as it stands, on a stream of few characters too."""

import ast
import os
import re
import subprocess
import sys

import pytest
from conftest import ROOT

LIBRARY = ROOT / "backprop_lib"
# Formulas, drawings and sliders are written in the book's own characters.
BOOKS_OWN = {"symbolic", "plots", "sliders"}
NARROW = "cp1252"  # of Python's output into a file, on many a Windows


def examples():
    """Return the Python blocks of README."""
    text = (ROOT / "README.md").read_text("utf-8")
    return re.findall(r"^```python\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("code", examples())
def test_the_example_prints_to_any_stream(code, tmp_path):
    out = tmp_path / "out"
    with open(out, "wb") as file:
        done = subprocess.run(
            [sys.executable, "-W", "error", "-c", code],
            env=os.environ | {"PYTHONIOENCODING": NARROW, "PYTHONUTF8": "0"},
            cwd=ROOT,
            stdout=file,
            stderr=subprocess.PIPE,
        )
    assert done.returncode == 0, done.stderr.decode(NARROW)
    assert out.read_text(NARROW).strip()


FORMULA = """\
from sympy import symbols
from backprop_lib.symbolic import D
print(D(*symbols("L w", real=True)))"""


@pytest.mark.parametrize(("utf8", "prints"), [("1", True), ("0", False)])
def test_a_formula_prints_in_utf8_mode(utf8, prints):
    plain = {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": utf8}
    kept = {name: v for name, v in os.environ.items() if name != "PYTHONIOENCODING"}
    done = subprocess.run(
        [sys.executable, "-c", FORMULA], env=kept | plain, cwd=ROOT, capture_output=True
    )
    assert (done.returncode == 0) == prints
    assert (done.stdout.decode("utf-8").strip() == "∂L/∂w") == prints


def test_there_is_an_example():
    assert len(examples()) == 1


def strings(source):
    """Yield the text of every string that is no docstring or other statement."""
    tree = ast.parse(source)
    alone = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            if id(node) not in alone:
                yield node.value


def too_wide(text):
    """Return whether a text holds a character that a narrow stream cannot print."""
    return text != text.encode(NARROW, "ignore").decode(NARROW)


def test_what_the_library_says_fits_any_stream():
    found = {}
    for path in sorted(LIBRARY.rglob("*.py")):
        name = path.relative_to(LIBRARY)
        if name.parts[0] not in BOOKS_OWN:
            found[str(name)] = [
                s for s in strings(path.read_text("utf-8")) if too_wide(s)
            ]
    assert {name: wide for name, wide in found.items() if wide} == {}


@pytest.mark.parametrize(
    ("source", "wide"),
    [
        ("print(f'{a} → {b}')", [" → "]),
        ("x = '∂'", ["∂"]),
        ("x = '½ × 3 – …'", []),
        ("def f():\n    '''Return ∂L.'''", []),
    ],
)
def test_a_wide_character_is_found(source, wide):
    assert [text for text in strings(source) if too_wide(text)] == wide
