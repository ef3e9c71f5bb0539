"""The ledger of claims: complete, and each verdict borne out by the cell it names."""

import copy

import nbformat
import pytest
import yaml
from conftest import ROOT

from tools.prose_numbers import numbers

LEDGER = ROOT / "chapters" / "claims.yml"
KEYS = ["claim", "part", "verdict", "condition", "chapter", "figure", "cell"]
PARTS = {"backpropagation", "sigmoid"}
VERDICTS = {"holds", "holds when", "does not hold"}


def incomplete(entry):
    """Say what an entry lacks or has too much of."""
    if not isinstance(entry, dict):
        return [f"{entry!r} is no entry"]
    found = [f"unknown key {key}" for key in entry if key not in KEYS]
    for key in KEYS:
        value = entry.get(key)
        if key == "condition" and entry.get("verdict") == "holds":
            continue
        if not isinstance(value, str) or not value.strip():
            found.append(f"{key} is {value!r}")
    if entry.get("part") not in PARTS:
        found.append(f"part is {entry.get('part')!r}")
    if entry.get("verdict") not in VERDICTS:
        found.append(f"verdict is {entry.get('verdict')!r}")
    return found


def printed(cell):
    """Return every number that a cell's output shows."""
    texts = [output.get("text", "") for output in cell.outputs]
    texts += [
        str(value) for out in cell.outputs for value in out.get("data", {}).values()
    ]
    return [number for text in texts for number in numbers(text)]


def unsupported(entry, folder):
    """Say which of an entry's numbers its cell does not print."""
    path = folder / f"{entry['chapter']}.ipynb"
    if not path.exists():
        return [f"there is no chapter {entry['chapter']}"]
    cells = nbformat.read(path, as_version=4).cells
    named = [c for c in cells if c.id == entry["cell"] and c.cell_type == "code"]
    if not named:
        return [f"{entry['chapter']} has no code cell {entry['cell']}"]
    wanted, shown = numbers(entry["figure"]), printed(named[0])
    if not wanted:
        return ["the figure holds no number"]
    return [
        f"cell {entry['cell']} does not print {number.text}"
        for number in wanted
        if not any(number.borne_out_by(other) for other in shown)
    ]


def complaints(entries, folder):
    """Return what is wrong with a ledger whose chapters lie in `folder`."""
    if not isinstance(entries, list) or not entries:
        return ["the ledger is no list of entries"]
    found, seen = [], set()
    for entry in entries:
        wrong = incomplete(entry) or unsupported(entry, folder)
        name = entry.get("claim") if isinstance(entry, dict) else entry
        wrong += ["it is listed twice"] if name in seen else []
        seen.add(name)
        found += [f"{name!r}: {what}" for what in wrong]
    return found


def test_the_ledger_holds():
    entries = yaml.safe_load(LEDGER.read_text(encoding="utf-8"))
    assert complaints(entries, LEDGER.parent) == []


# --- and it can fail --------------------------------------------------------------

GOOD = {
    "claim": "The slope is at most a quarter.",
    "part": "sigmoid",
    "verdict": "holds when",
    "condition": "Only for the sigmoid itself.",
    "chapter": "01_slope",
    "figure": "0.25 in 3 of 3 cases, 25 %",
    "cell": "slope",
}


@pytest.fixture
def folder(tmp_path):
    from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

    output = new_output("stream", name="stdout", text="0.2500 (3 of 3)\n")
    cells = [
        new_markdown_cell("0.26", id="words"),
        new_code_cell("print(slope)", id="slope", outputs=[output]),
        new_code_cell("print(other)", id="other"),
    ]
    nbformat.write(new_notebook(cells=cells), tmp_path / "01_slope.ipynb")
    return tmp_path


def test_a_good_ledger_has_no_complaints(folder):
    plain = {**GOOD, "claim": "Another.", "verdict": "holds"}
    del plain["condition"]
    assert complaints([GOOD, plain], folder) == []


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        *[({key: ""}, key) for key in KEYS],
        *[({key: None}, key) for key in KEYS],
        ({"cell": 3}, "cell is 3"),
        ({"part": "softmax"}, "part is 'softmax'"),
        ({"verdict": "maybe"}, "verdict is 'maybe'"),
        ({"colour": "red"}, "unknown key colour"),
        ({"chapter": "02_none"}, "no chapter 02_none"),
        ({"cell": "none"}, "no code cell none"),
        ({"cell": "words"}, "no code cell words"),
        ({"cell": "other"}, "does not print 0.25"),
        ({"figure": "0.26"}, "does not print 0.26"),
        ({"figure": "3 of 4"}, "does not print 4"),
        ({"figure": "0.25000"}, "does not print 0.25000"),
        ({"figure": "a quarter"}, "holds no number"),
    ],
)
def test_a_bad_entry_is_found(folder, change, reason):
    found = complaints([{**copy.deepcopy(GOOD), **change}], folder)
    assert any(reason in what for what in found)


@pytest.mark.parametrize("entries", [None, [], {}, ["a claim"], [GOOD, GOOD]])
def test_a_bad_ledger_is_found(folder, entries):
    assert complaints(entries, folder)
