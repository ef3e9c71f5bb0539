"""Every one-edit variant of every identity: proved if it is equal, else refused.

What is equal, numbers say that know nothing of the prover.
"""

import pytest
from _by_numbers import Numbers
from _indexed import (
    CASES,
    L,
    Layer,
    N,
    T,
    Time,
    TimeLayer,
    a,
    b,
    c,
    early,
    f,
    j,
    k,
    late,
    m,
    n,
    q,
    r,
    s,
)
from _variants import variants
from _written_out import free_indices

from backprop_lib.symbolic import D, product, sum_over
from backprop_lib.symbolic.deciding import is_zero
from backprop_lib.symbolic.indexed_reading import read_indexed
from backprop_lib.symbolic.normal import add, scaled

APART = 1e-9  # different values differ by more at these sizes, and rounding by less
MOST = 40  # variants of one identity
SIZES = [{n: 2, m: 3, q: 2, N: 2, T: 3}, {n: 3, m: 2, q: 3, N: 2, T: 3}]


def variants_of(case, free):
    """Return the variants of a step that are expressions which a step may be."""
    found = dict.fromkeys(variants(case.step, free, case.definitions))
    return [variant for variant in found if is_read(variant, free)]


def thinned(found):
    """Return every second or third of many, so that all takes less than a minute."""
    return found[:: 1 + len(found) // MOST]


def is_read(variant, free):
    try:
        read_indexed(variant, "a variant", free)
    except ValueError:
        return False
    return True


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
def test_a_variant_is_proved_if_it_is_equal_and_only_then(name):
    """By the prover alone, asked for no numbers; and the library's numbers agree."""
    case = CASES[name]
    system = case.definitions.system
    claim = case.definitions.claim(case.first_line)
    first = system.read(case.first_line)
    forms = dict.fromkeys((first, system.unrolled(first)))
    letters = case.definitions.widths
    places = [Numbers(case.definitions, {w: at[w] for w in letters}) for at in SIZES]
    different = 0
    for variant in thinned(variants_of(case, claim.free)):
        differences = [at.differences(case.first_line, variant) for at in places]
        equal = max(map(max, differences)) < APART
        minus = scaled(system.read(variant), -1)
        proved = any(is_zero(add(form, minus), system) for form in forms)
        assert proved == equal, variant
        assert claim.agrees(variant) == equal, variant
        different += not equal
    assert different


@pytest.mark.parametrize(
    ("name", "edits"),
    [
        (
            "weight, signal times input",
            [
                -sum_over(s, product(Layer.x[s, a], Layer.delta[s, b])),
                sum_over(s, Layer.delta[s, b]),
                sum_over(s, product(Layer.x[s, a], Layer.o[s, b])),
            ],
        ),
        (
            "shared weight, last",
            [
                sum_over(k, Time.delta[k] * Time.o[k]),
                sum_over(late, Time.delta[late] * Time.o[late - 1]),
                sum_over(early, Time.delta[early] * Time.o[early - 1]),
            ],
        ),
        (
            "recurrent blame",
            [sum_over(c, TimeLayer.u[c, b] * TimeLayer.delta[early + 1, r, c])],
        ),
        (
            "signal, tanh",
            [
                (1 + Layer.o[r, j] ** 2) * D(L, Layer.o[r, j]),
                (2 - Layer.o[r, j] ** 2) * D(L, Layer.o[r, j]),
                (1 - Layer.o[r, j] ** 3) * D(L, Layer.o[r, j]),
                (1 - Layer.o[r, j] ** 2) * D(L, Layer.net[r, j]),
            ],
        ),
        ("signal, slope of f", [f(Layer.net[r, j]) * D(L, Layer.o[r, j])]),
    ],
)
def test_each_kind_of_edit_is_among_the_variants(name, edits):
    found = variants_of(CASES[name], free_indices(CASES[name].first_line))
    assert [edit for edit in edits if edit not in found] == []
