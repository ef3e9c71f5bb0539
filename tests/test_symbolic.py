"""Derivations: what is true passes and prints well, what is false is caught."""

import ast
import inspect
import os
import re
import subprocess
import sys
from itertools import product as pairs_of
from pathlib import Path

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import (
    Abs,
    Array,
    Derivative,
    Determinant,
    Dummy,
    Function,
    Heaviside,
    I,
    Idx,
    ImmutableMatrix,
    IndexedBase,
    Integral,
    LambertW,
    Matrix,
    MatrixSymbol,
    Max,
    Min,
    Mul,
    Piecewise,
    Rational,
    Sum,
    Symbol,
    Trace,
    conjugate,
    cos,
    erf,
    exp,
    floor,
    latex,
    log,
    nan,
    oo,
    pi,
    pretty,
    sign,
    simplify,
    sin,
    sqrt,
    symbols,
    tanh,
    zoo,
)

from backprop_lib.symbolic import (
    D,
    Definitions,
    Derivation,
    DerivationError,
    Results,
    SymbolicNetwork,
    product,
    sigmoid,
    total,
)

w, x, b, t, net, o, L = symbols("w x b t net o L", real=True)
u, v, y = symbols("u v y", real=True)
f, g = Function("f"), Function("g")
NEURON = Definitions({net: w * x + b, o: sigmoid(net), L: (t - o) ** 2 / 2})


def neuron_derivation():
    d = Derivation(NEURON, D(L, w))
    d.step(product(D(o, net), D(L, o), D(net, w)), "chain rule")
    d.step(product(o * (1 - o), D(L, o), D(net, w)), "derivative of the sigmoid")
    d.step(product(o * (1 - o), o - t, D(net, w)), "derivative of the squared error")
    d.step(product(o * (1 - o), o - t, x), "net is linear in $w$")
    return d


# How it reads


def test_the_neuron_reads_well_as_plain_text():
    assert repr(neuron_derivation()).split("\n") == [
        "∂L/∂w = ∂o/∂net · ∂L/∂o · ∂net/∂w       chain rule                     "
        "   [proved]",
        "      = o*(1 - o) · ∂L/∂o · ∂net/∂w     derivative of the sigmoid      "
        "   [proved]",
        "      = o*(1 - o) · (o - t) · ∂net/∂w   derivative of the squared error"
        "   [proved]",
        "      = o*(1 - o) · (o - t) · x         net is linear in w             "
        "   [proved]",
    ]


def test_the_neuron_is_set_in_aligned_latex():
    lines = neuron_derivation()._repr_latex_().split("\n")
    assert lines[0] == r"$$\begin{aligned}"
    assert lines[-1] == r"\end{aligned}$$"
    assert lines[1] == (
        r"\frac{\partial L}{\partial w} &= \frac{\partial o}{\partial \mathit{net}} "
        r"\cdot \frac{\partial L}{\partial o} \cdot "
        r"\frac{\partial \mathit{net}}{\partial w} "
        r"&& \text{chain rule} && \textit{proved} \\[4pt]"
    )
    assert lines[4] == (
        r"&= o \left(1 - o\right) \cdot \left(o - t\right) \cdot x "
        r"&& \text{net is linear in }w && \textit{proved}"
    )


def test_definitions_show_themselves():
    assert repr(NEURON) == "net = w*x + b\no   = σ(net)\nL   = (t - o)**2/2"
    assert NEURON._repr_latex_() == (
        "$$\\begin{aligned}\n"
        "\\mathit{net} &= w x + b \\\\[4pt]\n"
        "o &= \\sigma\\left(\\mathit{net}\\right) \\\\[4pt]\n"
        "L &= \\frac{\\left(t - o\\right)^{2}}{2}\n"
        "\\end{aligned}$$"
    )
    assert repr(Definitions({})) == "Definitions({})"
    assert Definitions({})._repr_latex_() is None


def test_a_derivation_without_steps_shows_its_first_line():
    d = Derivation(NEURON, D(L, w))
    assert repr(d) == "∂L/∂w"
    assert r"\frac{\partial L}{\partial w}" in d._repr_latex_()
    assert d.result == D(L, w)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("w_ij", "w_{ij}"),
        ("net_j", r"\mathit{net}_{j}"),
        ("net_1^(2)", r"\mathit{net}^{(2)}_{1}"),
        ("net^{(l)}_{j}", r"\mathit{net}^{(l)}_{j}"),
        ("delta_j", r"\delta_{j}"),
        ("eta", r"\eta"),
        ("net", r"\mathit{net}"),
        ("o", "o"),
        # A letter with an accent.
        ("xbar", r"\bar{x}"),
        ("ohat_j", r"\hat{o}_{j}"),
        ("etatilde", r"\tilde{\eta}"),
        # Words, whatever they end in.
        ("local", r"\mathit{local}"),
        ("gradnorm", r"\mathit{gradnorm}"),
        ("reciprocal", r"\mathit{reciprocal}"),
        ("netbar", r"\mathit{netbar}"),
        ("xnorm", r"\mathit{xnorm}"),
        ("PSI", r"\mathit{PSI}"),
        ("größe", r"\mathit{größe}"),
        # Indices keep to the same rule, but words among them stay upright.
        ("w_local", "w_{local}"),
        ("x_bar", "x_{bar}"),
        ("L_netbar^delta", r"L^{\delta}_{netbar}"),
        ("w_new", "w_{new}"),
        # LaTeX is taken as it is; what LaTeX would take amiss is escaped.
        (r"\hat{o}", r"\hat{o}"),
        ("o_{k-1}", "o_{k-1}"),
        ("w%", r"w\%"),
        ("net#", r"\mathit{net}\#"),
    ],
)
def test_names_are_set_as_in_the_notation(name, expected):
    numerator = latex(D(Symbol(name), x))
    assert numerator == rf"\frac{{\partial {expected}}}{{\partial x}}"


@pytest.mark.parametrize("word", ["local", "gradnorm", "netbar", "bold", "cal"])
def test_words_are_words_at_any_place(word):
    for name in (word, f"{word}_1", f"{word}^(2)"):
        assert latex(product(Symbol(name), x - 1)).startswith(rf"\mathit{{{word}}}")
    assert latex(product(Symbol(f"o_{word}"), x - 1)).startswith(f"o_{{{word}}}")


@pytest.mark.parametrize(
    ("expression", "text", "tex"),
    [
        (product(x, o - t), "x · (o - t)", r"x \cdot \left(o - t\right)"),
        (product(o, w), "o*w", "o w"),
        (product(2, o, w), "2*o*w", "2 o w"),
        (-product(x, t - o), "-x · (t - o)", r"-x \cdot \left(t - o\right)"),
        (product(-1, -x, t - o), "-(-x) · (t - o)", None),
        (product(o, -x), "o · (-x)", r"o \cdot \left(- x\right)"),
        (product(x, product(o, t)), "x*o*t", "x o t"),
        (product(x, total(o, t)), "x · (o + t)", r"x \cdot \left(o + t\right)"),
        (product(x), "x", "x"),
        (total(x, -o, b), "x - o + b", "x - o + b"),
        (total(0, x), "x", "x"),
        (total(0), "0", "0"),
        (product(w, x) - product(t, o), "w*x - t*o", "w x - t o"),
        (o + product(w, x), "o + w*x", "o + w x"),
        (t - product(w, x), "t - w*x", "t - w x"),
        (x * product(w, o) * b, "x*w*o*b", "x w o b"),
        (sum(product(o, e) for e in (w, t)), "o*w + o*t", "o w + o t"),
        (D(L, w) ** 2, "(∂L/∂w)**2", None),
        (D(o**2, w), "∂(o**2)/∂w", r"\frac{\partial}{\partial w} o^{2}"),
        (D(D(L, o), w), "∂(∂L/∂o)/∂w", None),
        (D(f(g(x)), x), "∂f(g(x))/∂x", None),
    ],
)
def test_forms_keep_their_order(expression, text, tex):
    assert str(expression) == text
    assert tex is None or latex(expression) == tex


