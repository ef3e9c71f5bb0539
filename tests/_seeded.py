"""False steps, each with one mistake in it, and how that mistake is called.

An empty name says that none is known: two mistakes at once, or none of a known kind.
"""

from _indexed import (
    Inner,
    L,
    Layer,
    N,
    Normal,
    Softmax,
    T,
    Time,
    TimeLayer,
    Two,
    a,
    b,
    c,
    e,
    early,
    f,
    j,
    k,
    late,
    m,
    p,
    r,
    s,
)
from sympy import KroneckerDelta, symbols

from backprop_lib.symbolic import (
    D,
    Definitions,
    product,
    sigmoid,
    slope,
    sum_over,
    total,
)

x_, w_, b_, t_, net_, o_ = symbols("x w b t net o", real=True)
NEURON = Definitions({net_: w_ * x_ + b_, o_: sigmoid(net_), L: (t_ - o_) ** 2 / 2})
truth = o_ * (1 - o_) * (o_ - t_) * x_

y, z, u, v, g, h = Layer, Two, Inner, Softmax, Normal, Time
BY_W, BY_NET = D(L, y.w[a, b]), D(L, y.net[r, b])
BACK = sum_over(p, z.v[b, p] * z.d2[r, p])
HIDDEN = z.o[r, b] * (1 - z.o[r, b])
LISTENERS = sum_over(j, u.w[a, j] * u.signal[j])
ERROR = (v.o[r, b] - v.t[r, b]) / N
UP = D(L, g.y[b])
MEAN = sum_over(j, D(L, g.y[j])) / m
ALONG = sum_over(j, g.y[j] * D(L, g.y[j])) / m

