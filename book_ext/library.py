"""The library on the page: its docstrings, and the lines that its formulas become."""

import re
from pathlib import Path

from book_ext import printed

# `(*stack, batch)` is a shape, and not the beginning of a stress.
_STARRED = re.compile(r"(?<![\w*`\\])\*(?=\w+[,)])")
_SOURCE = re.compile(r"^( *)\.\. (\[\d+\]) ")


def mend(app, what, name, obj, options, lines):
    """Let a docstring on the page say what it says in a terminal.

    Stars of shapes, bars of sizes and the numbers of sources mean something else to
    docutils. And a property begins with its description, not with a type.
    """
    within = None
    for number, line in enumerate(lines):
        source = _SOURCE.match(line)
        if source:
            within = source[1]
            line = _SOURCE.sub(r"\1\2 ", line)
        elif within is not None and line.startswith(within + " "):
            line = within + line.lstrip()
        else:
            within = None
        lines[number] = line if line.lstrip().startswith(">>>") else _plain(line)
    if what in ("attribute", "property"):
        # An escaped line end, of which nothing is seen.
        lines.insert(0, "\\")


def _plain(line):
    """Escape what docutils would not take as it stands, outside of code."""
    parts = re.split(r"(``.*?``)", line)
    for number in range(0, len(parts), 2):
        text = _STARRED.sub(r"\\*", parts[number]).replace("|", r"\|")
        parts[number] = re.sub(r"(\[\d+\])_", r"\1", text)
    return "".join(parts)


def equation(app, chapter, cell, row):
    """Return a line that a cell of the book proved, as displayed mathematics."""
    path = Path(app.srcdir) / "chapters" / f"{chapter}.ipynb"
    return f"$$\n{proved_line(printed.code_cells(path)[cell], int(row))}\n$$"


def proved_line(cell, row):
    r"""Return what a row of a cell's derivation says, without its reason, as LaTeX.

    Raises
    ------
    ValueError
        If the cell shows no such row, or does not prove it.
    """
    shown = [output.get("data", {}).get("text/latex", "") for output in cell.outputs]
    rows = [line for text in shown for line in text.splitlines()]
    rows = [line for line in rows if "\\textit{proved" in line]
    if not 1 <= row <= len(rows):
        raise ValueError(f"cell {cell.id} proves {len(rows)} lines, not {row}")
    return rows[row - 1].split(" && ")[0].replace("&=", "=")


def setup(app):
    """Connect to Sphinx."""
    # Before napoleon, which reads the sections of a docstring (500).
    app.connect("autodoc-process-docstring", mend, priority=400)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