def test_forms_calculate_as_sympy_does():
    ordered, plain = product(x, o - t) + product(b, x), x * (o - t) + b * x
    assert ordered.doit() == plain
    assert ordered.diff(x) == plain.diff(x)
    assert simplify(ordered - plain) == 0
    assert ordered.subs({x: 2, o: 1, t: 0, b: 3}).doit() == 8
    assert float(product(sigmoid(x), 2).subs(x, 0).evalf()) == 1
    assert float(total(sigmoid(x), 2).subs(x, 0).evalf()) == 2.5
    assert product(x, o) == product(x, o) != product(o, x)
    assert D(L, w).subs(w, 2) == D(L, w) == D(L, w).doit()
    assert D(L, w).diff(w) == D(D(L, w), w)
    assert pretty(D(L, w)) == "∂L/∂w"


@pytest.mark.parametrize("form", [product, total])
def test_forms_refuse_what_they_cannot_hold(form):
    with pytest.raises(TypeError, match="at least one"):
        form()
    with pytest.raises(TypeError, match=r"must be a SymPy expression, not str \('x'\)"):
        form("x")


def test_reasons_are_escaped():
    d = Derivation(NEURON, D(L, w)).step(D(L, w), r"50 % of $w_1$ & {a}_b #\^~")
    assert (
        r"\text{50 \% of }w_1\text{ \& \{a\}\_b \#\textbackslash{}"
        r"\textasciicircum{}\textasciitilde{}}" in d._repr_latex_()
    )
    assert "50 % of w_1 & {a}_b" in repr(d)
    priced = Derivation(NEURON, D(L, w)).step(D(L, w), "5 $ each")
    assert r"\text{5 \$ each}" in priced._repr_latex_()
    assert "5 $ each" in repr(priced)


def test_long_formulas_are_broken_between_terms():
    names = symbols("alpha_1:9", real=True)
    ordered = total(*(product(name, name - 1, x) for name in reversed(names)))
    for expression in (ordered, ordered.doit()):
        d = Derivation(Definitions({y: expression}), y).step(expression, "as given")
        lines = repr(d).split("\n")
        assert len(lines) > 1
        assert all(len(line) < 100 for line in lines)
        assert "".join(repr(d).split()).count("alpha_") == 16
        assert lines[-1].endswith("   as given   [proved]")
        *formulas, last = d._repr_latex_().split(r"\\")
        assert r"&\qquad {} + \alpha" in last
        assert "as given" in last
        assert "as given" not in "".join(formulas)
    assert repr(d).count("[proved]") == 1
    long = product(*(name - 1 for name in names))
    d = Derivation(Definitions({y: long}), y).step(long, "as given")
    assert r"&\qquad {} \cdot \left(" in d._repr_latex_()


# What the derivatives mean


def test_base_symbols_come_in_the_order_of_first_use():
    assert NEURON.base == (w, x, b, t)
    assert list(NEURON) == [net, o, L]
    assert NEURON[net] == w * x + b
    late_first = Definitions({L: (o - t) ** 2, o: w * x})
    assert late_first.base == (t, w, x)
    assert late_first.expand(L) == (w * x - t) ** 2


def test_a_total_derivative_holds_its_lower_symbol():
    assert NEURON.expand(D(L, o)) == NEURON.expand(o - t)
    assert NEURON.expand(D(L, L)) == 1
    assert NEURON.expand(D(net, o)) == 0
    assert NEURON.expand(D(o, t)) == 0
    # The inner derivative is a function of o, and o depends on net.
    assert NEURON.expand(D(D(L, o), net)) == NEURON.expand(o * (1 - o))


def test_several_paths_sum_by_themselves():
    # From u one path is direct, one leads through v.
    two = Definitions({u: x**2, v: 3 * u + x, y: u * v})
    assert two.expand(D(y, u) - (v + 3 * u)) == 0
    assert two.expand(D(y, x)).expand() == (3 * x**4 + x**3).diff(x)


def test_general_functions_obey_the_chain_rule():
    chain = Definitions({u: g(x), y: f(u)})
    d = Derivation(chain, D(y, x)).step(product(D(y, u), D(u, x)), "chain rule")
    d.step(f(g(x)).diff(x), "by SymPy")
    assert [step.check for step in d.steps] == ["proved"] * 2
    with pytest.raises(DerivationError, match=r"f\(z\) = .*, g\(z\) = "):
        d.step(product(D(y, u), D(y, u)), "wrong")
    scaled = Definitions({u: w * x, y: f(u)})
    d = Derivation(scaled, D(y, w)).step(f(w * x).diff(w), "by SymPy")
    assert d.steps[0].check == "proved"
    plain = Derivation(Definitions({}), D(f(g(x)), x)).step(f(g(x)).diff(x), "SymPy")
    assert plain.steps[0].check == "proved"


def test_two_general_paths_both_count():
    h = Function("h")
    paths = Definitions({u: f(x), v: g(x), y: h(u, v)})
    d = Derivation(paths, D(y, x))
    one, other = product(D(y, u), D(u, x)), product(D(y, v), D(v, x))
    assert d.step(one + other, "two paths").steps[0].check == "proved"
    for alone in (one, other, one - other, 2 * one):
        with pytest.raises(DerivationError):
            d.step(alone, "a path is missing")


def test_a_definition_may_be_a_derivative():
    delta = Symbol("delta", real=True)
    system = Definitions({**NEURON, delta: D(L, net)})
    d = Derivation(system, D(L, w)).step(product(delta, x), "error signal")
    assert d.steps[0].check == "proved"
    assert "delta = ∂L/∂net" in repr(system)


def test_floats_are_the_decimals_they_read_as():
    tenths = Definitions({y: 0.1 * x + 0.2 * x})
    d = Derivation(tenths, D(y, x)).step(0.3, "0.1 + 0.2")
    assert d.steps[0].check == "proved"


@pytest.mark.parametrize(
    ("slope", "number", "hint"),
    [
        (Rational(2, 3), 2 / 3, "float 0.666666666666667 .* was Rational(2, 3) meant?"),
        (-Rational(1, 7), -1 / 7, "was Rational(-1, 7) meant?"),
        (sqrt(2 * pi), (2 * pi) ** 0.5, "was sqrt(2) meant?"),
        (sqrt(2 * pi), float(sqrt(2 * pi)), "was sqrt(2)*sqrt(pi) meant?"),
        (pi / 4, np.pi / 4, "was pi/4 meant?"),
        (exp(1), np.exp(1), "decimal. Exact numbers are written so: Rational(1, 3)"),
    ],
)
def test_a_rounded_number_is_false_and_told_how_to_be_exact(slope, number, hint):
    hint = re.escape(hint).replace(r"\.\*", ".*")
    derivation = Derivation(Definitions({y: slope * x}), D(y, x))
    with pytest.raises(DerivationError, match=hint) as caught:
        derivation.step(number, "rounded")
    assert "step 1 is false" in str(caught.value)
    # The float may as well stand in a definition.
    with pytest.raises(DerivationError, match=hint):
        Derivation(Definitions({y: number * x}), D(y, x)).step(slope, "exact")
    derivation.step(slope, "exact")


