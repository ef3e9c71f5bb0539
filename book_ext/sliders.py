"""Sliders in the built book: tells kernels to draw frames, and leads pages to them."""

import os
import re
from functools import partial
from pathlib import Path

from sphinx.util import logging

from backprop_lib.sliders.book import FRAMES, STILL, SWITCH

ASSETS = Path(__file__).parent / "assets"
OWN = ("sliders.css", "sliders.js")
PLACE = "_static/frames"


def draw_frames(app):
    """Tell the kernels of this build where frames belong, or that none are wanted."""
    folder = Path(app.outdir) / PLACE
    before = os.environ.get(SWITCH)
    os.environ[SWITCH] = str(folder) if app.builder.format == "html" else STILL
    app.connect("build-finished", partial(forget, before))


def add_assets(app, config):
    """Let the builder copy the script and the style, wherever the book lies."""
    config.html_static_path.extend(str(ASSETS / name) for name in OWN)


def lead_to_frames(app, pagename, templatename, context, doctree):
    """On a page with sliders, write the way to the frames, and load the script."""
    body = context.get("body") or ""
    if FRAMES not in body:
        return
    folder = Path(app.outdir) / PLACE
    for name in sorted(set(re.findall(rf"{FRAMES}(\w+)/", body))):
        if not (folder / name).is_dir():
            logging.getLogger(__name__).warning(
                "a slider's frames %s are missing: empty the build and begin anew",
                name,
                location=pagename,
            )
    context["body"] = body.replace(FRAMES, context["pathto"](PLACE, True) + "/")
    app.add_css_file(OWN[0])
    app.add_js_file(OWN[1], loading_method="defer")


def forget(before, app, exception):
    """Leave the environment as it was."""
    del os.environ[SWITCH]
    if before is not None:
        os.environ[SWITCH] = before


def setup(app):
    """Connect the functions above to Sphinx."""
    app.connect("config-inited", add_assets)
    app.connect("builder-inited", draw_frames)
    app.connect("html-page-context", lead_to_frames)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
