"""What README and CONTRIBUTING show runs and is there, README on any stream too."""

import ast
import os
import re
import subprocess
import sys

import pytest
from conftest import ROOT

LIBRARY = ROOT / "backprop_lib"
# Formulas, questions, drawings and sliders are written in the book's own characters.
BOOKS_OWN = {"exercises", "symbolic", "plots", "sliders"}
NARROW = "cp1252"  # of Python's output into a file, on many a Windows


def examples(name):
    """Return the Python blocks of a page."""
    text = (ROOT / name).read_text("utf-8")
    return re.findall(r"^```python\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("code", examples("README.md"))
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


CHECKED = "assert callable(d.to_numpy())"
FALSE = "d.step(2 * product(D(o, net), D(L, o), D(net, w)), 'false')"


@pytest.mark.parametrize("code", examples("CONTRIBUTING.md"))
@pytest.mark.parametrize(("more", "said"), [(CHECKED, ""), (FALSE, "DerivationError")])
def test_the_derivation_is_checked_and_becomes_a_function(code, more, said):
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", f"{code}\n{more}"],
        env=os.environ | {"PYTHONUTF8": "1"},
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
    )
    assert (done.returncode == 0) == (said == ""), done.stderr
    assert said in done.stderr


def test_there_are_examples():
    assert len(examples("README.md")) == 1
    assert len(examples("CONTRIBUTING.md")) == 1


# --- commands and files -------------------------------------------------------------

PAGES = ["README.md", "CONTRIBUTING.md", ".github/pull_request_template.md"]
# What the build and the tools make, and the name of a chapter to come.
MADE = {".venv", "NN_name.ipynb"}
SUFFIXES = r"\.(py|ipynb|md|toml|txt|in|yml|yaml|json|bib|cff)"


def commands(text):
    """Return what a page tells its reader to type: indented, or set as code."""
    outside = re.sub(r"^(`{3,})\w*\n.*?^\1$", "", text, flags=re.DOTALL | re.MULTILINE)
    typed = re.findall(r"^    (\S.*)$", outside, re.MULTILINE)
    spans = re.findall(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)", outside, re.DOTALL)
    return [*typed, *(" ".join(code.split()) for _, code in spans)]


def missing(text, recipes):
    """Yield each target and variable of make, and each file, that is not there."""
    for command in commands(text):
        first, *words = command.split(" ")
        if first == "make":
            settings = [word.partition("=")[0] for word in words if "=" in word]
            settings = [name for name in settings if name.isupper()]
            targets = [w for w in words if re.fullmatch(r"[a-z][a-z-]*", w)]
            if not targets or not re.search(rf"^{targets[0]}:", recipes, re.MULTILINE):
                yield command
            for name in settings:
                if f"$({name})" not in recipes:
                    yield f"{name} of {command}"
        elif re.fullmatch(rf"[\w./-]+(/|{SUFFIXES})|LICENSE[\w-]*", command):
            if command not in MADE and not (ROOT / command).exists():
                yield command


@pytest.mark.parametrize("name", PAGES)
def test_commands_and_files_that_are_named_are_there(name):
    text = (ROOT / name).read_text("utf-8")
    recipes = (ROOT / "Makefile").read_text("utf-8")
    assert any(command.startswith("make ") for command in commands(text))
    assert list(missing(text, recipes)) == []


def test_readme_names_every_target_that_make_helps_with():
    recipes = (ROOT / "Makefile").read_text("utf-8")
    helped = re.findall(r"^# make ([\w-]+)", recipes, re.MULTILINE)
    named = commands((ROOT / "README.md").read_text("utf-8"))
    assert {f"make {target}" for target in helped} - set(named) == set()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Run:\n\n    make books\n", ["make books"]),
        ("`make refresh CHAPTER=03` runs it", ["CHAPTER of make refresh CHAPTER=03"]),
        ("`make shake CHAPTERS=13\nSETTINGS=starts` is quick", []),
        ("`make` alone", ["make"]),
        ("see `tools/notebook_check.py`", ["tools/notebook_check.py"]),
        ("see `tools/` and `LICENSE-WORDS`", ["LICENSE-WORDS"]),
        ("```python\n    make books\n```", []),
        ("`` a `b` `` and `make books`", ["make books"]),
        ("an output of `0.9722`, `rev`", []),
    ],
)
def test_what_is_not_there_is_found(text, found):
    recipes = (ROOT / "Makefile").read_text("utf-8")
    assert list(missing(text, recipes)) == found


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
