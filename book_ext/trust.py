"""The page of trust: what is proved, checked, measured, given; counted, and listed."""

import ast
import re
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from book_ext import cells, chance, printed, verdicts

FILE = "equations.yml"
MUTATIONS = Path("tests") / "test_mutations.py"
# Where the tables of that test seed their errors.
SEEDED = {
    "MUTATIONS": "the two passes and what they call",
    "PROVER": "the prover for sums over indices",
    "DIAGNOSIS": "what names the mistake in a gradient",
}
HOW = {
    "definition": "by definition",
    "proved": "proved",
    "argued": "argued in words",
}
# The columns of the tables, and what they count.
LINES = {
    "proved": "proved",
    "every": "proved for every width",
    "points": "checked at points",
    "definitions": "by definition",
    "given": "given",
}
EQUATIONS = {f"equation {how}": words for how, words in HOW.items()}
_DIGIT = re.compile(r"\d")
# What a figure, a slider or a question prints in a notebook.
_SHOWS = ("<Figure", "Figure with", "Question:")


@dataclass
class Chapter:
    """What a page of the book has of each kind; `file` is its name with its ending."""

    name: str
    file: str
    title: str
    results: dict = field(default_factory=dict)  # of a cell's id
    equations: dict = field(default_factory=dict)  # of a label: its entry
    counts: Counter = field(default_factory=Counter)
    measured: dict = field(default_factory=dict)  # of a cell's id: its seeds

    @property
    def link(self):
        """A link to the page, in MyST."""
        return f"[{self.title}]({self.file})"


def equations(folder):
    """Return how each numbered equation stands, by its label."""
    return yaml.safe_load((Path(folder) / FILE).read_text(encoding="utf-8"))


def survey(folder):
    """Return what each page of a folder has: the index, then the notebooks.

    Raises
    ------
    ValueError
        If a numbered equation has no entry, or an entry says what its cell does not.
    """
    folder, known = Path(folder), equations(folder)
    index = Chapter("index", "index.md", "The first page")
    labels = verdicts.numbered((folder / "index.md").read_text(encoding="utf-8"))
    _add_equations(index, labels, known, folder)
    return [index, *(_chapter(path, known) for path in printed.chapters(folder))]


def _chapter(path, known):
    notebook = printed.notebook(path)
    chapter = Chapter(path.stem, path.name, _title(path, notebook))
    code = printed.code_cells(path)
    seeds = chance.seeds(code.values())
    for name, cell in code.items():
        found = verdicts.results(cell)
        if found:
            chapter.results[name] = found
        checks = [check for result in found for check in result.checks]
        chapter.counts.update(map(verdicts.kind, checks))
        lines = verdicts.definitions(cell)
        chapter.counts["definitions"] += lines
        said = printed.text(cell)
        shows = said.startswith(_SHOWS)
        if not found and not lines and not shows and _DIGIT.search(said):
            chapter.measured[name] = seeds[name]
    chapter.counts["given"] = verdicts.given(notebook)
    words = [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]
    labels = [label for text in words for label in verdicts.numbered(text)]
    _add_equations(chapter, labels, known, path.parent)
    return chapter


def _title(path, notebook):
    """Return what the contents call a chapter, or else its own first line."""
    contents = path.parents[1] / "_toc.yml"
    if contents.exists():
        words = contents.read_text(encoding="utf-8")
        entry = rf"file: chapters/{path.stem}\n +title: \"?(.*?)\"?$"
        found = re.search(entry, words, re.MULTILINE)
        if found:
            return found[1]
    return notebook.cells[0].source.splitlines()[0].removeprefix("# ")


def _add_equations(chapter, labels, known, folder):
    for label in labels:
        if label not in known:
            raise ValueError(f"{chapter.name}: {label} is not in {FILE}")
        entry = {"chapter": chapter.name, "cell": None, **known[label]}
        if entry["how"] not in HOW:
            raise ValueError(f"{label}: {entry['how']!r} is none of {[*HOW]}")
        entry["checks"] = _checks(label, entry, folder)
        chapter.equations[label] = entry
        chapter.counts[f"equation {entry['how']}"] += 1


def _checks(label, entry, folder):
    """Return the words that stand beside the lines of an equation's cell."""
    if entry["cell"] is None:
        if entry["how"] == "proved":
            raise ValueError(f"{label} is proved, but no cell is named")
        return []
    code = printed.code_cells(Path(folder) / f"{entry['chapter']}.ipynb")
    if entry["cell"] not in code:
        raise ValueError(f"{label}: {entry['chapter']} has no cell {entry['cell']}")
    found = verdicts.results(code[entry["cell"]])
    checks = [check for result in found for check in result.checks]
    if not checks:
        raise ValueError(f"{label}: cell {entry['cell']} derives nothing")
    if entry["how"] == "proved" and "points" in map(verdicts.kind, checks):
        raise ValueError(f"{label}: cell {entry['cell']} does not prove all its lines")
    return list(dict.fromkeys(checks))


