"""Definitions over indices, and what is true of them for every width."""

from dataclasses import dataclass

from sympy import Function, KroneckerDelta, exp, log, sqrt, symbols, tanh

from backprop_lib.symbolic import (
    D,
    Definitions,
    indices,
    product,
    quantity,
    sigmoid,
    slope,
    sum_over,
    total,
    widths,
)

n, m, q, N, T = widths("n m q N T")
i, a = indices("i a", n)
j, b, c = indices("j b c", m)
p, e = indices("p e", q)
r, s = indices("r s", N)
(k,) = indices("k", T)
(early,) = indices("k", 1, T - 1)
(late,) = indices("k", 2, T)
L = symbols("L", real=True)
f, loss, rest = map(Function, ("f", "loss", "rest"))


@dataclass(frozen=True)
class Case:
    """A first line, a step that equals it, and for every what."""

    definitions: Definitions
    first_line: object
    step: object
    letters: str


class Layer:
    """One layer over a batch, its activation and loss unnamed."""

    x = quantity("x", N, n, whole="X")
    w = quantity("w", n, m, whole="W")
    b = quantity("b", m)
    net, o, t = (quantity(name, N, m) for name in ("net", "o", "t"))
    delta = quantity("delta", N, m)
    definitions = Definitions(
        {
            net[r, j]: sum_over(i, x[r, i] * w[i, j]) + b[j],
            o[r, j]: f(net[r, j]),
            L: sum_over((r, j), loss(o[r, j], t[r, j])),
            delta[r, j]: D(L, net[r, j]),
        }
    )
    tanh = Definitions({**definitions, o[r, j]: tanh(net[r, j])})


class Two:
    """Two sigmoid layers, squared error, averaged over a batch."""

    x, t = quantity("x", N, n), quantity("t", N, q)
    w = quantity("w^(0)", n, m, whole="W^(0)")
    v = quantity("w^(1)", m, q, whole="W^(1)")
    b, c = quantity("b^(0)", m), quantity("b^(1)", q)
    net, o = quantity("net^(1)", N, m), quantity("o^(1)", N, m)
    last, out = quantity("net^(2)", N, q), quantity("o^(2)", N, q)
    d1, d2 = quantity("delta^(1)", N, m), quantity("delta^(2)", N, q)
    definitions = Definitions(
        {
            net[r, j]: sum_over(i, x[r, i] * w[i, j]) + b[j],
            o[r, j]: sigmoid(net[r, j]),
            last[r, p]: sum_over(j, o[r, j] * v[j, p]) + c[p],
            out[r, p]: sigmoid(last[r, p]),
            L: sum_over((r, p), (out[r, p] - t[r, p]) ** 2) / (2 * N),
            d1[r, j]: D(L, net[r, j]),
            d2[r, p]: D(L, last[r, p]),
        }
    )


class Inner:
    """A layer in front of anything."""

    net, o, d = quantity("net", n), quantity("o", n), quantity("delta", n)
    w, b = quantity("w", n, m), quantity("b", m)
    after, signal = quantity("net^(2)", m), quantity("delta^(2)", m)
    definitions = Definitions(
        {
            o[i]: f(net[i]),
            after[j]: sum_over(i, o[i] * w[i, j]) + b[j],
            L: rest(after),
            d[i]: D(L, net[i]),
            signal[j]: D(L, after[j]),
        }
    )


class Softmax:
    """Softmax with cross-entropy over a batch, targets that add up to 1."""

    net, o, t = (quantity(name, N, m) for name in ("net", "o", "t"))
    definitions = Definitions(
        {
            o[r, j]: exp(net[r, j]) / sum_over(c, exp(net[r, c])),
            L: -sum_over((r, j), t[r, j] * log(o[r, j])) / N,
        },
        given={sum_over(j, t[r, j]): 1},
    )


class Normal:
    """Normalisation of one example's nets, in front of anything."""

    net, y = quantity("net", m), quantity("y", m)
    mean, spread = symbols("mu s", real=True)
    definitions = Definitions(
        {
            mean: sum_over(j, net[j]) / m,
            spread: sqrt(sum_over(j, (net[j] - mean) ** 2) / m),
            y[j]: (net[j] - mean) / spread,
            L: rest(y),
        }
    )


class Time:
    """One neuron through T steps, a loss at the last or at every step."""

    x, net, delta = quantity("x", T), quantity("net", T), quantity("delta", T)
    o, t = quantity("o", (0, T)), quantity("t", T)
    E = quantity("E", T)
    w, u, bias, target = symbols("w u b y", real=True)
    steps = ((net[k], w * x[k] + u * o[k - 1] + bias), (o[k], f(net[k])))
    last = Definitions([*steps, (L, loss(o[T], target)), (delta[k], D(L, net[k]))])
    every = Definitions(
        [
            *steps,
            (E[k], loss(o[k], t[k])),
            (L, sum_over(k, E[k])),
            (delta[k], D(L, net[k])),
        ]
    )