@pytest.mark.parametrize("number", [0.5, 0.1, 1e-3, 0.25, 2.0**-20, 12.5])
def test_a_decimal_is_no_reason_for_a_hint(number):
    decimal = Rational(repr(number))
    derivation = Derivation(Definitions({y: decimal * x}), D(y, x))
    derivation.step(number, "a decimal")
    with pytest.raises(DerivationError) as caught:
        derivation.step(number * x, "false")
    assert "float" not in str(caught.value)


@st.composite
def systems(draw):
    """Random definitions: each symbol from those before it."""
    names = [*symbols("p q", real=True), *symbols("s1:5", real=True)]
    functions = [sigmoid, tanh, exp, lambda z: z**2, lambda z: z]
    bodies = {}
    for place, symbol in enumerate(names[2:], start=2):
        first, second = (draw(st.sampled_from(names[:place])) for _ in range(2))
        number = draw(st.integers(1, 3))
        function = draw(st.sampled_from(functions))
        bodies[symbol] = function(number * first * names[0] / 3 + second)
    return names, Definitions(bodies)


@settings(max_examples=30)
@given(systems(), st.integers(0, 4))
def test_derivatives_agree_with_substitution_first(system, lower):
    names, definitions = system
    by = names[lower]
    # Cut the lower symbol's definition, substitute all others, differentiate.
    upper = names[-1]
    for symbol in reversed(names[2:]):
        if symbol != by:
            upper = upper.subs(symbol, definitions[symbol])
    slope = upper.diff(by)
    d = Derivation(definitions, D(names[-1], by)).step(slope, "substitution first")
    tiny = Rational(1, 10**30)
    with pytest.raises(DerivationError):
        d.step(slope * (1 + tiny) + tiny, "false in the 30th digit")
    point = {names[0]: Rational(3, 10), names[1]: Rational(-7, 10)}
    ours = definitions.expand(D(names[-1], by)).subs(point).evalf(40)
    theirs = definitions.expand(slope).subs(point).evalf(40)
    assert abs(ours - theirs) <= 1e-30 * (1 + abs(theirs))


@pytest.mark.parametrize(
    ("definitions", "error", "message"),
    [
        (3, TypeError, "takes a mapping"),
        ([1, 2], TypeError, "takes a mapping"),
        ({1: x}, TypeError, "only symbols can be defined, not int"),
        ({f(x): x}, TypeError, "only symbols can be defined"),
        ({o: "w*x"}, TypeError, "the definition of o must be a SymPy expression"),
        ({o: x > 0}, TypeError, "the definition of o must be a SymPy expression"),
        ([(o, x), (o, w)], ValueError, "o is defined twice"),
        ({o: o + 1}, ValueError, "circle: o -> o"),
        ({o: w, w: net, net: o}, ValueError, "circle"),
        ({o: w * x, y: Symbol("w") * o}, ValueError, "two different symbols .* w:"),
        ({o: Dummy("w") * w}, ValueError, "two different symbols .* w:"),
        ({o: f(x), y: Function("f", real=True)(x)}, ValueError, "functions .* f:"),
        ({o: f(x), y: f(x, w)}, ValueError, "one takes 1 and one takes 2 arguments"),
        ({o: w * x, y: D(u, w)}, ValueError, "the definition of y uses u, which"),
        ({o: w * x, y: D(o, u)}, ValueError, "there is no u among the definitions"),
        ({o: Symbol("z", complex=True)}, ValueError, "z, which is declared complex"),
    ],
)
def test_bad_definitions_are_refused(definitions, error, message):
    with pytest.raises(error, match=message):
        Definitions(definitions)


def test_bad_derivatives_are_refused():
    with pytest.raises(TypeError, match="differentiates by a symbol, not by"):
        D(L, f(x))
    with pytest.raises(TypeError, match="what D differentiates must be"):
        D("L", w)
    with pytest.raises(ValueError, match="there is no q among the definitions"):
        NEURON.expand(D(L, Symbol("q")))
    with pytest.raises(TypeError, match="what is expanded must be"):
        NEURON.expand("L")
    with pytest.raises(ValueError, match=r"what is expanded uses L, .* of that name"):
        NEURON.expand(D(Symbol("L"), w))
    with pytest.raises(ValueError, match="what is resolved uses q"):
        NEURON.resolve(D(L * Symbol("q"), w))


entries, matrix = IndexedBase("w"), MatrixSymbol("W", 2, 2)
rank = Symbol("i", integer=True)


@pytest.mark.parametrize(
    "value",
    [
        Trace(matrix),
        matrix[0, 0] ** 2,
        Matrix([[1, x]]),
        Determinant(ImmutableMatrix([[x, w], [1, 2]])),
        Array([x, w]),
        entries,
        entries[1] * x,
        Sum(entries[rank] * x, (rank, 1, 3)),
        Idx("i"),
        Symbol("A", commutative=False) * x,
    ],
    ids=str,
)
def test_matrices_and_indexed_symbols_are_refused_at_every_door(value):
    d = Derivation(NEURON, D(L, w))
    for what, door in (
        ("the definition of L", lambda: Definitions({L: value})),
        ("the first line", lambda: Derivation(NEURON, value)),
        ("step 1", lambda: d.step(value, "not supported")),
        ("what is expanded", lambda: NEURON.expand(value)),
    ):
        with pytest.raises(TypeError, match=f"{what} holds .* one symbol for each"):
            door()
    assert d.steps == ()


@pytest.mark.parametrize("key", [matrix, matrix[0, 0], entries, entries[1], "o"])
def test_only_single_symbols_are_defined(key):
    with pytest.raises(TypeError, match="only symbols can be defined, not"):
        Definitions({key: x})


def test_sums_over_a_counter_are_expressions_like_any():
    powers = Definitions({y: Sum(x**rank, (rank, 1, 3))})
    d = Derivation(powers, D(y, x)).step(1 + 2 * x + 3 * x**2, "term by term")
    assert d.steps[0].check == "proved"


# Symbols of which nothing is said are real


def test_plain_symbols_are_taken_as_real():
    p, q = symbols("p q")
    sizes = Definitions({q: Abs(p)})
    d = Derivation(sizes, D(q, p)).step(sign(p), "slope of the size")
    d.step(p / q, "by its name")
    assert d.steps[0].check == "proved"
    squared = Derivation(Definitions({q: Abs(p) ** 2}), D(q, p)).step(2 * p, "square")
    assert squared.steps[0].check == "proved"
    free = Derivation(Definitions({}), sqrt(p**2)).step(Abs(p), "the root")
    assert free.step(Abs(conjugate(p)), "real").steps[1].check == "proved"
    with pytest.raises(DerivationError) as caught:
        d.step(p, "false")
    assert set(caught.value.point) == {p}
    for unclear in (Symbol("e", extended_real=True), Dummy("d"), Symbol("k", seq=True)):
        square = Derivation(Definitions({}), Abs(unclear) ** 2)
        assert square.step(unclear**2, "real").steps[0].check == "proved"


def test_what_is_given_in_plain_symbols_comes_back_in_them():
    p, q, r = symbols("p q r")
    system = Definitions({q: Abs(p), r: q * p})
    assert (system.base, system.symbols, system[q]) == ((p,), (q, r, p), Abs(p))
    assert system.body(r) == p * q
    assert system.expand(D(r, p)) == p * sign(p) + Abs(p)
    assert system.expand(D(r, p)).free_symbols == {p}
    assert system.resolve(D(r, q)) == p
    d = Derivation(system, D(r, p)).step(2 * q, "twice the size")
    assert d.result == 2 * q
    assert repr(d) == "∂r/∂p = 2*q   twice the size   [proved]"
    assert d.to_numpy()([-3.0, 2.0]).tolist() == [6.0, 4.0]
    assert d.to_numpy(q)(q=2.0) == 4.0


