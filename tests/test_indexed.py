"""Derivations over indices: what is true for every width is proved, and reads well."""

import re

import numpy as np
import pytest
from _indexed import (
    CASES,
    Inner,
    L,
    Layer,
    N,
    Normal,
    Softmax,
    T,
    Time,
    Two,
    a,
    b,
    early,
    f,
    i,
    j,
    k,
    late,
    m,
    n,
    q,
    r,
    s,
)
from _written_out import definitions_at, environments, free_indices, written_out
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import (
    Add,
    Idx,
    IndexedBase,
    KroneckerDelta,
    Max,
    Mul,
    Rational,
    Sum,
    Symbol,
    exp,
    log,
    sqrt,
    symbols,
    tanh,
)

import backprop_lib as bp
from backprop_lib.symbolic import (
    D,
    Definitions,
    Derivation,
    DerivationError,
    Step,
    SymbolicNetwork,
    indices,
    ones,
    product,
    quantity,
    sigmoid,
    slope,
    sum_over,
    total,
    widths,
)
from backprop_lib.symbolic.deciding import is_zero
from backprop_lib.symbolic.layout import latex_table
from backprop_lib.symbolic.normal import add, scaled


def verdict(definitions, first_line, step):
    return Derivation(definitions, first_line).step(step, "a step").steps[-1].check


# What is true


@pytest.mark.parametrize("name", CASES)
def test_it_is_proved_and_says_for_every_what(name):
    case = CASES[name]
    found = verdict(case.definitions, case.first_line, case.step)
    assert found == f"proved for every {case.letters}"


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("width", [1, 2])
def test_each_holds_for_the_first_prover_entry_by_entry(name, width):
    """Written out, it is accepted by the prover that knows single symbols only."""
    case = CASES[name]
    if width == 1 and case.definitions in (Softmax.definitions, Normal.definitions):
        return  # one output is 1 whatever its net, and one net less its mean is 0
    sizes = dict.fromkeys((n, m, q, N, T), width) | {N: 1}
    scalar = definitions_at(case.definitions, sizes)
    if case.definitions is Softmax.definitions:
        scalar = with_targets_that_add_up(scalar, sizes)
    free = {*free_indices(case.first_line), *free_indices(case.step)}
    for env in list(environments(sorted(free, key=str), sizes))[-1:]:
        first, step = (
            written_out(one, sizes, env) for one in (case.first_line, case.step)
        )
        assert verdict(scalar, first, step) in ("proved", "checked at 20 points")


def with_targets_that_add_up(scalar, sizes):
    *others, last = (
        written_out(Softmax.t[r, j], sizes, env) for env in environments([r, j], sizes)
    )
    return Definitions({last: 1 - Add(*others), **scalar})


# Against SymbolicNetwork, which knows nothing of indices

SIZES = [
    (n_in, n_h, n_out) for n_in in (1, 2, 3) for n_h in (1, 2, 3) for n_out in (1, 2, 3)
]
GRADIENT = {
    "first weight": lambda at: at.weights[0],
    "first weight, in full": lambda at: at.weights[0],
    "first bias": lambda at: at.biases[0],
    "last weight": lambda at: at.weights[1],
    "last bias": lambda at: at.biases[1],
    "hidden signal": lambda at: at.delta[1],
    "last signal": lambda at: at.delta[2],
}


class Gradients:
    """A network's numbers, its gradient from `SymbolicNetwork`, and the deltas.

    The gradient by a bias is δ, summed over the examples; so one example at a time
    gives every δ.
    """

    def __init__(self, sizes, batch):
        rng = np.random.default_rng([*sizes, batch])
        n_in, _, n_out = sizes
        network = SymbolicNetwork(sizes)
        flat = rng.normal(size=len(network.parameters))
        x, t = rng.normal(size=(batch, n_in)), rng.uniform(size=(batch, n_out))
        self.weights, self.biases = self.split(
            network.gradient_at(flat, x, t, 25), sizes
        )
        single = [
            self.split(network.gradient_at(flat, *pair, 25), sizes)[1]
            for pair in zip(x, t, strict=True)
        ]
        by_layer = zip(*single, strict=True)
        self.delta = [None, *(np.array(rows) / batch for rows in by_layer)]
        (w, v), (b_0, b_1) = self.split(flat, sizes)
        o = 1 / (1 + np.exp(-(x @ w + b_0)))
        out = 1 / (1 + np.exp(-(o @ v + b_1)))
        self.arrays = {
            Two.x: x, Two.t: t, Two.w: w, Two.v: v, Two.b: b_0, Two.c: b_1,
            Two.o: o, Two.out: out, Two.d1: self.delta[1], Two.d2: self.delta[2],
        }  # fmt: skip

    @staticmethod
    def split(flat, sizes):
        weights, biases = [], []
        for rows, columns in zip(sizes, sizes[1:]):
            biases.append(flat[:columns])
            weights.append(flat[columns : columns * (rows + 1)].reshape(rows, columns))
            flat = flat[columns * (rows + 1) :]
        return weights, biases


