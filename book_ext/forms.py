"""Exercises that answer, in the built book: forms in their cells, and their script.

The kernels of a build are told to show questions as forms. Pages that have some load
one script and one style. What the script says of other pages (their ticks, and where
a reader left off) it takes from a list of all forms, a script itself, since a page
opened from a file may fetch nothing.
"""

import json
import os
import re
from functools import partial
from pathlib import Path

from docutils import nodes

from backprop_lib.exercises.book import PAGE, SWITCH

ASSETS = Path(__file__).parent / "assets"
STYLE, SCRIPT, LIST = "exercises.css", "exercises.js", "exercises-pages.js"

_FORM = re.compile(
    r'<form class="ask" id="ask-([\w-]+)".*?'
    r'(?:"version":"(\w+)"\}</script>\s*)?</form>',
    re.DOTALL,
)
CONTINUE = '<p class="ask-continue">Each chapter asks questions that answer.</p>\n'
KEPT = """
<div class="ask-kept"><p>Your answers are kept in this browser alone.</p>
<p><button type="button" data-does="save">Save to a file</button>
<button type="button" data-does="read">Read from a file</button>
<button type="button" data-does="forget">Forget all</button>
<input type="file" accept=".json" aria-label="A file of answers" hidden></p>
<p role="status"></p></div>
"""


def forms_in(html):
    """Return the questions that a page's script answers, as {id: version}."""
    return {name: version for name, version in _FORM.findall(html) if version}


def stripped(script):
    """Return a script without its comment lines and its indent."""
    lines = (line.strip() for line in script.splitlines())
    kept = (line for line in lines if line and not line.startswith("//"))
    return "".join(f"{line}\n" for line in kept)


def ask_by_forms(app):
    """Tell the kernels of this build whether a page can hold a form."""
    before = os.environ.pop(SWITCH, None)
    if app.builder.format == "html":
        os.environ[SWITCH] = PAGE
    app.connect("build-finished", partial(forget, before))


def forget(before, app, exception):
    """Leave the environment as it was."""
    os.environ.pop(SWITCH, None)
    if before is not None:
        os.environ[SWITCH] = before


def add_assets(app, config):
    """Let the builder copy the script and the style, wherever the book lies."""
    config.html_static_path.extend(str(ASSETS / name) for name in (STYLE, SCRIPT))


def list_forms(app, doctree):
    """Remember the forms of a page."""
    found = {}
    for raw in doctree.findall(nodes.raw):
        found |= forms_in(raw.astext())
    _listed(app.env)[app.env.docname] = found


def drop_forms(app, env, docname):
    """Forget the forms of a page that is read anew."""
    _listed(env).pop(docname, None)


def merge_forms(app, env, docnames, other):
    """Take over what another process has read."""
    _listed(env).update({name: _listed(other)[name] for name in docnames})


def _listed(env):
    if not hasattr(env, "forms_that_answer"):
        env.forms_that_answer = {}
    return env.forms_that_answer


def add_script(app, pagename, templatename, context, doctree):
    """Load the script where there are forms, and on the book's first page."""
    body = context.get("body") or ""
    is_first = pagename == app.config.root_doc and any(_listed(app.env).values())
    last = body.rfind('<form class="ask"')
    if is_first:
        body = body.replace("</h1>", f"</h1>\n{CONTINUE}", 1) + KEPT
    elif last >= 0:
        end = body.index("</form>", last) + len("</form>")
        body = body[:end] + KEPT + body[end:]
    else:
        return
    context["body"] = body
    app.add_css_file(STYLE)
    for name in (LIST, SCRIPT):
        app.add_js_file(name, loading_method="defer")


def write_scripts(app, exception):
    """Write the list of all forms, and the script without its comments."""
    if exception is not None or app.builder.format != "html":
        return
    pages = {
        app.builder.get_target_uri(name): forms
        for name, forms in _listed(app.env).items()
        if forms
    }
    static = Path(app.outdir) / "_static"
    text = f"globalThis.exercisePages = {json.dumps(pages, sort_keys=True)};\n"
    (static / LIST).write_text(text, encoding="utf-8")
    script = (ASSETS / SCRIPT).read_text(encoding="utf-8")
    (static / SCRIPT).write_text(stripped(script), encoding="utf-8")


def setup(app):
    """Connect the functions above to Sphinx."""
    app.connect("config-inited", add_assets)
    app.connect("builder-inited", ask_by_forms)
    app.connect("doctree-read", list_forms)
    app.connect("env-purge-doc", drop_forms)
    app.connect("env-merge-info", merge_forms)
    app.connect("html-page-context", add_script)
    app.connect("build-finished", write_scripts)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
