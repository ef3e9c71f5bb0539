"""Exercises that answer: `ask` shows a question, `check` judges a function.

A question is written once, in `bank`, by its definitions and its mistakes. With a
kernel it is a widget that proves; in the book a form that is answered without one;
elsewhere its words.

Examples
--------
>>> from backprop_lib.exercises import ask, check
>>> ask("ex-neuron-input")
Question: The gradient by the input
Derive ∂L/∂x. Type it in o, t and w alone.
Answer it in the notebook, or on the page.
"""

from .asking import ask, check

__all__ = ["ask", "check"]
