"""The book's own Sphinx extension: maths without a network, pages described."""

import shutil
from html import escape
from importlib.util import find_spec
from pathlib import Path

from docutils import nodes
from PIL import Image

# What a page asks for when it shows maths; the rest of MathJax stays behind.
MATHJAX_PARTS = (
    "tex-chtml.js",
    "output/chtml/fonts/woff-v2",
    "input/tex/extensions",
    "a11y",
    "sre/mathmaps/base.json",
    "sre/mathmaps/en.json",
)

# Colours in a figure's palette.
COLOURS = 128

FRONT_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="refresh" content="0; url={url}">
<title>{title}</title>
</head>
<body><main><h1>{title}</h1><p><a href="{url}">Open the book</a></p></main></body>
</html>
"""


def copy_mathjax(app):
    """Copy MathJax from its Python package to the pages' static folder."""
    if app.builder.format != "html":
        return
    package = find_spec("sphinx-mathjax-offline").submodule_search_locations[0]
    source = Path(package) / "static" / "mathjax"
    target = Path(app.outdir) / "_static" / "mathjax"
    for part in MATHJAX_PARTS:
        (target / part).parent.mkdir(parents=True, exist_ok=True)
        if (source / part).is_dir():
            shutil.copytree(source / part, target / part, dirs_exist_ok=True)
        else:
            shutil.copyfile(source / part, target / part)


def first_paragraph(doctree):
    """Return a page's first paragraph as one line of at most 160 characters."""
    paragraph = next(iter(doctree.findall(nodes.paragraph)), None)
    if paragraph is None:
        return ""
    words = " ".join(paragraph.astext().split())
    if len(words) <= 160:
        return words
    return words[:159].rsplit(" ", 1)[0] + "…"


def describe_page(app, pagename, templatename, context, doctree):
    """Give a page the meta description that search engines and previews show."""
    words = first_paragraph(doctree) if doctree else ""
    words = words or app.config.html_title
    tag = f'<meta name="description" content="{escape(words)}">\n'
    context["metatags"] = context.get("metatags", "") + tag


def mend_citations(app, pagename, templatename, context, doctree):
    """Give the references the role that screen readers expect inside a list."""
    if "body" in context:
        # docutils writes a role that ARIA has since deprecated.
        context["body"] = context["body"].replace(
            'role="doc-biblioentry"', 'role="listitem"'
        )


def write_front_page(app, exception):
    """Let `index.html` lead to the book's first page, in words too."""
    if exception is not None or app.builder.name != "html":
        return
    page = app.builder.get_target_uri(app.config.root_doc)
    if page == "index.html":
        return
    text = FRONT_PAGE.format(url=page, title=escape(app.config.html_title))
    (Path(app.outdir) / "index.html").write_text(text, encoding="utf-8")


def shrink_pictures(app, exception):
    """Save the figures with a palette: a drawing looks the same at a third the size."""
    if exception is not None or app.builder.format != "html":
        return
    for path in (Path(app.outdir) / "_images").glob("*.png"):
        with Image.open(path) as image:
            opaque = image.convert("RGBA").getextrema()[3] == (255, 255)
            if image.mode == "P" or not opaque:
                continue
            smaller = image.convert("RGB").quantize(
                COLOURS, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE
            )
        smaller.save(path, optimize=True)


def setup(app):
    """Connect the functions above to Sphinx."""
    app.setup_extension("book_ext.kernels")
    app.setup_extension("book_ext.cells")
    app.setup_extension("book_ext.drawing")
    app.setup_extension("book_ext.exercises")
    app.setup_extension("book_ext.forms")
    app.setup_extension("book_ext.generated")
    app.setup_extension("book_ext.library")
    app.setup_extension("book_ext.sliders")
    app.setup_extension("book_ext.sources")
    app.setup_extension("book_ext.streams")
    app.connect("builder-inited", copy_mathjax)
    app.connect("html-page-context", describe_page)
    app.connect("html-page-context", mend_citations)
    app.connect("build-finished", write_front_page)
    app.connect("build-finished", shrink_pictures)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