# --- what the page shows --------------------------------------------------------------


def lines(app):
    """Return the table of lines, by chapter."""
    app.env.note_dependency(str(Path(app.srcdir) / "chapters" / FILE))
    return table_of_counts(survey(Path(app.srcdir) / "chapters"), LINES)


def numbered(app):
    """Return the table of numbered equations, by chapter."""
    return table_of_counts(survey(Path(app.srcdir) / "chapters"), EQUATIONS)


def table_of_counts(chapters, columns):
    """Return how many of each kind each chapter has."""
    rows = [f"| Chapter | {' | '.join(columns.values())} |"]
    rows.append("|---|" + "--:|" * len(columns))
    together = Counter()
    for chapter in chapters:
        together.update(chapter.counts)
        row = [chapter.counts[key] or "" for key in columns]
        if any(row):
            rows.append(f"| {chapter.link} | {' | '.join(map(str, row))} |")
    row = [together[key] for key in columns]
    rows.append(f"| **together** | {' | '.join(map(str, row))} |")
    return "\n".join(rows)


def measured(app):
    """Return the table of what is measured, by chapter, and with which seeds."""
    return table_of_measured(survey(Path(app.srcdir) / "chapters"))


def table_of_measured(chapters):
    """Return how many cells of each chapter print numbers, and how many of chance."""
    rows = ["| Chapter | cells that print numbers | of chance | seeds |"]
    rows.append("|---|--:|--:|---|")
    cells_, drawn = 0, 0
    for chapter in chapters:
        if not chapter.measured:
            continue
        chancy = [seeds for seeds in chapter.measured.values() if seeds]
        cells_, drawn = cells_ + len(chapter.measured), drawn + len(chancy)
        said = _seeds(set().union(*chancy))
        row = f"{len(chapter.measured)} | {len(chancy) or ''} | {said}"
        rows.append(f"| {chapter.link} | {row} |")
    rows.append(f"| **together** | {cells_} | {drawn} | |")
    return "\n".join(rows)


def _seeds(seeds):
    """Return seeds as they are read: numbers in order, then that others vary."""
    numbers = sorted(seed for seed in seeds if seed != chance.VARIES)
    more = ["one for each run"] if chance.VARIES in seeds else []
    return ", ".join([*map(str, numbers), *more])


def listed(app):
    """Return every result and numbered equation, chapter by chapter, folded."""
    chapters = survey(Path(app.srcdir) / "chapters")
    return "\n\n".join(map(list_of, filter(_has_results, chapters)))


def _has_results(chapter):
    return chapter.results or chapter.equations


def list_of(chapter):
    """Return a chapter's results, each with its cell and how it stands."""
    rows = ["| Result | Lines | How |", "|---|--:|---|"]
    for label, entry in chapter.equations.items():
        rows.append(f"| equation {{eq}}`{label}` | | {_how(entry)} |")
    for name, found in chapter.results.items():
        for result in found:
            words = _short(result.left)
            way = cells.link(words, chapter.name, name)
            how = "; ".join(dict.fromkeys(result.checks))
            rows.append(f"| {way} | {len(result.checks)} | {how} |")
    return "\n".join([f":::{{dropdown}} {chapter.title}", *rows, ":::"])


def _how(entry):
    said = HOW[entry["how"]]
    if entry["how"] == "proved":
        said = "; ".join(entry["checks"])
    if entry["cell"] is None:
        return said
    words = "in this cell" if entry["how"] == "proved" else "from this cell"
    return f"{said}, {cells.link(words, entry['chapter'], entry['cell'])}"


def _short(left, longest=40):
    left = left if len(left) <= longest else left[: longest - 1] + "…"
    return left.replace("|", "\\|")


def mutations(app):
    """Return how many errors the tests seed in the library, where, and which."""
    seeded = seeded_errors(Path(app.srcdir) / MUTATIONS)
    places = {name: SEEDED.get(name, name.lower()) for name in seeded}
    total = sum(map(len, seeded.values()))
    each = ", ".join(f"{len(seeded[name])} in {places[name]}" for name in seeded)
    blocks = [
        f"In copies of the library {total} errors are seeded, one at a time: {each}. "
        "Each must make the tests fail, and the untouched copy must pass. If one is "
        "not noticed, the book's own tests fail."
    ]
    for name, errors in seeded.items():
        title = f"Seeded in {places[name]}"
        rows = [f"- {error}" for error in errors]
        blocks.append("\n".join([f":::{{dropdown}} {title}", *rows, ":::"]))
    return "\n\n".join(blocks)


def seeded_errors(path):
    """Return the names of the seeded errors, read from the test's tables."""
    found = {}
    for statement in ast.parse(Path(path).read_text(encoding="utf-8")).body:
        if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Dict):
            name = statement.targets[0].id
            found[name] = [ast.literal_eval(key) for key in statement.value.keys]
    return found
