"""Exercises, figures and sources: written for a notebook, shown on a page.

JupyterLab knows no directive that reaches over cells, no number of a figure, and no
bibliography. So the chapters write these three as plain Markdown, which any notebook
viewer shows, and here they become what the page has better:

- An exercise is the heading `### Exercise`, or `### Exercise: Its title`, with its
  label above it. Its solution is the heading `#### Solution` in a cell of its own,
  which JupyterLab keeps folded. Either goes on to the next heading, as in JupyterLab.
  On the page they are sphinx-exercise's boxes, and the solution opens by a click.
- A figure is referred to in words, `` {numref}`the hump <fig-hump>` ``. On the page its
  number takes the place of the words.
- A source is its key, linked to the file in which it stands, or several keys with
  commas: `[[cauchy1847]](references.bib)`. On the page it is a citation.
"""

import json
import re

EXERCISE = re.compile(r"\((ex-[\w-]+)\)=\n### Exercise(?:: (.+))?(?:\n|\Z)")
SOLUTION = "#### Solution"
HEADING = re.compile(r"^(?:\(.+\)=\n)?#{1,6} ", re.MULTILINE)

_FIGURE = re.compile(r"\{numref\}`[^`<]+<([^`>]+)>`")
_SOURCE = re.compile(r"\[\[([\w,-]+)\]\]\(references\.bib\)")


def for_the_page(cells):
    """Rewrite the Markdown of a notebook's `cells`, in place, as the page wants it."""
    label = within = None
    for cell in cells:
        if cell["cell_type"] != "markdown":
            continue
        text = "".join(cell["source"])
        exercise, start = EXERCISE.match(text), ""
        if within and HEADING.match(text):
            start, within = f"```{{{within}-end}}\n```\n\n", None
        if exercise:
            label, title = exercise.groups()
            start += f"```{{exercise-start}} {title or ''}\n:label: {label}\n```\n\n"
            text, within = text[exercise.end() :], "exercise"
        elif text.strip() == SOLUTION:
            start += f"```{{solution-start}} {label}\n:class: dropdown\n```\n"
            text, within = "", "solution"
        text = _SOURCE.sub(r"{cite}`\1`", _FIGURE.sub(r"{numref}`\1`", text))
        cell["source"] = start + text
    if within:
        raise ValueError(f"the {within} {label!r} is the last thing in its chapter")


def read_notebook(app, docname, content):
    """Let Sphinx read a chapter in the form that the page wants."""
    if app.env.doc2path(docname).endswith(".ipynb"):
        notebook = json.loads(content[0])
        for_the_page(notebook["cells"])
        content[0] = json.dumps(notebook)


def setup(app):
    """Connect to Sphinx."""
    app.connect("source-read", read_notebook)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
