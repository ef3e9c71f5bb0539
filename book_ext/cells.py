"""Cells that can be linked to: every code cell of a page has a name.

The cell `claim-range` of `11_sigmoid.ipynb` is led to by
`` {ref}`these words <cell:11_sigmoid:claim-range>` ``, and stands on its page at
`#cell-claim-range`. MyST-NB passes a cell's metadata on, but not its id; so the id
travels there.
"""

import json
from pathlib import PurePosixPath

from docutils import nodes
from sphinx.transforms import SphinxTransform

KEY = "cell_id"


def label(chapter, cell):
    """Return the name under which pages refer to a cell.

    >>> label("11_sigmoid", "claim-range")
    'cell:11_sigmoid:claim-range'
    """
    return f"cell:{chapter}:{cell}"


def link(words, chapter, cell):
    """Return a link to a cell, in MyST."""
    return f"{{ref}}`{words} <{label(chapter, cell)}>`"


def keep_ids(app, docname, content):
    """Write each code cell's id where MyST-NB passes it on."""
    if app.env.doc2path(docname).endswith(".ipynb"):
        notebook = json.loads(content[0])
        for cell in notebook["cells"]:
            if cell["cell_type"] == "code":
                cell["metadata"][KEY] = cell["id"]
        content[0] = json.dumps(notebook)


class NameCells(SphinxTransform):
    """Give each code cell its name, before Sphinx collects what can be referred to."""

    default_priority = 400

    def apply(self, **kwargs):
        """Name them."""
        chapter = PurePosixPath(self.env.docname).name
        for cell in self.document.findall(nodes.container):
            name = cell.get("cell_metadata", {}).get(KEY)
            if name:
                cell["ids"].append(f"cell-{name}")
                cell["names"].append(label(chapter, name).lower())
                self.document.note_explicit_target(cell)


def setup(app):
    """Connect to Sphinx."""
    app.connect("source-read", keep_ids)
    app.add_transform(NameCells)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