class TimeLayer:
    """A layer of neurons through T steps, over a batch."""

    x = quantity("x", T, N, n)
    net, delta = quantity("net", T, N, m), quantity("delta", T, N, m)
    o = quantity("o", (0, T), N, m)
    w, u, b = quantity("w", n, m), quantity("u", m, m), quantity("b", m)
    t = quantity("t", N, m)
    definitions = Definitions(
        {
            net[k, r, j]: sum_over(i, x[k, r, i] * w[i, j])
            + sum_over(c, o[k - 1, r, c] * u[c, j])
            + b[j],
            o[k, r, j]: f(net[k, r, j]),
            L: sum_over((r, j), loss(o[T, r, j], t[r, j])),
            delta[k, r, j]: D(L, net[k, r, j]),
        }
    )


def _layer():
    y = Layer
    defs, f_loss = y.definitions, "N, m, n, f, loss"
    paths = sum_over(s, D(y.net[s, b], y.w[a, b]) * D(L, y.net[s, b]))
    yield "weight, chain rule", defs, D(L, y.w[a, b]), paths, f_loss
    signal = sum_over(s, product(y.x[s, a], y.delta[s, b]))
    yield "weight, signal times input", defs, D(L, y.w[a, b]), signal, f_loss
    yield "bias", defs, D(L, y.b[b]), sum_over(r, y.delta[r, b]), f_loss
    back = sum_over(b, y.delta[r, b] * y.w[a, b])
    yield "input", defs, D(L, y.x[r, a]), back, f_loss
    own = D(y.o[r, j], y.net[r, j]) * D(L, y.o[r, j])
    yield "signal, chain rule", defs, y.delta[r, j], own, f_loss
    own = slope(f)(y.net[r, j]) * D(L, y.o[r, j])
    yield "signal, slope of f", defs, D(L, y.net[r, j]), own, f_loss
    all_paths = sum_over(s, sum_over(c, D(y.o[s, c], y.net[r, j]) * D(L, y.o[s, c])))
    yield "signal, all paths", defs, D(L, y.net[r, j]), all_paths, f_loss
    own = (1 - y.o[r, j] ** 2) * D(L, y.o[r, j])
    yield "signal, tanh", y.tanh, D(L, y.net[r, j]), own, "N, m, n, loss"
    elsewhere = KroneckerDelta(j, c) * slope(f)(y.net[r, j])
    yield "out by another net", defs, D(y.o[r, j], y.net[r, c]), elsewhere, "N, m, n, f"


def _two():
    y = Two
    defs, every = y.definitions, "N, m, n, q"
    slope_out = y.out[r, e] * (1 - y.out[r, e])
    error = (y.out[r, e] - y.t[r, e]) / N
    yield "last signal", defs, y.d2[r, e], product(slope_out, error), every
    own = sigmoid(y.last[r, e]) * (1 - y.out[r, e]) * error
    yield "last signal, half by name", defs, y.d2[r, e], own, every
    by_exp = exp(-y.last[r, e]) / (1 + exp(-y.last[r, e])) ** 2 * error
    yield "last signal, by exp", defs, y.d2[r, e], by_exp, every
    blame = sum_over(p, y.v[b, p] * y.d2[r, p])
    yield "blame", defs, D(L, y.o[r, b]), blame, every
    hidden = product(y.o[r, b], 1 - y.o[r, b], blame)
    yield "hidden signal", defs, D(L, y.net[r, b]), hidden, every
    weight = sum_over(r, product(y.o[r, b], y.d2[r, e]))
    yield "last weight", defs, D(L, y.v[b, e]), weight, every
    yield "last bias", defs, D(L, y.c[e]), sum_over(r, y.d2[r, e]), every
    weight = sum_over(r, product(y.x[r, a], y.d1[r, b]))
    yield "first weight", defs, D(L, y.w[a, b]), weight, every
    written_out = sum_over(
        (r, p),
        product(
            *(y.x[r, a], y.o[r, b] * (1 - y.o[r, b]), y.v[b, p]),
            *(y.out[r, p] * (1 - y.out[r, p]), y.out[r, p] - y.t[r, p]),
        ),
    )
    yield "first weight, in full", defs, D(L, y.w[a, b]), written_out / N, every
    yield "first bias", defs, D(L, y.b[b]), sum_over(r, y.d1[r, b]), every
    into_x = sum_over(j, y.w[a, j] * y.d1[r, j])
    yield "first input", defs, D(L, y.x[r, a]), into_x, every
    around = sum_over((j, p), D(y.last[r, p], y.o[r, j]) * y.d2[r, p] * y.o[r, j])
    swapped = sum_over((p, j), y.d2[r, p] * y.v[j, p] * y.o[r, j])
    yield "sums swapped", defs, around, swapped, every


def _inner():
    y, every = Inner, "n, m, f, rest"
    listeners = sum_over(j, y.w[a, j] * y.signal[j])
    paths = sum_over(j, D(y.after[j], y.o[a]) * D(L, y.after[j]))
    yield "blame, all paths", y.definitions, D(L, y.o[a]), paths, every
    yield "blame, listeners", y.definitions, D(L, y.o[a]), listeners, every
    own = product(D(y.o[a], y.net[a]), listeners)
    yield "signal in front of anything", y.definitions, y.d[a], own, every
    weight = product(y.o[a], y.signal[b])
    yield "weight in front of anything", y.definitions, D(L, y.w[a, b]), weight, every
    yield "bias in front of anything", y.definitions, D(L, y.b[b]), y.signal[b], every