# name: (definitions, first line, false step, what the mistake is called)
INDEXED = {
    "sign": (y, BY_W, -sum_over(r, y.x[r, a] * y.delta[r, b]), "the sign"),
    "twice": (y, BY_W, 2 * sum_over(r, y.x[r, a] * y.delta[r, b]), "a factor 2 too"),
    "half": (y, BY_W, sum_over(r, y.x[r, a] * y.delta[r, b]) / 2, "a factor ½ too"),
    "mean for sum": (
        *(y, BY_W, sum_over(r, y.x[r, a] * y.delta[r, b]) / N),
        "a mean over N in the place of a sum",
    ),
    "sum for mean": (
        *(z, z.d2[r, e], z.out[r, e] * (1 - z.out[r, e]) * (z.out[r, e] - z.t[r, e])),
        "a sum over N in the place of a mean",
    ),
    "softmax, sum for mean": (
        *(v, D(L, v.net[r, b]), v.o[r, b] - v.t[r, b]),
        "a sum over N in the place of a mean",
    ),
    "signal for input": (
        *(y, BY_W, sum_over(r, y.o[r, b] * y.x[r, a])),
        "o[r, b] in the place of delta[r, b]",
    ),
    "net for delta": (
        *(y, BY_W, sum_over(r, y.net[r, b] * y.x[r, a])),
        "net[r, b] in the place of delta[r, b]",
    ),
    "input missing": (
        *(y, BY_W, sum_over(r, y.delta[r, b])),
        "the factor x[r, a] missing",
    ),
    "signal missing": (
        *(y, BY_W, sum_over(r, y.x[r, a])),
        "the factor delta[r, b] missing",
    ),
    "input twice": (
        *(y, BY_W, sum_over(r, y.x[r, a] ** 2 * y.delta[r, b])),
        "the factor x[r, a] twice",
    ),
    "bias with an input": (
        *(y, D(L, y.b[b]), sum_over(r, y.o[r, b] * y.delta[r, b])),
        "the factor o[r, b] too much",
    ),
    "sum left out": (
        *(y, BY_W, y.x[r, a] * y.delta[r, b]),
        "the sum over r is left out",
    ),
    "bias, sum left out": (
        *(y, D(L, y.b[b]), y.delta[r, b]),
        "the sum over r is left out",
    ),
    "two sums left out": (
        *(TimeLayer, D(L, TimeLayer.b[b]), TimeLayer.delta[k, r, b]),
        "the sum over k, r is left out",
    ),
    "blame, sum left out": (
        *(u, D(L, u.o[a]), u.w[a, j] * u.signal[j]),
        "the sum over j is left out",
    ),
    "captured": (
        *(z, z.d1[r, b], sum_over(b, HIDDEN * z.w[a, b])),
        "the letter b is captured",
    ),
    "captured example": (
        *(z, z.d1[r, b], sum_over(r, HIDDEN)),
        "the letter r is captured",
    ),
    "slope missing": (
        *(u, D(L, u.net[a]), LISTENERS),
        "the factor ∂o[a]/∂net[a] missing",
    ),
    "f for its slope": (
        *(u, D(L, u.net[a]), f(u.net[a]) * LISTENERS),
        "f(net[a]) in the place of f'(net[a])",
    ),
    "slope at the output": (
        *(u, D(L, u.net[a]), slope(f)(u.o[a]) * LISTENERS),
        "o[a] in the place of net[a]",
    ),
    "weights missing": (
        *(u, D(L, u.o[a]), sum_over(j, u.signal[j])),
        "the factor w[a, j] missing",
    ),
    "signal of blame missing": (
        *(u, D(L, u.o[a]), sum_over(j, u.w[a, j])),
        "the factor delta^(2)[j] missing",
    ),
    "bias for signal": (
        *(u, D(L, u.o[a]), sum_over(j, u.w[a, j] * u.b[j])),
        "b[j] in the place of delta^(2)[j]",
    ),
    "net for out": (
        *(u, D(L, u.w[a, b]), u.net[a] * u.signal[b]),
        "net[a] in the place of o[a]",
    ),
    "signal of the wrong layer": (
        *(z, D(L, z.v[b, e]), sum_over(r, z.d1[r, b] * z.d2[r, e])),
        "delta^(1)[r, b] in the place of o^(1)[r, b]",
    ),
    "1 + o": (
        *(z, z.d1[r, b], z.o[r, b] * (1 + z.o[r, b]) * BACK),
        "the sign of o^(1)[r, b]",
    ),
    "o missing": (
        *(z, z.d1[r, b], (1 - z.o[r, b]) * BACK),
        "the factor o^(1)[r, b] missing",
    ),
    "1 - o missing": (
        *(z, z.d1[r, b], z.o[r, b] * BACK),
        "the factor 1 - o^(1)[r, b] missing",
    ),
    "hidden slope missing": (
        *(z, z.d1[r, b], BACK),
        "the factor ∂o^(1)[r, b]/∂net^(1)[r, b] missing",
    ),
    "net in the slope": (
        *(z, z.d1[r, b], z.net[r, b] * (1 - z.net[r, b]) * BACK),
        "net^(1)[r, b] in the place of o^(1)[r, b]",
    ),
    "o + t": (
        *(v, D(L, v.net[r, b]), (v.o[r, b] + v.t[r, b]) / N),
        "the sign of t[r, b]",
    ),
    "t - o": (v, D(L, v.net[r, b]), -ERROR, "the sign"),
    "target left out": (
        *(v, D(L, v.net[r, b]), v.o[r, b] / N),
        "the term t[r, b] missing beside o[r, b]",
    ),
    "softmax as if by itself": (
        *(v, D(v.o[r, j], v.net[r, b]), -v.o[r, j] * v.o[r, j]),
        "",
    ),
    "softmax's slope 1 + o": (
        *(v, D(v.o[r, j], v.net[r, j]), v.o[r, j] * (1 + v.o[r, j])),
        "the sign of o[r, j]",
    ),
    "normalised, a sign": (
        *(g, D(L, g.net[b]), product(1 / g.spread, total(UP, -MEAN, g.y[b] * ALONG))),
        "the sign of y[b]",
    ),
    "normalised, mean left out": (
        *(g, D(L, g.net[b]), product(1 / g.spread, total(UP, -g.y[b] * ALONG))),
        "the path through mu left out",
    ),
    "normalised, 1/s missing": (
        *(g, D(L, g.net[b]), total(UP, -MEAN, -g.y[b] * ALONG)),
        "",
    ),
    "o[k] for o[k - 1]": (
        *(h, D(L, h.u), sum_over(k, h.delta[k] * h.o[k])),
        "o[k] in the place of o[k - 1]",
    ),
    "first step left out": (
        *(h, D(L, h.u), sum_over(late, h.delta[late] * h.o[late - 1])),
        "the sum over k runs over 2..T, not over 1..T",
    ),
    "last step left out": (
        *(h, D(L, h.w), sum_over(early, h.delta[early] * h.x[early])),
        "the sum over k runs over 1..T-1, not over 1..T",
    ),
    "only the last step": (h, D(L, h.w), h.delta[T] * h.x[T], ""),
    "state for input": (
        *(h, D(L, h.u), sum_over(k, h.delta[k] * h.x[k])),
        "x[k] in the place of o[k - 1]",
    ),
    "this step's signal": (
        *(h, h.delta[early], slope(f)(h.net[early]) * h.u * h.delta[early]),
        "delta[k] in the place of delta[k + 1]",
    ),
    "next step's slope": (
        *(h, h.delta[early], slope(f)(h.net[early + 1]) * h.u * h.delta[early + 1]),
        "net[k + 1] in the place of net[k]",
    ),
    "w for u": (
        *(h, h.delta[early], slope(f)(h.net[early]) * h.w * h.delta[early + 1]),
        "w in the place of u",
    ),
    "u missing": (
        *(h, h.delta[early], slope(f)(h.net[early]) * h.delta[early + 1]),
        "the factor u missing",
    ),
    "recurrent weights transposed": (
        TimeLayer,
        D(L, TimeLayer.o[early, r, b]),
        sum_over(c, TimeLayer.u[c, b] * TimeLayer.delta[early + 1, r, c]),
        "u transposed",
    ),
    "mean over time": (
        *(h, D(L, h.bias), sum_over(k, h.delta[k]) / T),
        "a mean over T in the place of a sum",
    ),
    "two mistakes": (h, D(L, h.u), 3 * sum_over(k, h.delta[k] * h.x[k]), ""),
    "nonsense": (h, D(L, h.u), h.w**3, ""),
}

