"""Parts of pages that are made when the book is built.

A page says `<!-- generated: claims -->` on a line of its own, and what is made from
the notebooks as they are committed takes the place of the line. So these parts cannot
say other than the notebooks do.
"""

import re

from book_ext import claims, library, trust

MARK = re.compile(r"^<!-- generated: ([^\n]+) -->$", re.MULTILINE)
MAKERS = {
    "claims": claims.page,
    "equation": library.equation,
    "lines": trust.lines,
    "measured": trust.measured,
    "mutations": trust.mutations,
    "numbered": trust.numbered,
    "results": trust.listed,
}


def fill_in(app, docname, content):
    """Put what is generated in the place of its mark."""

    def made(mark):
        name, *arguments = mark[1].split()
        return MAKERS[name](app, *arguments)

    if not app.env.doc2path(docname).endswith(".ipynb"):
        content[0] = MARK.sub(made, content[0])


def setup(app):
    """Connect to Sphinx."""
    app.connect("source-read", fill_in)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
