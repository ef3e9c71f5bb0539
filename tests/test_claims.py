"""The ledger of claims: complete, each verdict with its cell, and its page."""

import copy
from functools import lru_cache
from types import SimpleNamespace

import pytest
import yaml
from bs4 import BeautifulSoup
from conftest import ROOT
from nbformat import write
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from book_ext import cells, claims, printed
from tools.prose_numbers import numbers

CHAPTERS = ROOT / "chapters"
KEYS = ["claim", "part", "verdict", "condition", "chapter", "figure", "printed", "cell"]
TEXTS = [key for key in KEYS if key != "printed"]

# What the notes say that this book grew from, sentence by sentence, and the claim in
# which the ledger decides it.
NOTES = {
    "Backpropagation is an efficient way to the gradient.": (
        "Backpropagation is an efficient way to the gradient."
    ),
    "It is the chain rule on a composite function.": (
        "Backpropagation is the chain rule, applied to a composite function."
    ),
    "The difference of output and target is used to calculate the loss.": (
        "The difference of output and target is used to calculate the loss."
    ),
    "It minimises the loss.": "Backpropagation minimises the loss.",
    "It runs in two phases.": "Backpropagation runs in two phases.",
    "It applies to feedforward networks.": (
        "Backpropagation applies to feedforward networks."
    ),
    "Each neuron is a weighted sum and a nonlinearity.": (
        "Each neuron is a weighted sum and a nonlinearity."
    ),
    "The three-factor formula.": (
        "The slope of the loss by a weight is the product of three factors, "
        "∂o_j/∂net_j · ∂L/∂o_j · ∂net_j/∂w_ij."
    ),
    "The sigmoid maps any input into (0, 1).": (
        "The sigmoid maps any input into (0, 1)."
    ),
    "It saturates at both ends.": "The sigmoid saturates at both ends, to 1 or 0.",
    "Its derivative is simple.": "The derivative of the sigmoid is simple.",
    "Its gradient vanishes for large inputs.": (
        "The gradient of the sigmoid vanishes for large inputs."
    ),
    "That makes long-term dependencies hard to learn.": (
        "Vanishing gradients make long-term dependencies hard to learn."
    ),
    "ReLU and tanh alleviate it.": ("ReLU and tanh alleviate the vanishing gradient."),
    "The outputs can be read as probabilities.": (
        "The outputs of a sigmoid can be read as probabilities."
    ),
    "Those of independent sigmoids are the probabilities of the classes.": (
        "The outputs of several sigmoid neurons are the probabilities of several "
        "classes."
    ),
    "The class with the highest probability is the maximum likelihood estimate.": (
        "The class with the highest probability is the maximum-likelihood estimate."
    ),
    "Accuracy and cross-entropy measure it.": (
        "Accuracy and cross-entropy measure how good a classifier is."
    ),
    "A bounded output prevents numerical instability.": (
        "The bounded output of the sigmoid prevents numerical instability."
    ),
    "Saturation prevents over-confident predictions.": (
        "Saturation keeps a network from over-confident predictions."
    ),
}


def incomplete(entry):
    """Say what an entry lacks or has too much of."""
    if not isinstance(entry, dict):
        return [f"{entry!r} is no entry"]
    found = [f"unknown key {key}" for key in entry if key not in KEYS]
    if entry.get("part") not in claims.PARTS:
        found.append(f"part is {entry.get('part')!r}")
    if entry.get("verdict") not in claims.VERDICTS:
        found.append(f"verdict is {entry.get('verdict')!r}")
    spare = {"holds": ["condition"], "open": ["chapter", "figure", "cell"]}
    for key in TEXTS:
        value = entry.get(key)
        if key in spare.get(entry.get("verdict"), []) and value is None:
            continue
        if not isinstance(value, str) or not value.strip():
            found.append(f"{key} is {value!r}")
    return found


