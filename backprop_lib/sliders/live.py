"""The figure with a kernel: widgets that redraw it."""

import traceback
from html import escape

import ipywidgets

from .._markup import as_html
from .drawing import QUICK, png

_UNSEEN = "position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)"


def live(drawing, caption):
    """Return a box of widgets.

    The browser keeps back moves that come while one is drawn, and then sends the
    last of them.
    """
    grid = drawing.grid
    inputs = [_input(control) for control in grid.controls]
    picture = ipywidgets.Image(
        value=drawing.still,
        format="png",
        width=drawing.width,
        layout={"max_width": "100%", "object_fit": "contain"},
    )
    words, trouble = ipywidgets.HTML(), ipywidgets.HTML()
    trouble.layout.display = "none"
    words.value = _spoken(drawing.words(grid.start))

    def redraw(_):
        place = tuple(each.index for each in inputs)
        try:
            image = png(drawing.picture(place, QUICK))
            spoken = _spoken(drawing.words(place))
        except Exception as error:
            trouble.value = _report(error)
        else:
            picture.value, words.value, trouble.value = image, spoken, ""
        # the trouble stands where the picture stood, until a move that goes well
        picture.layout.display = "none" if trouble.value else None
        trouble.layout.display = None if trouble.value else "none"

    for each in inputs:
        each.observe(redraw, "index")
    rows = [_row(*pair) for pair in zip(grid.controls, inputs, strict=True)]
    said = [ipywidgets.HTMLMath(as_html(caption))] if caption else []
    return ipywidgets.VBox([picture, trouble, *rows, *said, words])


def _input(control):
    kind = {
        "slider": ipywidgets.SelectionSlider,
        "buttons": ipywidgets.RadioButtons,
        "list": ipywidgets.Dropdown,
    }[control.kind]
    made = kind(
        options=[(text, i) for i, text in enumerate(control.texts)],
        index=control.start,
        description=control.label,
        style={"description_width": "initial"},
    )
    if control.kind == "slider":
        made.layout.width = "min(100%, 30rem)"
    return made


def _row(control, made):
    if not control.plays:
        return made
    play = ipywidgets.Play(
        value=control.start,
        max=len(control.values) - 1,
        interval=400,
        show_repeat=False,
    )
    ipywidgets.jslink((play, "value"), (made, "index"))
    return ipywidgets.HBox([play, made])


def _spoken(words):
    return f'<div role="status" style="{_UNSEEN}">{escape(words)}</div>'


def _report(error):
    cause = error.__cause__ or error
    where = "".join(traceback.format_tb(cause.__traceback__, limit=-1))
    return f'<pre role="alert">{escape(f"{error}{chr(10)}{where}")}</pre>'