def test_plain_and_real_symbols_of_one_name_are_not_mixed():
    p, q, real = *symbols("p q"), Symbol("p", real=True)
    d = Derivation(Definitions({q: p**2}), D(q, p))
    with pytest.raises(ValueError, match="of that name, but with other assumptions"):
        d.step(2 * real, "mixed")
    with pytest.raises(ValueError, match="of that name, but with other assumptions"):
        d.to_numpy(real)
    with pytest.raises(ValueError, match="two different symbols are called p"):
        Derivation(Definitions({}), p + real)
    with pytest.raises(ValueError, match="two different symbols are called i"):
        Derivation(Definitions({}), Sum(Symbol("i") * rank, (rank, 1, 3)))


# The sigmoid


def test_sigmoid_is_a_function_of_sympy():
    assert sigmoid(net).diff(net) == sigmoid(net) * (1 - sigmoid(net))
    assert sigmoid(0) == Rational(1, 2)
    assert sigmoid(float("inf")) == 1
    assert sigmoid(-float("inf")) == 0
    assert sigmoid(net).is_positive
    assert sigmoid(net).is_real
    assert latex(sigmoid(net)) == r"\sigma\left(\mathit{net}\right)"
    assert latex(sigmoid(net) ** 2) == r"\sigma^{2}\left(\mathit{net}\right)"
    assert simplify(sigmoid(net).rewrite(exp) - exp(net) / (1 + exp(net))) == 0
    difference = sigmoid(net).rewrite(tanh) - sigmoid(net).rewrite(exp)
    assert simplify(difference.rewrite(exp)) == 0


@pytest.mark.parametrize("number", ["-800", "-37.5", "-1", "0.001", "2", "50"])
def test_sigmoid_evaluates_to_fifty_digits(number):
    with mpmath.workdps(70):
        expected = 1 / (1 + mpmath.exp(-mpmath.mpf(number)))
        value = mpmath.mpf(sigmoid(Rational(number)).evalf(50)._mpf_)
        assert abs(value / expected - 1) < mpmath.mpf(10) ** -49


# Which steps pass


def exact_steps():
    """True forms of ∂L/∂w that look little like each other."""
    s = sigmoid(w * x + b)
    yield NEURON.expand(L).diff(w)
    yield (s - t) * s * (1 - s) * x
    yield product(o * sigmoid(-net), o - t, x)
    yield product(exp(-net) / (1 + exp(-net)) ** 2, o - t, x)
    yield product(exp(net / 2) ** 2 / (1 + exp(net)) ** 2, o - t, x)
    yield product((1 - tanh(net / 2) ** 2) / 4, o - t, x)
    yield product(o - o**2, o - t, D(net, w))
    yield product(0.5, D((t - o) ** 2, w))
    yield D(L, b) * x


@pytest.mark.parametrize("expression", list(exact_steps()), ids=str)
def test_true_steps_are_proved(expression):
    d = Derivation(NEURON, D(L, w)).step(expression, "a true form")
    assert d.steps[0].check == "proved"
    assert d.result == expression


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (sigmoid(-x), 1 - sigmoid(x)),
        (tanh(x), 2 * sigmoid(2 * x) - 1),
        (log(sigmoid(x)), -log(1 + exp(-x))),
        (log(sigmoid(x) / (1 - sigmoid(x))), x),
        (log(1 + exp(x)), x + log(1 + exp(-x))),
        (-t * log(sigmoid(x)) - (1 - t) * log(1 - sigmoid(x)), log(1 + exp(x)) - t * x),
    ],
)
def test_identities_of_the_sigmoid_are_proved(first, second):
    d = Derivation(Definitions({}), first).step(second, "identity")
    assert d.steps[0].check == "proved"
    with pytest.raises(DerivationError):
        d.step(second + x**2 / 1000, "nearly")


def test_what_cannot_be_proved_is_checked_at_points():
    d = Derivation(Definitions({}), Max(0, x))
    d.step(Piecewise((x, x > 0), (0, True)), "by cases")
    assert d.steps[0].check == "checked at 20 points"
    assert "[checked at 20 points]" in repr(d)
    assert r"\textit{checked at 20 points}" in d._repr_latex_()
    with pytest.raises(DerivationError):
        d.step(Piecewise((x, x > 0), (x / 10**20, True)), "almost by cases")


def test_points_keep_to_the_assumptions():
    p = Symbol("p", positive=True)
    m = Symbol("m", negative=True)
    n = Symbol("n", integer=True)
    r = Symbol("r")
    i = Symbol("i", imaginary=True)
    Derivation(Definitions({}), sqrt(p**2)).step(p, "p is positive")
    Derivation(Definitions({}), Abs(m)).step(-m, "m is negative")
    Derivation(Definitions({}), cos(pi * n)).step((-1) ** n, "n is whole")
    Derivation(Definitions({}), sqrt(r**2)).step(Abs(r), "r is taken as real")
    Derivation(Definitions({}), i**2).step(-(Abs(i) ** 2), "i is imaginary")
    for first, second in [(sqrt(x**2), x), (cos(pi * x), (-1) ** x), (x**2, -Abs(x))]:
        with pytest.raises(DerivationError):
            Derivation(Definitions({}), first).step(second, "not so")


def test_points_without_a_real_value_are_passed_over():
    d = Derivation(Definitions({}), log(x) + log(1 - x))
    d.step(log(x * (1 - x)), "sum of logarithms")
    with pytest.raises(DerivationError, match="step 2 cannot be checked") as caught:
        d.step(log(-1 - x**2), "defined nowhere")
    assert "At no point that was tried do both have" in str(caught.value)
    assert caught.value.point == {}
    with pytest.raises(DerivationError, match="cannot be checked"):
        d.step(zoo, "infinite")
    with pytest.raises(DerivationError, match="cannot be checked"):
        d.step(I * x, "imaginary")
    assert len(d.steps) == 1


def test_a_step_that_is_the_first_line_is_accepted():
    labels = symbols("t_1:7", real=True)
    entropy = -sum(log(label) + log(1 - label) for label in labels)
    d = Derivation(Definitions({L: entropy}), L)
    d.step(L, "itself").step(entropy, "as defined")
    nowhere = Derivation(Definitions({}), log(-1 - x**2))
    nowhere.step(log(-1 - x**2), "itself")
    assert [s.check for s in (*d.steps, *nowhere.steps)] == ["proved"] * 3


def test_points_are_found_where_many_labels_lie_between_0_and_1():
    labels = symbols("t_1:5", real=True)
    first = sum(log(label) + log(1 - label) for label in labels)
    ratios = sum(2 * log(label) - log(label / (1 - label)) for label in labels)
    d = Derivation(Definitions({}), first).step(ratios, "by ratios")
    assert d.steps[0].check.startswith("checked at 20 points")
    with pytest.raises(DerivationError, match="step 2 is false"):
        d.step(ratios + Mul(*labels) / 10**9, "nearly")