def unsupported(entry, folder):
    """Say what of an entry's figure its cell does not bear out."""
    if entry["verdict"] == "open":
        return ["it is open, but names a cell"] if "cell" in entry else []
    typed = numbers(claims.PLACE.sub(" ", entry["figure"]))
    found = [f"the figure types {number.text}" for number in typed]
    if not claims.PLACE.search(entry["figure"]):
        found.append("the figure shows nothing of what the cell prints")
    try:
        claims.figure(entry, folder)
        shown = numbers(printed.text(claims.deciding_cell(entry, folder)))
    except ValueError as error:
        return [*found, str(error)]
    wanted = [number for number in numbers(entry.get("condition", "")) if number.counts]
    return found + [
        f"the condition says {number.text}, cell {entry['cell']} does not"
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


def undecided(entries, notes):
    """Return the sentences of the notes of which the ledger says nothing."""
    there = {" ".join(entry["claim"].split()) for entry in entries}
    return [sentence for sentence, claim in notes.items() if claim not in there]


def test_the_ledger_holds():
    assert complaints(claims.read(CHAPTERS), CHAPTERS) == []


def test_every_sentence_of_the_notes_has_its_row():
    assert undecided(claims.read(CHAPTERS), NOTES) == []


def test_the_page_shows_each_sentence_with_verdict_figure_and_cell():
    assert "<!-- generated: claims -->" in (CHAPTERS / "claims.md").read_text("utf-8")
    page = claims.page(fake_app(ROOT))
    for entry in claims.read(CHAPTERS):
        start = page.index(" ".join(entry["claim"].split()) + "\n")
        shown = page[start:].split("\n\n")
        assert f": **{entry['verdict'].capitalize()}.**" in shown[0]
        if entry["verdict"] != "open":
            assert " ".join(claims.figure(entry, CHAPTERS).split()) in shown[1]
            assert f"<{cells.label(entry['chapter'], entry['cell'])}>" in shown[1]


def misled(page, folder, entries):
    """Return the entries whose link on a built page is not to their own cell."""
    links = {link.get("href") for link in read(page).select("article a")}
    found = []
    for entry in entries:
        place = f"cell-{entry['cell']}"
        chapter = read(folder / f"{entry['chapter']}.html")
        there = chapter.find(id=place)
        if f"{entry['chapter']}.html#{place}" not in links:
            found.append(f"no link to {place}")
        elif there is None or "cell" not in there.get("class", ()):
            found.append(f"no cell {place}")
        elif not there.select(".cell_output"):
            found.append(f"{place} shows nothing")
    return found


@lru_cache
def read(page):
    """Return a built page."""
    return BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser")


@pytest.mark.slow
def test_each_verdict_leads_to_the_cell_that_decides_it(book):
    entries = [e for e in claims.read(CHAPTERS) if e["verdict"] != "open"]
    folder = book / "chapters"
    assert misled(folder / "claims.html", folder, entries) == []


def test_the_summary_counts_the_verdicts():
    entries = [
        {"verdict": "holds", "part": "sigmoid"},
        {"verdict": "open", "part": "sigmoid"},
        {"verdict": "open", "part": "backpropagation"},
    ]
    rows = claims.summary(entries).splitlines()[2:]
    counts = [[cell.strip() for cell in row.split("|")[2:-1]] for row in rows]
    assert counts == [["0", "1", "1"], ["1", "1", "2"], ["1", "2", "3"]]
    assert "**holds**" in rows[0]
    assert "**open**" in rows[1]


# --- and it can fail --------------------------------------------------------------

GOOD = {
    "claim": "The slope is at most a quarter.",
    "part": "sigmoid",
    "verdict": "holds when",
    "condition": "Only for the sigmoid itself, 25 % of 1.",
    "chapter": "01_slope",
    "figure": "{slope} in {cases} cases",
    "printed": {"slope": r"^(\S+) \(", "cases": r"\((.+)\)"},
    "cell": "slope",
}
OPEN = {key: GOOD[key] for key in ("part", "condition")} | {
    "claim": "Nobody knows.",
    "verdict": "open",
}


def fake_app(root):
    """Stand in for Sphinx, as far as a page's maker asks for it."""
    return SimpleNamespace(
        srcdir=root, env=SimpleNamespace(note_dependency=lambda path: None)
    )


@pytest.fixture
def folder(tmp_path):
    output = new_output("stream", name="stdout", text="0.2500 (3 of 3)\n-7\n")
    cells = [
        new_markdown_cell("0.26", id="words"),
        new_code_cell("print(slope)", id="slope", outputs=[output]),
        new_code_cell("print(other)", id="other"),
    ]
    write(new_notebook(cells=cells), tmp_path / "01_slope.ipynb")
    return tmp_path


def test_a_good_ledger_has_no_complaints(folder):
    plain = {**GOOD, "claim": "Another.", "verdict": "holds"}
    del plain["condition"]
    assert complaints([GOOD, plain, OPEN], folder) == []


def test_a_figure_is_what_the_cell_prints_now(folder):
    assert claims.figure(GOOD, folder) == "0.2500 in 3 of 3 cases"
    minus = {**GOOD, "figure": "{a}", "printed": {"a": r"^(-\d)$"}}
    assert claims.figure(minus, folder) == "−7"
    path = folder / "01_slope.ipynb"
    path.write_text(path.read_text().replace("0.2500", "0.2400"))
    assert claims.figure(GOOD, folder) == "0.2400 in 3 of 3 cases"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        *[({key: ""}, key) for key in TEXTS],
        *[({key: None}, key) for key in TEXTS],
        ({"cell": 3}, "cell is 3"),
        ({"part": "softmax"}, "part is 'softmax'"),
        ({"verdict": "maybe"}, "verdict is 'maybe'"),
        ({"verdict": "open"}, "open, but names a cell"),
        ({"colour": "red"}, "unknown key colour"),
        ({"chapter": "02_none"}, "no chapter 02_none"),
        ({"cell": "none"}, "no code cell none"),
        ({"cell": "words"}, "no code cell words"),
        ({"cell": "other"}, "fits 0 times"),
        ({"figure": "{slope} in 3 of {cases}"}, "types 3"),
        ({"figure": "a quarter"}, "shows nothing"),
        ({"figure": "{slope}"}, "printed has"),
        ({"figure": "{slope}, {cases}, {more}"}, "printed has"),
        ({"printed": None}, "printed has"),
        ({"printed": {"slope": r"(\d)", "cases": r"\((.+)\)"}}, "fits 8 times"),
        ({"printed": {"slope": r"\d\.\d+", "cases": r"\((.+)\)"}}, "not once"),
        ({"condition": "At most 0.26."}, "the condition says 0.26"),
    ],
)
def test_a_bad_entry_is_found(folder, change, reason):
    found = complaints([{**copy.deepcopy(GOOD), **change}], folder)
    assert any(reason in what for what in found), found