@pytest.mark.parametrize("batch", [1, 2])
@pytest.mark.parametrize("sizes", SIZES)
def test_at_every_size_it_is_the_gradient_of_symbolic_network(sizes, batch):
    at = Gradients(sizes, batch)
    for name, expected in GRADIENT.items():
        case = CASES[name]
        d = Derivation(case.definitions, case.first_line).step(case.step, "a step")
        shown = [one for one in at.arrays if uses(case.step, one)]
        found = d.to_numpy(*shown)(*(at.arrays[one] for one in shown))
        # gradient_at rounds 25 digits; the sums here are of at most 18 terms
        np.testing.assert_allclose(found, expected(at), rtol=1e-11, atol=1e-14)


def uses(expression, one):
    return any(
        getattr(symbol, "quantity", None) == one for symbol in expression.free_symbols
    )


# Renamed, swapped and split sums


@st.composite
def rewritten(draw, expression):
    """Draw an expression that is equal: letters renamed, sums swapped or split."""
    if hasattr(expression, "index"):
        index, body = expression.index, expression.body
        how = draw(st.sampled_from(["as it is", "renamed", "swapped", "split"]))
        if how == "renamed":
            (other,) = indices(draw(st.sampled_from(["v", "z", "y1"])), index.last)
            body = renamed(body, {index: other})
            index = other
        if how == "swapped" and hasattr(body, "index"):
            return sum_over((body.index, index), draw(rewritten(body.body)))
        if how == "split":
            part = draw(st.sampled_from([2, Rational(1, 3), -1]))
            return sum_over(index, part * body) + (1 - part) * sum_over(index, body)
        return sum_over(index, body)
    if isinstance(expression, (Add, Mul)) or type(expression).__name__ == "_Product":
        parts = [draw(rewritten(part)) for part in expression.args]
        parts = draw(st.permutations(parts))
        return (total if isinstance(expression, Add) else product)(*parts)
    return expression


def renamed(expression, letters):
    """Return an expression with indices renamed, those in entries too."""
    if hasattr(expression, "quantity"):
        places = [place.xreplace(letters) for place in expression.places]
        return expression.quantity[tuple(places)]
    if not expression.args:
        return expression.xreplace(letters)
    if hasattr(expression, "index"):
        return sum_over(expression.index, renamed(expression.body, letters))
    kind = {"_Product": product, "_Total": total}.get(type(expression).__name__)
    parts = [renamed(part, letters) for part in expression.args]
    return (kind or expression.func)(*parts)


@pytest.mark.parametrize(
    "name",
    [
        *("weight, signal times input", "input", "first weight, in full"),
        *("sums swapped", "hidden signal", "recurrent weights", "recurrent signal"),
    ],
)
@pytest.mark.slow
@settings(max_examples=30)
@given(data=st.data())
def test_however_its_sums_are_written_it_is_proved(name, data):
    case = CASES[name]
    step = data.draw(rewritten(case.step))
    found = verdict(case.definitions, case.first_line, step)
    assert found == f"proved for every {case.letters}"