# Written, and counted, before anybody saw what they would be called: of 25, 17 rightly,
# 8 not at all, none wrongly.
LISTENS = h.u * h.delta[early + 1]
OWN = D(h.E[early], h.o[early])
IN_FULL = (
    *(z.x[r, a], z.o[r, b] * (1 - z.o[r, b]), z.v[b, p]),
    *(z.out[r, p] * (1 - z.out[r, p]), z.out[r, p] - z.t[r, p]),
)
UNSEEN = {
    "the signal of neuron 1": (
        *(y, BY_W, sum_over(r, y.x[r, a] * y.delta[r, 1])),
        "delta[r, 1] in the place of delta[r, b]",
    ),
    "bias for weights": (
        *(y, D(L, y.x[r, a]), sum_over(b, y.delta[r, b] * y.b[b])),
        "",
    ),
    "slope too much": (
        *(y, D(L, y.x[r, a])),
        sum_over(b, y.delta[r, b] * y.w[a, b] * slope(f)(y.net[r, b])),
        "the factor f'(net[r, b]) too much",
    ),
    "tanh, a power missing": (
        *(y.tanh, D(L, y.net[r, j]), (1 - y.o[r, j]) * D(L, y.o[r, j])),
        "the factor o[r, j] missing in the term -o[r, j]",
    ),
    "tanh, 1 + o²": (
        *(y.tanh, D(L, y.net[r, j]), (1 + y.o[r, j] ** 2) * D(L, y.o[r, j])),
        "the sign of o[r, j]**2",
    ),
    "every example's blame": (
        *(y, D(L, y.net[r, j])),
        sum_over(s, slope(f)(y.net[r, j]) * D(L, y.o[s, j])),
        "",
    ),
    "mean twice": (
        *(z, z.d2[r, e]),
        z.out[r, e] * (1 - z.out[r, e]) * (z.out[r, e] - z.t[r, e]) / N**2,
        "a mean over N in the place of a sum",
    ),
    "in full, o + t": (
        *(z, D(L, z.w[a, b])),
        sum_over((r, p), product(*IN_FULL[:4], z.out[r, p] + z.t[r, p])) / N,
        "the sign of t[r, p]",
    ),
    "in full, weights missing": (
        *(z, D(L, z.w[a, b])),
        sum_over((r, p), product(*IN_FULL[:2], *IN_FULL[3:])) / N,
        "the factor w^(1)[b, p] missing",
    ),
    "bias times its output": (
        *(z, D(L, z.c[e]), sum_over(r, z.out[r, e] * z.d2[r, e])),
        "the factor o^(2)[r, e] too much",
    ),
    "blame of all examples": (
        *(z, D(L, z.o[r, b]), sum_over((p, s), z.v[b, p] * z.d2[s, p])),
        "",
    ),
    "net for signal": (
        *(u, D(L, u.o[a]), sum_over(j, u.w[a, j] * u.after[j])),
        "net^(2)[j] in the place of delta^(2)[j]",
    ),
    "slope twice": (
        *(u, D(L, u.net[a]), slope(f)(u.net[a]) ** 2 * LISTENERS),
        "the factor f'(net[a]) twice",
    ),
    "softmax, the own slope alone": (
        *(v, D(v.o[r, j], v.net[r, b]), v.o[r, j] * KroneckerDelta(j, b)),
        "",
    ),
    "softmax, a sign": (
        *(v, D(v.o[r, j], v.net[r, b])),
        v.o[r, j] * (KroneckerDelta(j, b) + v.o[r, b]),
        "the sign of o[r, b]",
    ),
    "softmax, the other output": (
        *(v, D(v.o[r, j], v.net[r, b])),
        v.o[r, b] * (KroneckerDelta(j, b) - v.o[r, b]),
        "o[r, b] in the place of o[r, j]",
    ),
    "softmax, times a slope": (
        *(v, D(L, v.net[r, b]), v.o[r, b] * (1 - v.o[r, b]) * ERROR),
        "",
    ),
    "normalised, a sum for its mean": (
        *(g, D(L, g.net[b])),
        product(1 / g.spread, total(UP, -m * MEAN, -g.y[b] * ALONG)),
        "",
    ),
    "normalised, spread left out": (
        *(g, D(L, g.net[b]), product(1 / g.spread, total(UP, -MEAN))),
        "the path through s left out",
    ),
    "normalised, by the variance": (
        *(g, D(L, g.net[b])),
        product(1 / g.spread**2, total(UP, -MEAN, -g.y[b] * ALONG)),
        "the factor s missing",
    ),
    "this step's loss left out": (
        *(h.every, h.delta[early], slope(f)(h.net[early]) * LISTENS),
        "",
    ),
    "two listeners, a sign": (
        *(h.every, h.delta[early], slope(f)(h.net[early]) * total(OWN, -LISTENS)),
        "the sign of delta[k + 1]*u",
    ),
    "one step on, this step's slope": (
        *(h, D(h.o[early + 1], h.o[early]), slope(f)(h.net[early]) * h.u),
        "net[k] in the place of net[k + 1]",
    ),
    "recurrent weights, all transposed": (
        *(TimeLayer, D(L, TimeLayer.u[c, b])),
        sum_over((k, r), TimeLayer.o[k - 1, r, b] * TimeLayer.delta[k, r, c]),
        "",
    ),
    "recurrent blame, this step's signal": (
        *(TimeLayer, D(L, TimeLayer.o[early, r, b])),
        sum_over(c, TimeLayer.u[b, c] * TimeLayer.delta[early, r, c]),
        "delta[k, r, c] in the place of delta[k + 1, r, c]",
    ),
}