@pytest.mark.parametrize("entries", [None, [], {}, ["a claim"], [GOOD, GOOD]])
def test_a_bad_ledger_is_found(folder, entries):
    assert complaints(entries, folder)


@pytest.mark.parametrize("claim", NOTES.values())
def test_a_sentence_without_its_row_is_found(claim):
    entries = yaml.safe_load((CHAPTERS / claims.FILE).read_text(encoding="utf-8"))
    rest = [entry for entry in entries if " ".join(entry["claim"].split()) != claim]
    assert [NOTES[sentence] for sentence in undecided(rest, NOTES)] == [claim]


@pytest.mark.parametrize(
    ("link", "cell", "reason"),
    [
        ("01_slope.html#cell-slope", "<div class=cell id=cell-slope>{}</div>", []),
        ("01_slope.html", "<div class=cell id=cell-slope>{}</div>", ["no link"]),
        ("01_slope.html#cell-slope", "<p id=cell-slope>{}</p>", ["no cell"]),
        ("01_slope.html#cell-slope", "<div class=cell id=a>{}</div>", ["no cell"]),
        ("01_slope.html#cell-slope", "<div class=cell id=cell-slope></div>", ["shows"]),
    ],
)
def test_a_link_that_leads_astray_is_found(tmp_path, link, cell, reason):
    page, chapter = tmp_path / "claims.html", tmp_path / "01_slope.html"
    page.write_text(f"<article><a href='{link}'>the cell</a></article>")
    chapter.write_text(cell.format("<div class=cell_output>0.25</div>"))
    found = misled(page, tmp_path, [GOOD])
    assert len(found) == len(reason)
    assert all(words in said for words, said in zip(reason, found))


def test_an_entry_that_does_not_fit_stops_the_page(folder):
    (folder / "chapters").mkdir()
    (folder / "01_slope.ipynb").rename(folder / "chapters" / "01_slope.ipynb")
    ledger = folder / "chapters" / claims.FILE
    ledger.write_text(yaml.safe_dump([GOOD]))
    assert "0.2500 in 3 of 3 cases" in claims.page(fake_app(folder))
    ledger.write_text(yaml.safe_dump([{**GOOD, "cell": "other"}]))
    with pytest.raises(ValueError, match="fits 0 times"):
        claims.page(fake_app(folder))