def _softmax():
    y = Softmax
    defs, every = y.definitions, "N, m"
    apart = y.o[r, j] * (KroneckerDelta(j, b) - y.o[r, b])
    yield "softmax's slopes", defs, D(y.o[r, j], y.net[r, b]), apart, every
    own = y.o[r, j] * (1 - y.o[r, j])
    yield "softmax's own slope", defs, D(y.o[r, j], y.net[r, j]), own, every
    paths = sum_over(j, D(y.o[r, j], y.net[r, b]) * D(L, y.o[r, j]))
    yield "softmax, all paths", defs, D(L, y.net[r, b]), paths, every
    collected = (y.o[r, b] * sum_over(j, y.t[r, j]) - y.t[r, b]) / N
    yield "softmax, collected", defs, D(L, y.net[r, b]), collected, every
    error = (y.o[r, b] - y.t[r, b]) / N
    yield "softmax with cross-entropy", defs, D(L, y.net[r, b]), error, every
    yield "outputs add up", defs, sum_over(j, y.o[r, j]), 1 + 0 * N, every


def _normal():
    y = Normal
    defs, every = y.definitions, "m, rest"
    up = D(L, y.y[b])
    mean = sum_over(j, D(L, y.y[j])) / m
    along = sum_over(j, y.y[j] * D(L, y.y[j])) / m
    paths = sum_over(j, D(y.y[j], y.net[b]) * D(L, y.y[j]))
    yield "normalised, paths", defs, D(L, y.net[b]), paths, every
    back = product(1 / y.spread, total(up, -mean, -y.y[b] * along))
    yield "normalised, back", defs, D(L, y.net[b]), back, every
    yield "normalised, mean 0", defs, sum_over(j, y.y[j]), 0 * m, "m"
    squares = sum_over(j, y.y[j] ** 2) / m
    yield "normalised, variance 1", defs, squares, 1 + 0 * m, "m"


def _time():
    y, every = Time, "T, f, loss"
    for name, defs in (("last", y.last), ("every", y.every)):
        shared = sum_over(k, y.delta[k] * y.o[k - 1])
        yield f"shared weight, {name}", defs, D(L, y.u), shared, every
        again = sum_over(early, y.delta[early + 1] * y.o[early])
        again += y.delta[1] * y.o[0]
        yield f"shared weight, from 0, {name}", defs, D(L, y.u), again, every
        shared = sum_over(k, y.delta[k] * y.x[k])
        yield f"input weight, {name}", defs, D(L, y.w), shared, every
        yield (
            f"bias through time, {name}",
            defs,
            D(L, y.bias),
            sum_over(k, y.delta[k]),
            every,
        )
        own = slope(f)(y.net[k]) * D(L, y.o[k])
        yield f"signal at a step, {name}", defs, D(L, y.net[k]), own, every
        own = D(y.o[k], y.net[k]) * D(L, y.o[k])
        yield f"signal, chain rule, {name}", defs, D(L, y.net[k]), own, every
        last = slope(f)(y.net[T]) * D(L, y.o[T])
        yield f"signal at the last step, {name}", defs, y.delta[T], last, every
    back = slope(f)(y.net[early]) * y.u * y.delta[early + 1]
    yield "signal from the next step", y.last, y.delta[early], back, every
    lag = slope(f)(y.net[early + 1]) * y.u
    yield "one step on", y.last, D(y.o[early + 1], y.o[early]), lag, "T, f"
    back = D(y.o[early], y.net[early]) * D(y.net[early + 1], y.o[early])
    back *= y.delta[early + 1]
    yield "signal, one listener", y.last, y.delta[early], back, every
    both = total(D(y.E[early], y.o[early]), y.u * y.delta[early + 1])
    both = slope(f)(y.net[early]) * both
    yield "signal, two listeners", y.every, y.delta[early], both, every
    y, every = TimeLayer, "T, N, m, n, f, loss"
    defs = y.definitions
    shared = sum_over((k, r), y.o[k - 1, r, c] * y.delta[k, r, b])
    yield "recurrent weights", defs, D(L, y.u[c, b]), shared, every
    shared = sum_over((r, k), y.x[k, r, a] * y.delta[k, r, b])
    yield "recurrent input weights", defs, D(L, y.w[a, b]), shared, every
    back = sum_over(c, y.u[b, c] * y.delta[early + 1, r, c])
    yield "recurrent blame", defs, D(L, y.o[early, r, b]), back, every
    back = slope(f)(y.net[early, r, b]) * back
    yield "recurrent signal", defs, y.delta[early, r, b], back, every


CASES = {
    name: Case(*parts)
    for cases in (_layer, _two, _inner, _softmax, _normal, _time)
    for name, *parts in cases()
}
