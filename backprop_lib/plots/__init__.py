"""Figures of the book: each ``draw_*(ax, arrays)`` draws on the axes it is given.

`figure` makes a figure in the book's style, `panels` sweeps one for the next
drawing, and the rest draw. Nothing here calls ``show``, keeps a figure open or
changes a global setting: the style holds only while something is drawn.

Examples
--------
A chapter's cell ends with the figure, which then shows itself once::

    figure, (left, right) = plots.figure(columns=2)
    plots.draw_loss(left, history.loss)
    plots.draw_gradient_norms(right, history.gradient_norm)
    figure
"""

from ._bars import draw_factors
from ._canvas import figure, has_panels, panels
from ._confusion import draw_confusion
from ._curves import draw_curve
from ._decisions import draw_decision_boundary
from ._graph import draw_graph
from ._images import draw_images
from ._network import draw_network
from ._pass import draw_pass, pass_steps
from ._style import PALETTE, book_style
from ._surface import draw_loss_surface
from ._training import draw_gradient_norms, draw_loss

__all__ = [
    "PALETTE",
    "book_style",
    "draw_confusion",
    "draw_curve",
    "draw_decision_boundary",
    "draw_factors",
    "draw_gradient_norms",
    "draw_graph",
    "draw_images",
    "draw_loss",
    "draw_loss_surface",
    "draw_network",
    "draw_pass",
    "figure",
    "has_panels",
    "panels",
    "pass_steps",
]