def test_a_step_that_holds_on_a_part_says_so():
    d = Derivation(Definitions({}), log(w * x)).step(log(w) + log(x), "logarithms")
    assert d.steps[0].check == "checked at 20 points where both are real"
    assert "[checked at 20 points where both are real]" in repr(d)
    assert r"\textit{checked at 20 points where both are real}" in d._repr_latex_()
    named = Definitions({y: log(w) + log(x)})
    by_name = Derivation(named, log(w * x)).step(y, "by name")
    assert by_name.steps[0].check == "checked at 20 points where both are real"
    # Points where neither side is real say nothing of the step,
    same = Derivation(Definitions({}), log(x) / log(10))
    same.step(Piecewise((log(x) / log(10), x > 0), (log(x), True)), "by cases")
    assert same.steps[0].check == "checked at 20 points"
    # nor do those where one is real only because parts that are not real cancel:
    # beyond 1 neither u nor v is real, but u - v is.
    odds = Definitions({u: log(x / (1 - x)), v: log((1 - x) / x)})
    apart = Derivation(odds, u - v).step(2 * log(x) - 2 * log(1 - x), "apart")
    assert apart.steps[0].check == "checked at 20 points"


FALSE_STEPS = {
    "a factor dropped": product(o * (1 - o), o - t),
    "the sigmoid's derivative dropped": product(o - t, x),
    "wrong sign": product(o * (1 - o), t - o, x),
    "wrong sign within": product(o * (1 + o), o - t, x),
    "the square missing": product(o * (1 - o), Rational(1, 2), x),
    "the half forgotten": product(2, o * (1 - o), o - t, x),
    "the sigmoid for its derivative": product(o, o - t, x),
    "a derivative of another quantity": product(net * (1 - net), o - t, x),
    "its derivative twice": product(o * (1 - o), o * (1 - o), o - t, x),
    "wrong input": product(o * (1 - o), o - t, w),
    "the bias's derivative": product(o * (1 - o), o - t, 1),
    "a sum for a product": total(D(o, net), D(L, o), D(net, w)),
    "a factor upside down": product(D(net, o), D(L, o), D(net, w)),
    "a factor squared": product(D(o, net) ** 2, D(L, o), D(net, w)),
    "target for output": product(o * (1 - o), o - t, x) + (t - o) / 10**12,
    "off by a rounding": product(o * (1 - o), o - t, x) * (1 + Rational(1, 2**52)),
    "the partial without the path": L.diff(w),
}


@pytest.mark.parametrize("name", FALSE_STEPS)
def test_false_steps_are_caught(name):
    d = neuron_derivation()
    before = repr(d), d._repr_latex_(), d.steps
    with pytest.raises(DerivationError) as caught:
        d.step(FALSE_STEPS[name], name)
    assert (repr(d), d._repr_latex_(), d.steps) == before
    error = caught.value
    assert (error.step, error.reason) == (5, name)
    assert error.first_line == D(L, w)
    assert error.expression == FALSE_STEPS[name]
    # The point is a counterexample, also to one who calculates anew.
    assert set(error.point) == {w, x, b, t}
    for side, value in zip(
        (NEURON.expand(L).diff(w), NEURON.expand(error.expression)), error.values
    ):
        assert abs(side.subs(error.point).evalf(60) - value) < 1e-45
    assert abs(error.values[0] - error.values[1]) > 1e-40


def test_the_message_names_step_sides_point_and_values():
    d = Derivation(Definitions({L: w**2 * x}), D(L, w))
    with pytest.raises(DerivationError) as caught:
        d.step(product(w, x), "the 2 is forgotten")
    point = caught.value.point
    lines = str(caught.value).split("\n")
    assert lines[0] == "step 1 is false: the 2 is forgotten"
    assert lines[1].split() == ["first", "line:", "∂L/∂w"]
    assert lines[2].split() == ["step", "1:", "w*x"]
    where = ", ".join(f"{symbol} = {float(point[symbol])}" for symbol in (w, x))
    assert lines[3] == "The mistake: a factor ½ too much, or a 2 missing."
    assert lines[4] == f"They differ at {where}:"
    first, second = (float(line.split()[-1]) for line in lines[5:])
    assert first == pytest.approx(2 * second, rel=1e-5)
    assert second == pytest.approx(float(point[w] * point[x]), rel=1e-5)


def test_values_are_shown_until_they_differ():
    with pytest.raises(DerivationError) as caught:
        Derivation(Definitions({}), x).step(x + Rational(1, 10**30), "nearly x")
    first, second = (line.split()[-1] for line in str(caught.value).split("\n")[5:])
    assert first != second


NETWORK = SymbolicNetwork([2, 2, 2])


def two_path_step(error=""):
    """∂L/∂w of a first-layer weight over both outputs, with one seeded error."""
    (o1, o2), (t1, t2) = NETWORK.out[2], NETWORK.t
    weights, hidden, (x1, x2) = NETWORK.weights[1], NETWORK.out[1], NETWORK.x
    h = hidden[1] if error == "wrong neuron" else hidden[0]
    slope = h if error == "sigma" else h * (1 - h)
    paths = [
        product(out - target, out * (1 - out), weight)
        for out, target, weight in (
            (o1, t1, weights[1, 0] if error == "transposed" else weights[0, 0]),
            (o2, t1 if error == "wrong target" else t2, weights[0, 1]),
        )
    ]
    if error == "path missing":
        del paths[1]
    if error == "path twice":
        paths.append(paths[0])
    return product(total(*paths), slope, x2 if error == "wrong input" else x1)


def test_paths_over_two_outputs_are_proved():
    d = Derivation(NETWORK.definitions, D(NETWORK.loss, NETWORK.weights[0][0, 0]))
    assert d.step(two_path_step(), "two paths").steps[0].check == "proved"


@pytest.mark.parametrize(
    "error",
    [
        "path missing",
        "path twice",
        "wrong neuron",
        "sigma",
        "transposed",
        "wrong target",
        "wrong input",
    ],
)
def test_false_paths_are_caught(error):
    d = Derivation(NETWORK.definitions, D(NETWORK.loss, NETWORK.weights[0][0, 0]))
    with pytest.raises(DerivationError):
        d.step(two_path_step(error), error)


@pytest.mark.parametrize(
    ("expression", "reason", "error", "message"),
    [
        ("w*x", "text", TypeError, "step 1 must be a SymPy expression, not str"),
        (None, "none", TypeError, "step 1 must be a SymPy expression, not None"),
        (x > 0, "relation", TypeError, "step 1 must be a SymPy expression"),
        (x, "", ValueError, "step 1 needs a reason"),
        (x, "  \n", ValueError, "step 1 needs a reason"),
        (x, None, TypeError, "reason for step 1 must be a string, not NoneType"),
        (Symbol("q"), "q", ValueError, "step 1 uses q, which the definitions do not"),
        (Symbol("w"), "w", ValueError, "of that name, but with other assumptions"),
        (D(L, Symbol("q")), "q", ValueError, "step 1 uses q"),
        (f(w), "f", ValueError, "step 1 uses the function f"),
        (D(Symbol("L"), w), "L", ValueError, "step 1 uses L, .* other assumptions"),
        (Derivative(L, w), "SymPy's", ValueError, r"a constant: write D\(L, w\)"),
        (x, "$ $", ValueError, "step 1 needs a reason"),
    ],
)
def test_bad_steps_are_refused(expression, reason, error, message):
    d = Derivation(NEURON, D(L, w))
    with pytest.raises(error, match=message) as caught:
        d.step(expression, reason)
    assert not isinstance(caught.value, DerivationError)
    assert d.steps == ()


