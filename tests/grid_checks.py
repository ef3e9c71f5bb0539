"""Stands in for `explore`: draws the whole grid, and holds the words to the picture."""

import numpy as np
from matplotlib.patches import Rectangle

from backprop_lib import sliders
from backprop_lib.sliders.controls import read_controls
from backprop_lib.sliders.drawing import Drawing
from backprop_lib.sliders.grid import Grid
from tools.prose_numbers import numbers

TITLES = ("left", "center", "right")
COARSE = 40  # dots per inch: enough to run all the code that draws


def drawn_numbers(figure):
    """Return the size of every number on a figure but its ticks: text or data."""
    found, texts = [], list(figure.texts)
    for ax in figure.axes:
        found += [line.get_xydata() for line in ax.lines]
        found += [bar.get_bbox().get_points() for bar in ax.patches if _is_bar(bar)]
        found += [bar.get_bbox().size for bar in ax.patches if _is_bar(bar)]
        found += [many.get_offsets() for many in ax.collections]
        found += [image.get_array() for image in [*ax.images, *ax.collections]]
        texts += [*ax.texts, ax.xaxis.label, ax.yaxis.label]
        texts += ax.get_legend().get_texts() if ax.get_legend() else []
    words = [text.get_text() for text in texts]
    words += [ax.get_title(loc=at) for ax in figure.axes for at in TITLES]
    found += [[n.value for n in numbers(word)] for word in words]
    flat = [np.ravel(np.ma.asarray(f, float).filled(np.nan)) for f in found
            if f is not None]  # fmt: skip
    return abs(np.concatenate([*flat, []]))


def _is_bar(patch):
    return isinstance(patch, Rectangle)


def unsupported(words, drawn):
    """Return the numbers in `words` that neither the figure nor its controls have."""
    missing = []
    for number in numbers(words):
        scale = 100 if number.text.endswith("%") else 1
        near = [abs(drawn * s - number.value) for s in {1, scale}]
        if not any((gap <= number.step / 2 * (1 + 1e-9)).any() for gap in near):
            if number.counts:
                missing.append(number.text)
    return missing


def check(draw, *, start=None, alt=None, caption="", play=None, labels=None,
          size=(6.88, 3.3), **values):  # fmt: skip
    """Return what is wrong with a figure anywhere on its grid."""
    grid = Grid(read_controls(values, start, labels, play))
    drawing = Drawing(grid, draw, alt, size, strict=True)
    found = (
        [] if caption.strip().endswith("?") else [f"caption asks nothing: {caption}"]
    )
    found += [] if alt else ["no alternative text"]
    for place in [grid.start, *grid]:
        try:
            drawing.picture(place, COARSE)
            words = drawing.words(place)
        except RuntimeError as error:
            found.append(str(error))
            continue
        chosen = [v for v in grid.values(place).values() if not isinstance(v, str)]
        drawn = np.append(drawn_numbers(drawing.figure), np.abs(chosen))
        wrong = [f"{n} is said but not drawn" for n in unsupported(words, drawn)]
        wrong += ["too few words"] if len(words.split()) < 5 else []
        found += [f"{grid.say(place)}: {what}" for what in wrong]
    return found


def watch():
    """Put the check in the place of `explore`; return the list that it fills."""
    results = []

    def explore(draw, **options):
        results.append(check(draw, **options))

    sliders.explore = explore
    return results