@pytest.mark.slow
@settings(max_examples=30)
@given(st.integers(1, 4), st.data())
def test_drawn_layers_are_proved(depth, data):
    """A chain of layers of drawn widths, activations and losses: δ by recursion."""
    names = [data.draw(st.sampled_from("nmq")) for _ in range(depth + 1)]
    letters = widths(" ".join(names))
    definitions, (x,) = {}, [quantity("x", letters[0])]
    before, deltas = x, {}
    for layer, (rows, columns) in enumerate(zip(letters, letters[1:]), start=1):
        net, o, d = (
            quantity(f"{name}^({layer})", columns) for name in ("net", "o", "delta")
        )
        w = quantity(f"w^({layer})", rows, columns)
        (u,), (v,) = indices("u", rows), indices("v", columns)
        activation = data.draw(st.sampled_from([f, sigmoid, tanh, exp]))
        definitions[net[v]] = sum_over(u, before[u] * w[u, v])
        definitions[o[v]] = activation(net[v])
        deltas[layer] = (net, o, d, w, activation, u, v)
        before = o
    (v,) = indices("v", letters[-1])
    target = quantity("t", letters[-1])
    definitions[L] = sum_over(v, (before[v] - target[v]) ** 2) / 2
    for net, _, d, _, _, _, place in deltas.values():
        definitions[d[place]] = D(L, net[place])
    layers = Definitions(definitions)
    for layer, (net, o, d, _, activation, _, v) in deltas.items():
        if layer < depth:
            _, _, d_next, w_next, _, _, _ = deltas[layer + 1]
            (z,) = indices("z", letters[layer + 1])
            blame = sum_over(z, w_next[v, z] * d_next[z])
        else:
            blame = o[v] - target[v]
        step = product(slope(activation)(net[v]), blame)
        assert verdict(layers, d[v], step).startswith("proved for every ")


# What is false is not proved, by the prover alone: no numbers are asked


def alone(definitions, first_line, step):
    system = definitions.system
    return is_zero(add(system.read(first_line), scaled(system.read(step), -1)), system)


FALSE = {
    "a free letter for a bound one": (
        *(Layer, D(L, Layer.w[a, b])),
        sum_over(s, Layer.x[r, a] * Layer.delta[s, b]),
    ),
    "transposed": (
        *(Inner, sum_over(j, Inner.w[a, j] * Inner.signal[j])),
        sum_over(j, Inner.w[i, j] * Inner.signal[j]),
    ),
    "a coefficient": (Two, Two.d2[r, 1], 2 * Two.d2[r, 1]),
    "a step too few": (
        *(Time.last and Time, D(L, Time.u)),
        sum_over(late, Time.delta[late] * Time.o[late - 1]),
    ),
    "a step too far": (
        *(Time, D(L, Time.u)),
        sum_over(k, Time.delta[k] * Time.o[k]),
    ),
    "the next step's signal at every step": (
        *(Time, sum_over(k, D(L, Time.o[k]))),
        sum_over(early, Time.u * Time.delta[early + 1]),
    ),
    "two sums for one": (
        *(Layer, sum_over(r, Layer.x[r, a] * Layer.delta[r, b])),
        sum_over((r, s), Layer.x[r, a] * Layer.delta[s, b]),
    ),
    "a sum for n": (Layer, sum_over(i, 1 + 0 * Layer.b[b]), m),
}


@pytest.mark.parametrize("name", FALSE)
def test_the_prover_alone_proves_nothing_false(name):
    place, first_line, step = FALSE[name]
    definitions = getattr(place, "definitions", None) or place.last
    assert not alone(definitions, first_line, step)


def test_a_sum_counts_its_terms():
    assert alone(Layer.definitions, sum_over(i, Layer.b[b]), n * Layer.b[b])
    assert alone(Time.last, sum_over(early, Time.u), (T - 1) * Time.u)
    assert not alone(Time.last, sum_over(early, Time.u), T * Time.u)