SCALAR = {
    "sign": (-truth, "the sign"),
    "t - o": (o_ * (1 - o_) * (t_ - o_) * x_, "the sign"),
    "twice": (2 * truth, "a factor 2 too much, or a ½ missing"),
    "half": (truth / 2, "a factor ½ too much, or a 2 missing"),
    "x missing": (truth / x_, "the factor x missing"),
    "o missing": (truth / o_, "the factor o missing"),
    "1 - o missing": (o_ * (o_ - t_) * x_, "the factor 1 - o missing"),
    "slope missing": ((o_ - t_) * x_, "the factor ∂o/∂net missing"),
    "w for x": (o_ * (1 - o_) * (o_ - t_) * w_, "w in the place of x"),
    "net for o in the slope": (
        *(net_ * (1 - net_) * (o_ - t_) * x_,),
        "net in the place of o",
    ),
    "x twice": (truth * x_, "the factor x twice"),
    "o twice": (truth * o_, "the factor o twice"),
    "1 + o": (o_ * (1 + o_) * (o_ - t_) * x_, "the sign of o"),
    "o + t": (o_ * (1 - o_) * (o_ + t_) * x_, "the sign of t"),
    "no target": (o_ * (1 - o_) * o_ * x_, ""),
    "t for o": (t_ * (1 - o_) * (o_ - t_) * x_, "t in the place of o"),
    "σ for its slope": (
        *(sigmoid(net_) * (o_ - t_) * x_,),
        "σ(net) in the place of σ'(net)",
    ),
    "three times": (3 * truth, "the factor 3 too much"),
    "another thing": (b_ * w_ * t_ + 1, ""),
    "bias too": (truth * b_, "the factor b too much"),
    "a term too much": (truth + t_, "the term t too much"),
}


def definitions_of(place):
    """Return the definitions that stand at the head of a row above."""
    if isinstance(place, Definitions):
        return place
    return getattr(place, "definitions", None) or place.last
