"""What the committed notebooks print: read with nbformat, never from built pages."""

from functools import lru_cache
from pathlib import Path

import nbformat


@lru_cache
def _read(path, changed):
    return nbformat.read(path, as_version=4)


def notebook(path):
    """Return a notebook, read once for as long as its file does not change."""
    path = Path(path)
    return _read(path, path.stat().st_mtime_ns)


def chapters(folder):
    """Return the paths of the notebooks in a folder, in the order of their names."""
    return sorted(Path(folder).glob("*.ipynb"))


def code_cells(path):
    """Return a notebook's code cells by their ids."""
    cells = notebook(path).cells
    return {cell.id: cell for cell in cells if cell.cell_type == "code"}


def text(cell):
    """Return all that a code cell printed and showed, as plain text."""
    parts = [
        output.get("text", "") or output.get("data", {}).get("text/plain", "")
        for output in cell.outputs
    ]
    return "\n".join(part.rstrip("\n") for part in parts if part)