def test_a_delta_is_contracted_only_within_the_declared_range():
    """A sum to T - 1 leaves out the last place, so its slope there is 0."""
    y, short = Time, Symbol("short", real=True)
    terms = [(short, sum_over(early, y.x[early] * y.t[early]))]
    definitions = Definitions([*terms, (L, sum_over(k, y.x[k]))])
    assert alone(definitions, D(short, y.x[early]), y.t[early])
    assert not alone(definitions, D(short, y.x[k]), y.t[k])
    assert not alone(definitions, D(short, y.x[T]), y.t[T])
    assert alone(definitions, D(short, y.x[T]), Symbol("zero") * 0)
    slopes = sum_over(k, D(short, y.x[k]) * y.t[k])
    assert alone(definitions, slopes, sum_over(early, y.t[early] ** 2))
    assert not alone(definitions, slopes, sum_over(k, y.t[k] ** 2))
    (z,) = indices("z", 0, T)
    later = Definitions({short: sum_over(k, y.o[k] ** 2) / 2})
    assert alone(later, D(short, y.o[k]), y.o[k])
    assert not alone(later, D(short, y.o[z]), y.o[z])
    slopes = sum_over(z, D(short, y.o[z]))
    assert alone(later, slopes, sum_over(k, y.o[k]))
    assert not alone(later, slopes, sum_over(z, y.o[z]))
    moved = sum_over(late, KroneckerDelta(late - 1, early) * y.x[late])
    assert alone(definitions, moved, y.x[early + 1])
    assert not alone(definitions, moved, y.x[early])


# What the page says


def layer_derivation():
    y = Layer
    d = Derivation(y.definitions, D(L, y.w[a, b]))
    paths = sum_over(r, product(D(y.net[r, b], y.w[a, b]), D(L, y.net[r, b])))
    d.step(paths, "every example")
    d.step(sum_over(r, product(y.x[r, a], y.delta[r, b])), "net is linear in $w$")
    return d.matrix(y.x.T @ y.delta, "all $a$, $b$ at once")


def test_it_reads_well_as_plain_text():
    assert repr(layer_derivation()).split("\n") == [
        "∂L/∂w[a, b] = Σ_{r=1..N} ∂net[r, b]/∂w[a, b] · ∂L/∂net[r, b]   every example"
        "        [proved for every N, m, n, f, loss]",
        "            = Σ_{r=1..N} x[r, a]*delta[r, b]                   net is linear i"
        "n w   [proved for every N, m, n, f, loss]",
        "∂L/∂W       = x.T @ delta                                      all a, b at onc"
        "e     [proved for every N, m, n, f, loss]",
    ]


def test_it_is_set_as_a_textbook_sets_it():
    lines = layer_derivation()._repr_latex_().split("\n")
    assert lines[2] == (
        r"&= \sum_{r=1}^{N} x_{r a} \delta_{r b} && \text{net is linear in }w"
        r" && \textit{proved for every N, m, n, f, loss} \\[4pt]"
    )
    assert lines[3] == (
        r"\frac{\partial L}{\partial W} &= X^{\mathsf{T}} \delta && \text{all }a"
        r"\text{, }b\text{ at once} && \textit{proved for every N, m, n, f, loss}"
    )


def test_a_set_line_is_broken_for_what_takes_room_on_the_page():
    y = Time
    back = product(D(y.o[early], y.net[early]), y.u, y.delta[early + 1])
    d = Derivation(y.last, y.delta[early]).step(back, "one listener")
    # brackets take none, and a sum's limits little
    assert r"\qquad" not in d._repr_latex_()
    one, other = sum_over(k, y.delta[k]), sum_over(k, y.x[k])
    d = Derivation(y.last, D(L, y.bias)).step(total(one, other, -other), "short")
    assert r"\qquad" not in d._repr_latex_()
    long = total(one, other, other, -other, -other)
    d = Derivation(y.last, D(L, y.bias)).step(long, "long")
    assert r"&\qquad {} - \sum" in d._repr_latex_()


def test_a_kronecker_delta_is_not_mistaken_for_an_error_signal():
    y = Softmax
    own = y.o[r, j] * (KroneckerDelta(j, b) - y.o[r, b])
    d = Derivation(y.definitions, D(y.o[r, j], y.net[r, b])).step(own, "at once")
    assert repr(d).startswith("∂o[r, j]/∂net[r, b] = o[r, j]*([b = j] - o[r, b])   ")
    assert r"\left(\left[b = j\right] - o_{r b}\right)" in d._repr_latex_()
    assert "delta" not in repr(d) + d._repr_latex_()


VERDICT = "proved for every N, m, n, f, loss"


