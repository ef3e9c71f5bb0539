"""Cells that only draw, folded on the page under how long they are.

A notebook marks such a cell with the tag `drawing`. The page shows its figure, and
for the code one line, "Drawing code (14 lines)", that opens it. The browser does the
rest: no script, found by its search, on paper as it stands on the screen.
"""

from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform

TAG = "drawing"


class Folded(nodes.General, nodes.Element):
    """The code of a cell, behind a line that says how much of it there is."""


def label(code):
    """Return what stands for `code` where it is folded.

    >>> label("draw()"), label("a = 1\\n\\ndraw(a)\\n")
    ('Drawing code (1 line)', 'Drawing code (3 lines)')
    """
    count = len(code.strip("\n").splitlines())
    return f"Drawing code ({count} line{'s' * (count != 1)})"


class FoldDrawing(SphinxPostTransform):
    """Fold the code of cells with the tag; what they show stays in sight."""

    default_priority = 198
    formats = ("html",)

    def run(self, **kwargs):
        """Put the code of each such cell into a `Folded`."""
        for cell in list(self.document.findall(nodes.container)):
            if TAG not in cell.get("cell_metadata", {}).get("tags", ()):
                continue
            for part in list(cell.children):
                if part.get("nb_element") == "cell_code_source":
                    folded = Folded(label=label(part.astext()))
                    cell.replace(part, folded)
                    folded += part


def open_folded(writer, node):
    """Write the line, closed."""
    writer.body.append(f'<details class="drawing"><summary>{node["label"]}</summary>\n')


def close_folded(writer, node):
    """End what the line opens."""
    writer.body.append("</details>\n")


def setup(app):
    """Let the builder fold."""
    app.add_node(Folded, html=(open_folded, close_folded))
    app.add_post_transform(FoldDrawing)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
