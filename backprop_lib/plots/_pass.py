"""A forward and a backward pass, one step at a time, on a drawn network."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from ._arrays import finite, numbers
from ._network import draw_network
from ._network_checks import as_sizes, by_layer, strengths_of
from ._style import FORWARD, GRADIENT, styled
from ._wording import MINUS, added, letters_of_sum, plain, say, sum_of

_LINE = 58  # characters of 14 points in the text column


@dataclass(frozen=True)
class PassStep:
    """What one step of a pass computes, in words, in letters and in numbers.

    ``place`` is ("out", l, j), ("delta", l, j) or ("slope", l, i, j), neuron 0 being
    the bias, or None; ``lit`` is what it looks at, as `draw_network` highlights it.
    """

    place: tuple | None
    lit: frozenset | None
    words: str
    letters: str
    numbers: str


def pass_steps(*, weights, biases, net, out, delta, target):
    """Say each step of a pass through sigmoids and the squared error, in its order.

    Forward, neuron by neuron; then back, layer by layer: first the error signals of
    its neurons, then the gradients of the weights that lead to them. Before and after
    stand a step in which nothing is computed yet, and one in which all is.

    Parameters
    ----------
    weights : sequence of arrays (n_l, n_{l+1})
    biases : sequence of arrays (n_{l+1},)
    net, out, delta : sequences of arrays (n_l,) or (1, n_l)
        By layer, as in a `Trace` and a `Gradient`, for one example.
    target : array (n_L,) or (1, n_L)

    Returns
    -------
    list of PassStep

    Raises
    ------
    ValueError
        If shapes do not fit, or the numbers are not those of such a pass.

    Examples
    --------
    >>> import numpy as np
    >>> from backprop_lib import plots
    >>> steps = plots.pass_steps(
    ...     weights=[np.array([[2.0]])], biases=[np.array([-1.0])],
    ...     net=[None, [0.0]], out=[[0.5], [0.5]], delta=[None, [-0.125]], target=[1.0])
    >>> steps[1].numbers
    '0.500 · 2 \N{MINUS SIGN} 1 = 0.000,  σ(0.000) = 0.500'
    """
    given = _Arrays(weights, biases, net, out, delta, target)
    last = len(given.sizes) - 1
    steps = [_start(given)]
    for layer, size in enumerate(given.sizes[1:], start=1):
        steps += [_going(given, layer, j) for j in range(1, size + 1)]
    for layer in range(last, 0, -1):
        here, before = (range(1, given.sizes[m] + 1) for m in (layer, layer - 1))
        steps += [_coming(given, layer, j) for j in here]
        steps += [_slope(given, layer - 1, i, j) for j in here for i in (0, *before)]
    over = r"every neuron has its $\delta$, every weight its gradient"
    words = ("The pass is over", over, "all the numbers in orange")
    return [*steps, PassStep(None, None, *words)]


@styled
def draw_pass(ax, step, *, weights, biases, net, out, delta, target):
    """Draw a network as it stands after so many steps of `pass_steps`.

    What is known stays in sight: net and out in blue, delta and, below each weight, the
    gradient in orange. What the step looks at is drawn strongly.

    Parameters
    ----------
    ax : Axes
    step : int
        Its place in what `pass_steps` returns for the same arrays.
    weights, biases, net, out, delta, target
        As for `pass_steps`.

    Returns
    -------
    NetworkDrawing
        As from `draw_network`.

    Raises
    ------
    ValueError
        As `pass_steps` does, or if there is no such step.
    """
    arrays = {"weights": weights, "biases": biases, "net": net, "out": out}
    steps = pass_steps(**arrays, delta=delta, target=target)
    if step not in range(len(steps)):
        raise ValueError(f"step is {step!r}; expected 0 to {len(steps) - 1}")
    given = _Arrays(*arrays.values(), delta, target)
    drawing = draw_network(
        ax,
        given.sizes,
        **given.known({one.place for one in steps[: step + 1]}),
        weights=weights,
        biases=biases,
        highlight=steps[step].lit,
        weight_labels=True,
    )
    for (what, *_), text in drawing.texts.items():
        if what != "weight" and "$" not in text.get_text():
            text.set_color(GRADIENT if what in ("delta", "slope") else FORWARD)
    now, forward = steps[step], sum(given.sizes[1:])
    ax.set_title(
        f"{now.words}\n{now.letters}\n{now.numbers}",
        loc="left",
        color=GRADIENT if step > forward else FORWARD,
        fontsize=14 * min(1, _LINE / len(now.numbers)),
        fontweight="normal",
    )
    return drawing


class _Arrays:
    """A pass through sigmoids, checked: what is written would be false of another."""

    def __init__(self, weights, biases, net, out, delta, target):
        shapes = [np.shape(w) for w in weights]
        if not shapes or any(len(shape) != 2 for shape in shapes):
            raise ValueError(
                f"weights have shapes {shapes}; expected (n_l, n_(l+1)) each"
            )
        self.sizes = as_sizes([shapes[0][0], *(shape[1] for shape in shapes)])
        strengths_of(self.sizes, weights, biases)
        self.weights = [numbers("weights", w) for w in weights]
        self.biases = [numbers("biases", b) for b in biases]
        self.net = by_layer("net", net, self.sizes)
        self.out = by_layer("out", out, self.sizes)
        self.delta = by_layer("delta", delta, self.sizes)
        self.target = finite("target", numbers("target", target)).ravel()
        if self.target.shape != self.sizes[-1:]:
            raise ValueError(
                f"target has shape {np.shape(target)}; expected ({self.sizes[-1]},)"
            )
        self._check()

    def _check(self):
        for name in ("net", "out", "delta"):
            for layer, entry in enumerate(getattr(self, name)):
                if entry is None and (layer > 0 or name == "out"):
                    raise ValueError(f"{name}[{layer}] is missing")
        blame = self.out[-1] - self.target
        for layer in range(len(self.sizes) - 1, 0, -1):
            W, b = self.weights[layer - 1], self.biases[layer - 1]
            net, out = self.net[layer], self.out[layer]
            expected = {
                "net": (net, self.out[layer - 1] @ W + b),
                "out": (out, np.exp(-np.logaddexp(0, -net))),
                "delta": (self.delta[layer], out * (1 - out) * blame),
            }
            for name, (came, right) in expected.items():
                if not np.allclose(came, right, rtol=1e-6, atol=1e-12):
                    raise ValueError(
                        f"{name}[{layer}] is {came}; expected {right}, as in a pass "
                        "through sigmoids with the squared error"
                    )
            blame = W @ self.delta[layer]

    def slope(self, layer, i, j):
        """Return the gradient of one weight."""
        o = self.out[layer][i - 1] if i else 1.0
        return self.delta[layer + 1][j - 1] * o

    def known(self, places):
        """Return what `draw_network` is to show, NaN for what is not in `places`."""
        shown = {"net": [None], "out": [self.out[0]], "delta": [None]}
        for layer, size in enumerate(self.sizes[1:], start=1):
            for name, lead in (("net", "out"), ("out", "out"), ("delta", "delta")):
                seen = [(lead, layer, j) in places for j in range(1, size + 1)]
                values = getattr(self, name)[layer]
                shown[name].append(np.where(seen, values, np.nan))
        shown["by_weights"], shown["by_biases"] = [], []
        for layer, (n_in, n_out) in enumerate(pairwise(self.sizes)):
            table = [
                [
                    self.slope(layer, i, j)
                    if ("slope", layer, i, j) in places
                    else np.nan
                    for j in range(1, n_out + 1)
                ]
                for i in range(n_in + 1)
            ]
            shown["by_biases"].append(table[0])
            shown["by_weights"].append(table[1:])
        return shown


def _start(given):
    lit = frozenset((0, j) for j in range(1, given.sizes[0] + 1))
    values = " and ".join(say(value) for value in given.out[0])
    return PassStep(None, lit, "Only the inputs are known", "$o_i^{(0)} = x_i$", values)


def _going(given, layer, j):
    W, b = given.weights[layer - 1], given.biases[layer - 1][j - 1]
    net, o = given.net[layer][j - 1], given.out[layer][j - 1]
    below, here = f"^{{({layer - 1})}}", f"^{{({layer})}}"
    products = [f"o_{i}{below} w_{{{i}{j}}}{below}" for i in range(1, len(W) + 1)]
    letters = rf"$net_{j}{here} = {letters_of_sum(products)} + b_{j}{below}$"
    letters += rf",  $o_{j}{here} = \sigma(net_{j}{here})$"
    terms = zip(given.out[layer - 1], W[:, j - 1], strict=True)
    terms = sum_of([f"{say(o_i)} · {plain(w)}" for o_i, w in terms])
    text = f"{terms} {added(b)} = {say(net, bare=True)}"
    text += f",  σ({say(net, bare=True)}) = {say(o)}"
    into = range(len(W) + 1)
    lit = {(layer, j)} | {(layer - 1, i) for i in into}
    lit |= {(layer - 1, i, j) for i in into}
    words = f"Forward to neuron {j} of layer {layer}"
    return PassStep(("out", layer, j), frozenset(lit), words, letters, text)


def _coming(given, layer, j):
    o, d = given.out[layer][j - 1], given.delta[layer][j - 1]
    lit, o_j = {(layer, j)}, f"o_{j}^{{({layer})}}"
    if layer == len(given.sizes) - 1:
        blame = f"{o_j} - t_{j}"
        value = f"{say(o)} {MINUS} {plain(given.target[j - 1])}"
    else:
        w, deltas = given.weights[layer][j - 1], given.delta[layer + 1]
        here, after = f"^{{({layer})}}", f"^{{({layer + 1})}}"
        to = range(1, len(w) + 1)
        products = [rf"w_{{{j}{k}}}{here}\,\delta_{k}{after}" for k in to]
        blame = letters_of_sum(products)
        terms = zip(w, deltas, strict=True)
        value = sum_of([f"{plain(w_k)} · {say(d_k, 4)}" for w_k, d_k in terms])
        lit |= {(layer + 1, k) for k in to} | {(layer, j, k) for k in to}
    letters = rf"$\delta_{j}^{{({layer})}} = {o_j}(1 - {o_j})\,({blame})$"
    text = f"{say(o)} · {say(1 - o)} · ({value}) = {say(d, 4, bare=True)}"
    words = f"Back to neuron {j} of layer {layer}"
    return PassStep(("delta", layer, j), frozenset(lit), words, letters, text)


def _slope(given, layer, i, j):
    o = given.out[layer][i - 1] if i else 1.0
    d, value = given.delta[layer + 1][j - 1], given.slope(layer, i, j)
    letters = rf"$\partial L/\partial w_{{{i}{j}}}^{{({layer})}} = "
    letters += rf"\delta_{j}^{{({layer + 1})}}\, o_{i}^{{({layer})}}$"
    words = f"weight from neuron {i} of layer {layer} to neuron {j}"
    words = words if i else f"bias of neuron {j} of layer {layer + 1}"
    lit = frozenset({(layer, i, j), (layer, i), (layer + 1, j)})
    text = f"{say(d, 4)} · {say(o)} = {say(value, 4, bare=True)}"
    return PassStep(("slope", layer, i, j), lit, f"Back to the {words}", letters, text)