def set_words(*reasons, check=VERDICT, formula=Time.x[k]):
    """Return the words beside set formulas, row by row."""
    steps = [Step(formula, reason, check) for reason in reasons]
    rows = latex_table(Time.x[k], steps).split("\n")[1:-1]
    rows = [" ".join(row.removesuffix(r" \\[4pt]").split(" && ")[1:]) for row in rows]
    return [re.sub(r"\\text(?:it)?{([^}]*)}", r"\1", row) for row in rows]


def test_a_verdict_stands_beside_its_reason_if_all_have_room():
    short, long = "the slope", "what every example adds to the slope of the loss"
    assert set_words(short, short) == [f"{short} {VERDICT}"] * 2
    first, second = "what every example adds to the slope of", "the loss"
    assert set_words(short, long) == [short, VERDICT, first, second, VERDICT]
    # beside a long formula there is less room
    first = "what every example adds to the slope"
    formula = total(*(product(Time.x[k], Time.t[k]) for _ in range(20)))
    assert set_words(first) == [f"{first} {VERDICT}"]
    assert set_words(first, formula=formula)[-2:] == [first, VERDICT]


def test_an_accent_takes_no_room():
    reason = "what every example adds to the slope"
    beside = []
    for count in range(1, 20):
        plain, accented = (
            product(
                *(Symbol(name % letter) for letter in "abcdefghijklmnopqrst"[:count])
            )
            for name in ("%s", r"\hat{%s}")
        )
        rows = set_words(reason, formula=plain)
        assert len(set_words(reason, formula=accented)) == len(rows)
        beside.append(len(rows) == 1)
    assert any(beside)
    assert not all(beside)


@given(
    st.lists(st.text("abc,", min_size=1, max_size=12), min_size=1, max_size=40),
    st.lists(st.text("nm,", min_size=1, max_size=5), min_size=1, max_size=20),
)
def test_no_words_take_more_room_than_the_page_has(reason, check):
    reason, check = " ".join(reason), " ".join(check)
    rows = set_words(reason, check=check)
    assert " ".join(rows) == f"{reason} {check}"
    assert len(rows) == 1 or max(map(len, rows)) <= 40
    assert len(" ".join(rows)) <= 74 or len(rows) > 1


def test_mathematics_in_a_reason_is_in_one_piece():
    formula = "a + b + c + d + e + f + g + h"
    rows = set_words(f"since nobody has doubted that ${formula}$, it must be so")
    assert rows == [
        "since nobody has doubted that",
        f"{formula}, it must",
        "be so",
        VERDICT,
    ]


def test_a_long_matrix_line_is_set_in_one_piece():
    y = Layer
    line = y.delta @ y.w.T @ y.x.T @ y.x + y.delta @ y.w.T - y.delta @ y.w.T
    step = Step(line, "a reason", VERDICT)
    assert latex_table(y.x[r, a], [step]).count(r"\delta") == 3


def test_definitions_say_for_which_places_they_hold():
    assert repr(Time.last).split("\n") == [
        "net[k]   = o[k - 1]*u + x[k]*w + b   for k = 1..T",
        "o[k]     = f(net[k])                 for k = 1..T",
        "L        = loss(o[T], y)",
        "delta[k] = ∂L/∂net[k]                for k = 1..T",
    ]
    second = Time.last._repr_latex_().split("\n")[2]
    assert second == (
        r"o_{k} &= f{\left(\mathit{net}_{k} \right)} && k = 1, \dots, T \\[4pt]"
    )


def test_a_layer_stands_above_and_the_indices_below():
    d = Derivation(Two.definitions, D(L, Two.w[a, b]))
    assert d._repr_latex_().split("\n")[1] == (
        r"\frac{\partial L}{\partial w_{a b}^{(0)}}"
    )
    assert r"o_{k - 1}" in Time.last._repr_latex_()


# Matrix lines