def test_bad_derivations_are_refused():
    with pytest.raises(TypeError, match="starts from Definitions, not from dict"):
        Derivation({o: w}, D(o, w))
    with pytest.raises(TypeError, match="the first line must be"):
        Derivation(NEURON, "D(L, w)")
    with pytest.raises(ValueError, match="there is no q"):
        Derivation(NEURON, D(L, Symbol("q")))
    for endless in (nan, zoo, oo):
        with pytest.raises(ValueError, match="the first line has no finite value"):
            Derivation(NEURON, endless)


@pytest.mark.parametrize(
    ("first_line", "message"),
    [
        (D(Symbol("L"), w), "the first line uses L, .* but with other assumptions"),
        (D(Symbol("loss", real=True), w), "the first line uses loss, which the defi"),
        (D(L, Symbol("w")), "there is no w .* but with other assumptions"),
        (D(Symbol("w") ** 2, Symbol("w")), "uses w, .* but with other assumptions"),
        (D(L, w) * D(Symbol("L"), w), "the first line uses L, which"),
        (D(D(Symbol("L"), o), w), "the first line uses L, which"),
        (D(L * u, w), "the first line uses u, which"),
        (D(u**2, u), "the first line uses u, which"),
        (u, "the first line uses u, which"),
        (Symbol("w") - D(L, w), "two different symbols are called w"),
        (Derivative(L, w), r"a constant: write D\(L, w\)"),
    ],
)
def test_the_first_line_keeps_to_the_rules_of_a_step(first_line, message):
    with pytest.raises(ValueError, match=message):
        Derivation(NEURON, first_line)


def test_the_first_line_may_have_letters_of_its_own_outside_of_derivatives():
    d = Derivation(NEURON, w - u * D(L, w))
    d.step(w - product(u, D(L, o), o * (1 - o), x), "chain rule")
    assert [str(s) for s in inspect.signature(d.to_numpy()).parameters] == [
        *"wxbt",
        "u",
    ]
    # Where nothing is defined, all letters are the first line's own.
    free = Derivation(Definitions({}), D(u * x**2, x)).step(2 * u * x, "power rule")
    assert free.steps[0].check == "proved"
    # So is one that the derivative does without.
    slope_of_sum = Derivation(Definitions({}), D(x + u, x))
    assert (
        slope_of_sum.step(sin(u) ** 2 + cos(u) ** 2, "one").steps[0].check == "proved"
    )
    with pytest.raises(DerivationError):
        slope_of_sum.step(u, "false")


# The result as a NumPy function


def test_to_numpy_takes_arrays_by_name_or_position():
    compute = neuron_derivation().to_numpy()
    assert list(inspect.signature(compute).parameters) == ["w", "x", "b", "t"]
    rng = np.random.default_rng(0)
    values = {"w": rng.normal(size=(4, 1)), "x": rng.normal(size=3), "b": 1, "t": 0}
    result = compute(**values)
    assert result.shape == (4, 3)
    assert np.array_equal(result, compute(*values.values()))
    assert np.array_equal(result, compute(values["w"], values["x"], t=0, b=1))
    assert result[2, 1] == compute(values["w"][2, 0], values["x"][1], 1, 0)

    def loss(w, x, b, t):
        return (t - 1 / (1 + np.exp(-(w * x + b)))) ** 2 / 2

    # A complex step is exact to rounding: L(w + ih) = L(w) + ih ∂L/∂w - ...
    step = loss(values["w"] + 1e-30j, values["x"], 1, 0).imag / 1e-30
    np.testing.assert_allclose(result, step, rtol=1e-13)


def test_to_numpy_keeps_kinds_of_numbers():
    compute = neuron_derivation().to_numpy()
    single = [np.float32(value) for value in (0.5, 1, 0, 1)]
    assert compute(*single).dtype == np.float32
    assert compute(1, 2, 0, 1).dtype == float
    turned = Derivation(Definitions({o: sigmoid(w)}), o).to_numpy()(0.3 + 1e-20j)
    s = 1 / (1 + np.exp(-0.3))
    assert turned.imag / 1e-20 == pytest.approx(s * (1 - s), rel=1e-14)


def test_to_numpy_is_precise_where_the_sigmoid_saturates():
    d = Derivation(Definitions({net: w, o: sigmoid(net)}), D(o, net))
    d.step(o * (1 - o), "derivative of the sigmoid")
    nets = np.array([-800.0, -700, -40, -1, 0, 1, 40, 700, 800])
    slopes = d.to_numpy()(nets)
    for number, slope in zip(nets, slopes):
        with mpmath.workdps(30):
            z = mpmath.exp(-abs(mpmath.mpf(number)))
            # σ'(net) = z / (1 + z)²  with  z = exp(-|net|)
            expected = float(z / (1 + z) ** 2)
        assert slope == pytest.approx(expected, rel=1e-15, abs=0)


def test_to_numpy_broadcasts_constants():
    d = Derivation(Definitions({y: w * x}), D(D(y, w), x)).step(1, "y is bilinear")
    result = d.to_numpy()(np.zeros((2, 1)), np.zeros(3))
    assert result.tolist() == [[1.0] * 3] * 2
    assert result.dtype == float
    result[0, 0] = 2  # an array of its own
    assert result[1, 1] == 1


def test_to_numpy_can_stop_at_defined_symbols():
    compute = neuron_derivation().to_numpy(o, t, x)
    assert list(inspect.signature(compute).parameters) == ["o", "t", "x"]
    assert compute(0.25, 1, 2) == 0.25 * 0.75 * (0.25 - 1) * 2
    with pytest.raises(ValueError, match="depends on t, x too"):
        neuron_derivation().to_numpy(o)


def test_to_numpy_says_what_is_amiss():
    compute = neuron_derivation().to_numpy()
    for arguments, named, message in [
        ((1, 2, 3), {}, "missing: t"),
        ((1, 2, 3, 4, 5), {}, "takes 4 arguments"),
        ((1,), {"w": 1, "x": 1, "b": 1, "t": 1}, "twice: w"),
        ((1, 2, 3, 4), {"q": 1}, "unknown: q"),
    ]:
        with pytest.raises(TypeError, match=message):
            compute(*arguments, **named)
    for array in (None, "1", [None], np.datetime64("2020-01-01")):
        with pytest.raises(TypeError, match="x must be numbers, not"):
            compute(1, array, 3, 4)
    with pytest.raises(ValueError, match="broadcast"):
        compute([1, 2], [1, 2, 3], 0, 0)
    assert compute(Rational(1, 2), 1, True, 1) == compute(0.5, 1.0, 1.0, 1.0)


@pytest.mark.parametrize(
    ("body", "name"),
    [
        (f(x), "f"),
        (erf(x), "erf"),
        (LambertW(x), "LambertW"),
        (Integral(exp(-(w**2)), (w, 0, x)), "Integral"),
        (Derivative(floor(x), x), r"∂floor\(x\)"),
    ],
)
def test_to_numpy_refuses_what_numpy_has_not(body, name):
    with pytest.raises(ValueError, match=f"NumPy has no function {name}"):
        Derivation(Definitions({y: body}), y).to_numpy()


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (("w",), TypeError, r"takes symbols, one by one, not str \('w'\)"),
        (([w, x],), TypeError, "takes symbols, one by one, not list"),
        ((w, x, b, t, w), ValueError, "each symbol once, not w, x, b, t, w"),
        ((w, x, b, t, u), ValueError, "to_numpy uses u, which the definitions do not"),
        ((Symbol("w"), x, b, t), ValueError, "of that name, but with other assumpt"),
    ],
)
def test_to_numpy_refuses_bad_arguments(arguments, error, message):
    with pytest.raises(error, match=message):
        neuron_derivation().to_numpy(*arguments)


