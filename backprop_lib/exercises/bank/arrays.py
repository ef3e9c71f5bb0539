"""The appendix on Python and NumPy."""

import numpy as np

from ..questions import Choice, Option
from .register import question


@question("ex-python-shapes")
def shapes(name):
    batch, row, other = np.ones((4, 3)), np.ones(3), np.ones(4)

    def fails(*which):
        found = []
        for number, array in enumerate((row, other, other[:, None])):
            try:
                _ = batch + array
            except ValueError:
                found.append(number)
        return found == list(which)

    return Choice(
        id=name,
        exercise=name,
        predict=True,
        title="Predict the shapes",
        prompt="A `batch` has the shape (4, 3), a `row` (3,) and an `other` array "
        "(4,). "
        "Which of `batch + row`, `batch + other` and `batch + other[:, None]` fail?",
        options=(
            Option("None of them", "from the right, 3 stands against 4", fails),
            Option(
                "The second",
                "From the right, 3 stands against 4; in the third, 3 against 1.",
                lambda: fails(1),
            ),
            Option(
                "The second and the third",
                "`other[:, None]` has the shape (4, 1): 3 against 1, and 4 against 4",
                lambda: fails(1, 2),
            ),
            Option(
                "The first",
                "a row is added to every row of a batch: 3 against 3",
                lambda: fails(0),
            ),
        ),
        answer=1,
    )


@question("ex-python-mean")
def mean(name):
    def is_shape(*shape):
        return np.ones((4, 3)).mean(axis=-1, keepdims=True).shape == shape

    return Choice(
        id=name,
        exercise="ex-python-shapes",
        title="The shape of a mean",
        prompt="`batch` has the shape (4, 3). Which shape has "
        "`batch.mean(axis=-1, keepdims=True)`?",
        options=(
            Option("(4,)", "that is without `keepdims`", lambda: is_shape(4)),
            Option("(1, 3)", "that is over axis 0", lambda: is_shape(1, 3)),
            Option(
                "(4, 1)",
                "The last axis is averaged away, and kept with the length 1.",
                lambda: is_shape(4, 1),
            ),
            Option("()", "that is over all axes, and without `keepdims`", is_shape),
        ),
        answer=2,
        hint="Axis −1 is the last one.",
    )


@question("ex-python-place")
def place(name):
    def moved(in_place):
        w, g = np.array([1.0]), np.array([10.0])

        def away(w, g):
            w = w - 0.1 * g

        def within(w, g):
            w -= 0.1 * g

        (within if in_place else away)(w, g)
        return w[0] != 1

    return Choice(
        id=name,
        exercise=name,
        predict=True,
        title="Two ways to take a step",
        prompt="One function does `w = w - 0.1 * g`, another `w -= 0.1 * g`. Both are "
        "called on an array. Which one moves it?",
        options=(
            Option(
                "Both",
                "the first makes a new array, and forgets it",
                lambda: moved(False) and moved(True),
            ),
            Option(
                "The first",
                "it makes a new array, and calls that one `w`, inside the function",
                lambda: moved(False) and not moved(True),
            ),
            Option(
                "The second",
                "It writes into the array that it was given.",
                lambda: moved(True) and not moved(False),
            ),
        ),
        answer=2,
    )