MATRICES = {
    "weights": (D(L, Layer.w[a, b]), Layer.x.T @ Layer.delta),
    "bias": (D(L, Layer.b[b]), ones(N).T @ Layer.delta),
    "inputs": (D(L, Layer.x[r, a]), Layer.delta @ Layer.w.T),
    "nets": (Layer.net[r, j], Layer.x @ Layer.w + ones(N) @ Layer.b),
    "outs": (Layer.o[r, j], Layer.net.each(f)),
    "associative": (
        D(L, Layer.x[r, a]),
        (2 * Layer.delta @ Layer.w.T @ (Layer.x.T @ Layer.x) / 2
         - Layer.delta @ (Layer.w.T @ Layer.x.T) @ Layer.x) + Layer.delta @ Layer.w.T,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", MATRICES)
def test_a_matrix_line_is_proved_by_its_element(name):
    first_line, matrix = MATRICES[name]
    d = Derivation(Layer.definitions, first_line).matrix(matrix, "at once")
    assert d.steps[-1].check.startswith("proved for every N, m, n")


def test_blame_times_slope_in_matrices():
    y = Two
    hidden = (y.d2 @ y.v.T) * slope(sigmoid)(y.net)
    d = Derivation(y.definitions, D(L, y.net[r, b])).matrix(hidden, "at once")
    assert d.steps[-1].check == "proved for every N, m, n, q"
    assert d._repr_latex_().split("\n")[1].split(" && ")[0] == (
        r"\frac{\partial L}{\partial \mathit{net}^{(1)}} &= \left(\delta^{(2)} "
        r"{W^{(1)}}^{\mathsf{T}}\right) \circ \sigma'\left(\mathit{net}^{(1)}\right)"
    )
    at = Gradients((3, 2, 3), 2)
    net = at.arrays[y.x] @ at.arrays[y.w] + at.arrays[y.b]
    found = d.to_numpy(y.d2, y.v, y.net)(at.arrays[y.d2], at.arrays[y.v], net)
    np.testing.assert_allclose(found, at.delta[1], rtol=1e-11)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda y: y.x @ y.delta, "x is N × n and delta is N × m: the n and the N"),
        (lambda y: y.delta @ y.w, "delta is N × m and w is n × m: the m and the n"),
        (lambda y: y.delta * y.x, "delta is N × m and x is N × n: an element by"),
        (lambda y: y.x @ y.w + y.b, "x @ w is N × m and b is 1 × m: a sum needs"),
        (lambda y: y.delta.T @ y.x, "step 1, delta.T @ x, is m × n, and w is n × m"),
        (lambda y: y.delta, "step 1, delta, is N × m, and w is n × m"),
    ],
)
def test_what_does_not_fit_is_refused_with_both_shapes(make, words):
    with pytest.raises(ValueError, match=re.escape(words)):
        Derivation(Layer.definitions, D(L, Layer.w[a, b])).matrix(make(Layer), "no")


def test_a_matrix_line_that_fits_and_is_false_is_refused():
    d = Derivation(Layer.definitions, D(L, Layer.w[a, b]))
    with pytest.raises(DerivationError) as caught:
        d.matrix(2 * Layer.x.T @ Layer.delta, "twice")
    assert caught.value.mistake == "a factor 2 too much, or a ½ missing"
    assert d.steps == ()


def test_matrix_lines_and_the_library_agree():
    """Xᵀδ, 1ᵀδ and δ Wᵀ ∘ σ'(net), against `Network.backward`."""
    network = bp.Network([3, 4, 2], rng=np.random.default_rng(1))
    rng = np.random.default_rng(2)
    x, t = rng.normal(size=(5, 3)), rng.uniform(size=(5, 2))
    trace = network.forward(x)
    gradient = network.backward(trace, t)
    y, defs = Two, Two.definitions
    by_w = Derivation(defs, D(L, y.w[a, b])).matrix(y.x.T @ y.d1, "at once")
    found = by_w.to_numpy(y.x, y.d1)(x, gradient.delta[1])
    np.testing.assert_allclose(found, gradient.weights[0], rtol=1e-12, atol=1e-15)
    by_b = Derivation(defs, D(L, y.b[b])).matrix(ones(N).T @ y.d1, "at once")
    found = by_b.to_numpy(y.d1)(gradient.delta[1])
    np.testing.assert_allclose(found, gradient.biases[0], rtol=1e-12, atol=1e-15)


# What is refused, with what to write


def o_of(quantity_, *places):
    return lambda: quantity_[places]