def test_to_numpy_takes_any_name():
    names = symbols("lambda exp select w_1^(0) x0", real=True)
    word = Derivation(Definitions({y: names[0] ** 2}), y)
    assert word.to_numpy()(3) == word.to_numpy()(**{"lambda": 3}) == 9
    loud = Derivation(Definitions({y: exp(Mul(*names)) + sin(Mul(*names))}), y)
    assert loud.to_numpy(*names)(2, 1, 1, 1, 0.5) == np.exp(1) + np.sin(1)
    assert loud.to_numpy(*names)(
        **{"lambda": 2, "exp": 1, "select": 1, "w_1^(0)": 1, "x0": 0.5}
    ) == np.exp(1) + np.sin(1)


def test_to_numpy_is_nan_where_the_result_has_no_real_value():
    d = Derivation(Definitions({}), log(w * x)).step(log(w) + log(x), "logarithms")
    with pytest.warns(RuntimeWarning, match="no finite real value at some of these"):
        result = d.to_numpy()([-1.0, 1.0], [-1.0, 2.0])
    assert np.isnan(result[0])
    assert result[1] == np.log(2)
    # A branch that is not taken is no reason to warn, nor is a nan that came in.
    positive = Piecewise((log(x), x > 0), (0, True))
    compute = Derivation(Definitions({y: positive}), y).to_numpy()
    assert compute([-1.0, 0.0, 2.0]).tolist() == [0.0, 0.0, np.log(2)]
    assert np.isnan(neuron_derivation().to_numpy()(np.nan, 1, 1, 1))


@pytest.mark.parametrize(
    ("body", "first", "second"),
    [
        (Max(x, 0), [0, 0.5, 1], [0, np.nan, 0]),
        (Min(x, 0), [1, 0.5, 0], [0, np.nan, 0]),
        (Abs(x), [-1, 0, 1], [0, np.nan, 0]),
        (x * Max(0, x), [0, 0, 4], [0, np.nan, 2]),
        (sign(x), [0, np.nan, 0], [0, np.nan, 0]),
        (Heaviside(x), [0, np.nan, 0], [0, np.nan, 0]),
        (Piecewise((x**2, x > 0), (x / 8, True)), [1 / 8, 1 / 8, 4], [0, 0, 2]),
    ],
    ids=str,
)
def test_kinks_have_slopes_beside_them(body, first, second):
    kinked = Definitions({y: body})
    for upper, slopes in ((D(y, x), first), (D(D(y, x), x), second)):
        compute = Derivation(kinked, upper).to_numpy()
        beside = compute([-1.0, 2.0])
        assert beside.tolist() == [slopes[0], slopes[2]]
        if np.isnan(slopes[1]):
            with pytest.warns(RuntimeWarning, match="no finite real value"):
                assert np.isnan(compute(0.0))
        else:
            assert compute(0.0) == slopes[1]


# A whole network


def test_a_network_is_indexed_as_the_arrays_are():
    network = SymbolicNetwork([2, 3, 1])
    assert repr(network) == (
        "SymbolicNetwork([2, 3, 1], activation=['sigmoid', 'sigmoid'], "
        "loss='squared_error')"
    )
    assert [w.shape for w in network.weights] == [(2, 3), (3, 1)]
    assert [symbol.name for symbol in network.parameters] == [
        *(f"b_{j}^(0)" for j in (1, 2, 3)),
        *(f"w_{i}{j}^(0)" for i in (1, 2) for j in (1, 2, 3)),
        "b_1^(1)",
        *(f"w_{i}1^(1)" for i in (1, 2, 3)),
    ]
    assert network.net[0] is None
    assert network.out[0] == network.x
    assert network.weights[0][1, 2].name == "w_23^(0)"
    assert latex(SymbolicNetwork([12, 1]).weights[0][10, 0]) == "w^{(0)}_{11,1}"
    first = network.definitions[network.net[1][0]]
    assert str(first) == "x_1*w_11^(0) + x_2*w_21^(0) + b_1^(0)"
    assert list(network.definitions)[-1] == network.loss == L
    assert set(network.definitions.base) == {
        *network.parameters,
        *network.x,
        *network.t,
    }


def test_every_gradient_of_a_network_is_proved_from_the_book_formula():
    network = SymbolicNetwork([2, 3, 1])
    (out,), (target,) = network.out[2], network.t
    last = (out - target) * out * (1 - out)
    formulas = {network.biases[1][0]: last}
    for j, hidden in enumerate(network.out[1]):
        delta = hidden * (1 - hidden) * last * network.weights[1][j, 0]
        formulas[network.weights[1][j, 0]] = last * hidden
        formulas[network.biases[0][j]] = delta
        for i, inflow in enumerate(network.x):
            formulas[network.weights[0][i, j]] = delta * inflow
    assert set(formulas) == set(network.parameters)
    for parameter, formula in formulas.items():
        d = Derivation(network.definitions, D(network.loss, parameter))
        d.step(formula, "delta of the neuron times its input")
        d.step(network.gradient(parameter), "collected backwards")
        assert [step.check for step in d.steps] == ["proved"] * 2
    with pytest.raises(ValueError, match="there is no q"):
        network.gradient(Symbol("q"))


@pytest.mark.parametrize(
    ("activation", "loss"),
    [("sigmoid", "binary_cross_entropy"), ("softmax", "cross_entropy")],
)
def test_delta_of_the_last_layer_is_output_minus_target(activation, loss):
    network = SymbolicNetwork([1, 2], activation, loss)
    first, second = network.t
    target = 1 if activation == "sigmoid" else first + second
    d = Derivation(network.definitions, D(network.loss, network.net[1][0]))
    d.step(target * network.out[1][0] - first, "the slopes cancel")
    assert d.steps[0].check == "proved"


def mp_loss(sizes, activations, loss, parameters, inflow, targets):
    """The loss of one example, with loops and mpmath alone."""
    functions = {
        "sigmoid": lambda nets: [1 / (1 + mpmath.exp(-n)) for n in nets],
        "tanh": lambda nets: [mpmath.tanh(n) for n in nets],
        "relu": lambda nets: [max(n, mpmath.mpf(0)) for n in nets],
        "leaky_relu": lambda nets: [n if n > 0 else n / 100 for n in nets],
        "identity": lambda nets: nets,
        "softmax": lambda nets: [
            mpmath.exp(n) / sum(mpmath.exp(m) for m in nets) for n in nets
        ],
    }
    losses = {
        "squared_error": lambda o, t: (o - t) ** 2 / 2,
        "binary_cross_entropy": lambda o, t: (
            -(t * mpmath.log(o) + (1 - t) * mpmath.log(1 - o))
        ),
        "cross_entropy": lambda o, t: -t * mpmath.log(o),
    }
    outs, parameters = list(inflow), list(parameters)
    for n_out, name in zip(sizes[1:], activations):
        rows = [[parameters.pop(0) for _ in range(n_out)] for _ in range(len(outs) + 1)]
        nets = [
            sum(out * row[j] for out, row in zip([mpmath.mpf(1), *outs], rows))
            for j in range(n_out)
        ]
        outs = functions[name](nets)
    return sum(losses[loss](o, t) for o, t in zip(outs, targets))


