"""Sliders that live: `explore` shows one figure over a grid of values.

With a kernel it shows widgets and draws at each move. While the book is built
every frame is drawn once, and the page shows them with the browser's own inputs.
Anywhere else it is the figure as it starts, and its words.

Examples
--------
A cell that ends with `explore` shows the figure once::

    def draw(figure, weight):
        ax = plots.panels(figure)
        plots.draw_curve(ax, x, bp.activations.sigmoid(weight * x))

    def describe(weight):
        return f"A curve whose slope at 0 is {weight / 4:.2f}."

    explore(draw, weight=np.linspace(-4, 4, 17), start={"weight": 1.0},
            alt=describe, caption="Which weight makes the curve fall?")
"""

from ._explore import explore

__all__ = ["explore"]