REFUSED = {
    "a width that does not fit": (
        lambda: Layer.w[j, i],
        ValueError,
        "axis 1 of w is 1..n, but j is 1..m: w[i, j] fits",
    ),
    "a step before the first": (
        lambda: Time.x[k - 1],
        ValueError,
        "axis 1 of x is 1..T, but k - 1 is 0..T-1: declare one that fits",
    ),
    "too few places": (
        lambda: Layer.w[i],
        ValueError,
        "w has 2 axes, and 1 places were given: i",
    ),
    "a missing range": (
        lambda: sum_over(Symbol("z"), Layer.b[b]),
        TypeError,
        "sum_over takes an index with a range, not Symbol (z): declare it",
    ),
    "a place that is no index": (
        lambda: Layer.b[Symbol("z")],
        TypeError,
        "z is no place along an axis",
    ),
    "a bound index used free": (
        lambda: Definitions({Layer.net[r, j]: Layer.x[r, i] * Layer.w[i, j]}),
        ValueError,
        "i is free in the definition of net[r, j], which has no place for it: "
        "write sum_over(i, ...) if the sum over 1..n is meant",
    ),
    "an index bound twice": (
        lambda: sum_over(i, sum_over(i, Layer.w[i, j])),
        ValueError,
        "i is bound twice, by a sum and by a sum inside it",
    ),
    "a captured index in a definition": (
        lambda: Definitions({Layer.b[j]: sum_over(j, Layer.b[j])}),
        ValueError,
        "the definition of b[j] sums over j, which is free in the same line",
    ),
    "one letter for two ranges": (
        lambda: Derivation(
            Time.last, total(Time.x[k], sum_over(indices("k", n)[0], Time.u))
        ),
        ValueError,
        "in the first line, k is 1..T and also 1..n: use two letters",
    ),
    "a sum of SymPy's": (
        lambda: Definitions(
            {Layer.b[j]: Layer.b[j] * Sum(IndexedBase("z")[Idx("h")], (Idx("h"), 1, 3))}
        ),
        TypeError,
        "declares no range: use quantity, indices and sum_over",
    ),
    "a circle": (
        lambda: Definitions({Time.x[k]: f(Time.net[k]), Time.net[k]: Time.x[k]}),
        ValueError,
        "the definitions go round in a circle: x -> net -> x; a recurrence is one",
    ),
    "a recurrence forwards": (
        lambda: Definitions(
            {quantity("o", (1, T + 1))[k]: quantity("o", (1, T + 1))[k + 1]}
        ),
        ValueError,
        "the definitions go round in a circle: o -> o",
    ),
    "a derivative of a derivative": (
        lambda: Derivation(Time.last, D(D(L, Time.u), Time.w)),
        ValueError,
        "holds a derivative of a derivative",
    ),
    "what nobody knows": (
        lambda: verdict(Time.last, D(L, Time.u), Symbol("z", real=True)),
        ValueError,
        "step 1 uses z, which the definitions do not know",
    ),
    "a function that nobody knows": (
        lambda: verdict(Time.last, D(L, Time.u), symbols("h", cls=type(f))(Time.u)),
        ValueError,
        "step 1 uses the function h, which the definitions do not know",
    ),
    "a misspelt name below a D": (
        lambda: Derivation(Time.last, D(L, Symbol("U", real=True))),
        ValueError,
        "the first line uses U, which the definitions do not know",
    ),
    "a name declared twice": (
        lambda: Definitions({Layer.b[j]: quantity("b", n)[1] + quantity("b", m)[1]}),
        ValueError,
        "two different things are called b",
    ),
    "a subscript in a name": (
        lambda: quantity("w_1", n),
        ValueError,
        "w_1 has 1 below, where the indices go: put a layer above, w^(1)",
    ),
    "no axis": (lambda: quantity("w"), ValueError, "w needs an axis at least"),
    "an empty range": (
        lambda: indices("k", T, T - 1),
        ValueError,
        "T to T - 1 is empty",
    ),
    "a range that ends nowhere": (
        lambda: indices("k", Symbol("z")),
        TypeError,
        "z is no place along an axis",
    ),
    "a matrix line over single symbols": (
        lambda: Derivation(Definitions({L: Time.u}), D(L, Time.u)).matrix(
            Layer.w, "no"
        ),
        TypeError,
        "a matrix line needs definitions over indices",
    ),
    "no matrix": (
        lambda: Derivation(Time.last, D(L, Time.x[k])).matrix(Time.u, "no"),
        TypeError,
        "step 1 must be made of quantities without indices, not of Symbol (u)",
    ),
    "given without an axis": (
        lambda: Definitions({Layer.b[j]: L}, given={L: 1}),
        ValueError,
        "what is given is a sum over one whole axis",
    ),
    "given over single symbols": (
        lambda: Definitions({L: Time.u}, given={Time.u: 1}),
        TypeError,
        "sums that are given need indices",
    ),
    "expanded over indices": (
        lambda: Time.last.expand(L),
        TypeError,
        "definitions over indices are not expanded",
    ),
    "two definitions of one": (
        lambda: Definitions([(Time.x[k], Time.u), (Time.x[early], Time.u)]),
        ValueError,
        "x is defined twice",
    ),
    "a definition at one place": (
        lambda: Definitions({Time.x[T]: Time.u}),
        ValueError,
        "x[T] is defined entry by entry: write a different index",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_it_is_refused_with_what_to_write(name):
    make, kind, words = REFUSED[name]
    with pytest.raises(kind) as caught:
        make()
    assert words in str(caught.value)


# As a function of arrays


def test_an_indexed_line_becomes_numpy():
    y = Layer
    d = Derivation(y.definitions, D(L, y.w[a, b]))
    d.step(sum_over(r, product(y.x[r, a], y.delta[r, b])), "a step")
    x, delta = np.arange(6.0).reshape(3, 2), np.arange(12.0).reshape(3, 4)
    np.testing.assert_array_equal(d.to_numpy()(x=x, delta=delta), x.T @ delta)
    np.testing.assert_array_equal(d.to_numpy(y.delta, y.x)(delta, x), x.T @ delta)
    with pytest.raises(ValueError, match="another array says 3"):
        d.to_numpy()(x=x[:2], delta=delta)
    with pytest.raises(ValueError, match="depends on x too"):
        d.to_numpy(y.delta)
    with pytest.raises(TypeError, match="takes delta, x, not delta"):
        d.to_numpy()(delta=delta)


def test_places_along_time_count_from_the_declared_first():
    y = Time
    d = Derivation(y.last, D(L, y.u)).step(sum_over(k, y.delta[k] * y.o[k - 1]), "uses")
    delta, o = np.array([1.0, 2.0, 3.0]), np.array([5.0, 7.0, 11.0, 13.0])
    assert d.to_numpy()(delta=delta, o=o) == delta @ o[:3]


def test_what_numpy_has_not_is_refused():
    y = Layer
    d = Derivation(y.definitions, D(L, y.net[r, j]))
    d.step(product(slope(f)(y.net[r, j]), D(L, y.o[r, j])), "a step")
    with pytest.raises(ValueError, match="NumPy has no"):
        d.to_numpy()


# What is not proved, and what has no value


def test_what_cannot_be_proved_says_up_to_which_widths_it_was_checked():
    """That a root is positive is no identity of sums."""
    y = Softmax
    root = sqrt(sum_over(j, y.net[r, j] ** 2) ** 2)
    squares = sum_over(j, y.net[r, j] ** 2)
    whole = Definitions({quantity("z", N)[r]: root})
    assert verdict(whole, squares, Max(squares, 0)) == "checked for widths up to 3"


def test_what_has_no_value_anywhere_is_refused():
    y = Layer
    definitions = Definitions({L: sum_over(r, log(-sum_over(j, y.o[r, j] ** 2)))})
    with pytest.raises(DerivationError, match="cannot be checked"):
        Derivation(definitions, L).step(2 * L, "no logarithm")


def test_printing_is_the_same_in_every_order_of_definition():
    y = Time
    pairs = list(y.last.items())
    for order in (pairs, pairs[::-1]):
        d = Derivation(Definitions(order), D(L, y.u))
        d.step(sum_over(k, y.delta[k] * y.o[k - 1]), "uses")
        assert repr(d).startswith("∂L/∂u = Σ_{k=1..T} delta[k]*o[k - 1]   uses")
