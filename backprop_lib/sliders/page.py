"""The figure in a page of the book: the browser's own inputs, and frames."""

import json
from html import escape

from .._markup import as_html
from .book import FRAMES
from .frames import write_frames


def page(drawing, caption, folder):
    """Write the frames into `folder` and return the HTML that shows them."""
    grid = drawing.grid
    frames = f"{FRAMES}{write_frames(drawing, folder)}/"
    alts = [drawing.words(place) for place in grid]
    start = grid.number(grid.start)
    controls = "".join(map(_control, grid.controls))
    # room for the longest label, and for the longest value that is written beside a
    # slider, so that nothing moves
    label = max(len(control.label) for control in grid.controls)
    beside = [c.texts for c in grid.controls if c.kind == "slider"]
    value = max((_room(text) for texts in beside for text in texts), default=0)
    data = {
        "frames": frames,
        "start": start,
        "controls": [
            {"name": _field(control), "texts": control.texts, "stride": stride}
            for control, stride in zip(grid.controls, grid.strides, strict=True)
        ],
        "alts": alts,
    }
    html = f"""\
<figure class="explore">
<img src="{frames}{start}.webp" alt="{escape(alts[start])}" \
width="{drawing.width}" height="{drawing.height}" decoding="sync">
<form autocomplete="off" style="--label: {label}ch; --value: {value}ch">
{controls}</form>
<p class="explore-still">At {escape(grid.say(grid.start))}.</p>
<p class="explore-needs">The controls of this figure need JavaScript.</p>
<p class="explore-said" role="status"></p>
{f"<figcaption>{as_html(caption)}</figcaption>" if caption else ""}
<script type="application/json">{_json(data)}</script>
</figure>"""
    return {"text/html": html}


def _field(control):
    # A bare "length" or "elements" would hide what a form itself has by that name.
    return f"control-{control.name}"


def _room(text):
    """Return the width of a value in digits; a minus is wider than one."""
    return len(text) + text.count("−")


def _json(data):
    # "</script>" or "<!--" in an alternative text would end the script
    return json.dumps(data, ensure_ascii=False).replace("<", "\\u003c")


def _control(control):
    write = {"slider": _slider, "buttons": _buttons, "list": _list}[control.kind]
    return write(control)


def _slider(control):
    label, text = escape(control.label), escape(control.texts[control.start])
    play = (
        f'<button type="button" data-play="{_field(control)}">Play'
        f'<span class="explore-said"> {label}</span></button>'
    )
    return f"""\
<div class="explore-slider"><label><span>{label}</span>
<input type="range" name="{_field(control)}" min="0" max="{len(control.values) - 1}" \
step="1" value="{control.start}" aria-valuetext="{text}"></label>
<output aria-live="off">{text}</output>\
{play if control.plays else ""}</div>
"""


def _buttons(control):
    buttons = "".join(
        f'<label><input type="radio" name="{_field(control)}" value="{i}"'
        f"{' checked' if i == control.start else ''}> {escape(text)}</label>\n"
        for i, text in enumerate(control.texts)
    )
    return f"<fieldset><legend>{escape(control.label)}</legend>\n{buttons}</fieldset>\n"


def _list(control):
    options = "".join(
        f'<option value="{i}"{" selected" if i == control.start else ""}>'
        f"{escape(text)}</option>\n"
        for i, text in enumerate(control.texts)
    )
    return f"""\
<div class="explore-list"><label><span>{escape(control.label)}</span>
<select name="{_field(control)}">
{options}</select></label></div>
"""
