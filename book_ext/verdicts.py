"""How each result of a chapter is borne out, read from what its cells show.

A `Derivation`, `Results` and `Definitions` show themselves twice, as plain text and as
LaTeX, with the word that says how each line was checked. Both are read, and must agree.
"""

import ast
import re
from dataclasses import dataclass

CHECK = re.compile(r" \[((?:proved|checked)[^\[\]]*)\]$")
_CHECK_SET = re.compile(r"\\textit\{((?:proved|checked)[^{}]*)\}")
_NUMBERED = re.compile(r"\$\$ *\(([\w-]+)\)\s*$", re.MULTILINE)
_GIVEN = re.compile(r"<!--\s*given:(.*?)-->", re.DOTALL)


@dataclass(frozen=True)
class Result:
    """What a derivation began with, and how each of its lines was checked."""

    left: str
    checks: tuple


def kind(check):
    """Return of what kind the check of a line is.

    >>> [kind(c) for c in ("proved", "proved for every n, m", "checked at 20 points")]
    ['proved', 'every', 'points']
    """
    if check == "proved":
        return "proved"
    if check.startswith("proved for every "):
        return "every"
    if re.match(r"checked (?:at \d+ points?|for widths up to \d+)", check):
        return "points"
    raise ValueError(f"no word of a derivation: {check!r}")


def results(cell):
    """Return the results that a code cell shows, each with its lines' checks."""
    found = []
    for output in cell.outputs:
        data = output.get("data", {})
        rows = data.get("text/plain", "").splitlines()
        read = [match[1] for match in map(CHECK.search, rows) if match]
        shown = _CHECK_SET.findall(data.get("text/latex", ""))
        if read != shown:
            raise ValueError(f"cell {cell.id}: the text says {read}, LaTeX {shown}")
        if read:
            found += _split(rows)
    return found


def _split(rows):
    left, checks, found = "", [], []
    for row in rows:
        if not row.startswith(" "):
            if checks:
                found.append(Result(left, tuple(checks)))
            left, checks = row.split(" = ")[0].strip(), []
        checks += CHECK.findall(row)
    return [*found, Result(left, tuple(checks))]


def definitions(cell):
    """Return how many lines a code cell shows of definitions."""
    count = 0
    for output in cell.outputs:
        shown = output.get("data", {}).get("text/latex", "")
        if shown.startswith("$$\\begin{aligned}") and not _CHECK_SET.search(shown):
            rows = [row.strip() for row in shown.splitlines()[1:-1]]
            count += sum(not row.startswith("&") for row in rows)
    return count


def numbered(markdown):
    """Return the labels of the numbered equations in a Markdown text."""
    return _NUMBERED.findall(markdown)


def given(notebook):
    """Return how many numbers and sums a notebook declares as given."""
    count = 0
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            lists = _GIVEN.findall(cell.source)
            count += sum(len(text.split(",")) for text in lists)
        elif cell.cell_type == "code":
            count += len(cell.metadata.get("given", ()))
            count += sum(
                len(word.value.keys)
                for word in ast.walk(ast.parse(cell.source))
                if isinstance(word, ast.keyword)
                and word.arg == "given"
                and isinstance(word.value, ast.Dict)
            )
    return count