def mp_gradient(sizes, activations, loss, parameters, xs, ts):
    """Central differences at 80 digits, averaged over the batch."""
    with mpmath.workdps(80):
        step, flat = mpmath.mpf(10) ** -25, [mpmath.mpf(p) for p in parameters]
        gradient = []
        for place in range(len(flat)):
            slopes = []
            for inflow, target in zip(xs.tolist(), ts.tolist()):
                sides = [
                    mp_loss(
                        sizes,
                        activations,
                        loss,
                        [p + move * (k == place) for k, p in enumerate(flat)],
                        map(mpmath.mpf, inflow),
                        map(mpmath.mpf, target),
                    )
                    for move in (step, -step)
                ]
                slopes.append((sides[0] - sides[1]) / (2 * step))
            gradient.append(float(sum(slopes) / len(slopes)))
    return np.array(gradient)


HIDDEN = ["sigmoid", "tanh", "relu", "leaky_relu", "identity"]
LAST = [
    *pairs_of([*HIDDEN, "softmax"], ["squared_error"]),
    ("sigmoid", "binary_cross_entropy"),
    ("softmax", "binary_cross_entropy"),
    ("softmax", "cross_entropy"),
    ("sigmoid", "cross_entropy"),
]


@pytest.mark.parametrize(("last", "loss"), LAST)
@pytest.mark.parametrize("hidden", HIDDEN)
def test_gradient_at_agrees_with_numerical_derivatives(hidden, last, loss):
    sizes = [2, 3, 2]
    network = SymbolicNetwork(sizes, [hidden, last], loss)
    rng = np.random.default_rng(1)
    parameters = rng.normal(scale=2, size=len(network.parameters))
    xs, ts = rng.normal(size=(2, 2)), rng.uniform(size=(2, 2))
    ours = network.gradient_at(parameters, xs, ts)
    theirs = mp_gradient(sizes, [hidden, last], loss, parameters, xs, ts)
    # Both are rounded once, from many more digits.
    np.testing.assert_allclose(ours, theirs, rtol=1e-14, atol=0)


@settings(max_examples=10)
@given(st.lists(st.integers(1, 3), min_size=2, max_size=4), st.integers(0, 2**31))
def test_gradient_at_fits_any_shape(sizes, seed):
    network = SymbolicNetwork(sizes)
    rng = np.random.default_rng(seed)
    parameters = rng.normal(scale=3, size=len(network.parameters))
    xs, ts = rng.normal(size=(2, sizes[0])), rng.normal(size=(2, sizes[-1]))
    names = ["sigmoid"] * (len(sizes) - 1)
    theirs = mp_gradient(sizes, names, "squared_error", parameters, xs, ts)
    ours = network.gradient_at(parameters, xs, ts)
    np.testing.assert_allclose(ours, theirs, rtol=1e-13, atol=0)
    each = [network.gradient_at(parameters, *pair) for pair in zip(xs, ts)]
    np.testing.assert_allclose(np.mean(each, axis=0), ours, rtol=1e-13, atol=1e-300)


def test_depth_does_not_swell_the_gradient():
    # 3 ** 11 paths lead through this network, so an expanded sum is out of reach.
    network = SymbolicNetwork([2, *[3] * 11, 1], "tanh")
    parameters = np.random.default_rng(2).normal(size=len(network.parameters))
    gradient = network.gradient_at(parameters, [1, -1], [0.5])
    assert gradient.shape == parameters.shape
    assert np.all(np.isfinite(gradient) & (gradient != 0))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([2],), "two or more whole numbers"),
        (([2, 0],), "at least 1"),
        (([2, 1.5],), "whole numbers"),
        ((3,), "such as"),
        (([2, 1], "sigmoidal"), "unknown activation 'sigmoidal'; expected one of"),
        (([2, 1], ["tanh", "tanh"]), "2 activations were given for the 1 layers"),
        (([2, 1], "tanh", "mse"), "unknown loss 'mse'; expected one of"),
    ],
)
def test_bad_networks_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        SymbolicNetwork(*arguments)


@pytest.mark.parametrize(
    ("parameters", "xs", "ts", "message"),
    [
        ([1, 2], [[1, 2]], [[1]], r"parameters has shape \(2,\); expected \(3\)"),
        ([1, 2, 3], [[1, 2, 3]], [[1]], r"x has shape \(1, 3\); expected \(batch, 2\)"),
        ([1, 2, 3], [[1, 2]] * 2, [[1]], r"t has shape \(1, 1\); expected \(2, 1\)"),
        ([1, 2, 3], np.zeros((0, 2)), np.zeros((0, 1)), "x has shape"),
        ([1, 2, np.nan], [[1, 2]], [[1]], "parameters must be finite"),
    ],
)
def test_bad_values_are_refused(parameters, xs, ts, message):
    with pytest.raises(ValueError, match=message):
        SymbolicNetwork([2, 1]).gradient_at(parameters, xs, ts)


# The same page in every run


SHOWN = """
from sympy import Max, Piecewise, exp, symbols
from backprop_lib.symbolic import *
w, x, b, t, net, o, L = symbols("w x b t net o L", real=True)
neuron = Definitions({net: w*x + b, o: sigmoid(net), L: (t - o)**2 / 2})
d = Derivation(neuron, D(L, w))
d.step(product(D(o, net), D(L, o), D(net, w)), "chain rule")
d.step(neuron.expand(D(L, w)), "expanded")
relu = Derivation(Definitions({}), Max(0, x))
relu.step(Piecewise((x, x > 0), (0, True)), "by cases")
network = SymbolicNetwork([2, 2, 2], ["tanh", "softmax"], "cross_entropy")
for shown in (neuron, d, relu, network.definitions):
    print(shown, shown._repr_latex_())
print(neuron.base, network.definitions.base, d.to_numpy().__doc__)
print(*(network.gradient(p) for p in network.parameters))
try:
    d.step(product(o, 1 - o), "false")
except DerivationError as error:
    print(error)
"""


def test_output_is_the_same_in_every_process():
    root = Path(__file__).resolve().parents[1]
    shown = []
    for seed in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONUTF8": "1"}
        run = [sys.executable, "-c", SHOWN]
        done = subprocess.run(
            run, cwd=root, env=environment, capture_output=True, check=True
        )
        shown.append(done.stdout.decode())
    assert shown[0] == shown[1]
    assert "step 3 is false" in shown[0]


def test_the_package_imports_no_sibling():
    folder = Path(inspect.getfile(Definitions)).parent
    for path in folder.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom):
                assert node.level < 2, path
                assert not (node.module or "").startswith("backprop_lib"), path
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
                assert not any(name.startswith("backprop_lib") for name in names), path


# Several results in one box


def test_results_show_each_derivations_last_line_with_its_own_left_side():
    w, x, b, net = symbols("w x b net", real=True)
    line = Definitions({net: w * x + b})
    by_w = Derivation(line, D(net, w)).step(D(net, w), "itself").step(x, "what came in")
    by_b = Derivation(line, D(net, b)).step(1, "an input of 1")
    results = Results(by_w, by_b)
    by_b.step(D(net, b), "later")
    assert repr(results).splitlines() == [
        "∂net/∂w = x   what came in    [proved]",
        "∂net/∂b = 1   an input of 1   [proved]",
    ]
    rows = results._repr_latex_().splitlines()[1:-1]
    assert [row.split(" &= ")[0] for row in rows] == [
        r"\frac{\partial \mathit{net}}{\partial w}",
        r"\frac{\partial \mathit{net}}{\partial b}",
    ]


def test_results_of_nothing_are_refused():
    x, y = symbols("x y", real=True)
    bare = Derivation(Definitions({y: x}), y)
    with pytest.raises(ValueError, match="at least one derivation"):
        Results()
    with pytest.raises(ValueError, match="the derivation of y has no step yet"):
        Results(bare)
    with pytest.raises(TypeError, match="of derivations, not of Symbol"):
        Results(bare.step(x, "its meaning"), y)
