"""A false step names its mistake, if it is one mistake that is known; never another."""

import pytest
from _indexed import L
from _seeded import INDEXED, NEURON, SCALAR, UNSEEN, definitions_of, truth, w_
from sympy import Rational

from backprop_lib.symbolic import (
    D,
    Derivation,
    DerivationError,
    SymbolicNetwork,
    product,
    total,
)

OVER_INDICES = INDEXED | UNSEEN


def mistake_of(definitions, first_line, step):
    with pytest.raises(DerivationError) as caught:
        Derivation(definitions, first_line).step(step, "a step")
    error = caught.value
    if error.point:
        assert abs(error.values[0] - error.values[1]) > 1e-6
    said = f"The mistake: {error.mistake}."
    unknown = "No one mistake that is known explains it."
    assert (said if error.mistake else unknown) in str(error)
    return error.mistake


@pytest.mark.parametrize("name", OVER_INDICES)
def test_a_seeded_error_over_indices_is_refused_and_named(name):
    place, first_line, step, words = OVER_INDICES[name]
    found = mistake_of(definitions_of(place), first_line, step)
    assert found.startswith(words) if words else found == ""


@pytest.mark.parametrize("name", SCALAR)
def test_a_seeded_error_in_single_symbols_is_refused_and_named(name):
    step, words = SCALAR[name]
    assert mistake_of(NEURON, D(L, w_), step) == words


def test_in_a_drawn_network_a_path_or_a_transposed_weight_is_named():
    network = SymbolicNetwork([2, 2, 2])
    (out, _), (first, second) = network.out[1], network.net[2]
    w, by = network.weights[1], [D(network.loss, one) for one in (first, second)]
    found = mistake_of(network.definitions, D(network.loss, out), w[0, 0] * by[0])
    assert found == "the path through net_2^(2) left out"
    swapped = w[0, 0] * by[0] + w[1, 0] * by[1]
    found = mistake_of(network.definitions, D(network.loss, out), swapped)
    assert found == "w_21^(1) in the place of w_12^(1)"
    minus = total(w[0, 0] * by[0], product(-1, by[1], w[0, 1]))
    found = mistake_of(network.definitions, D(network.loss, out), minus)
    assert found == "the sign of ∂L/∂net_2^(2) · w_12^(1)"


def test_a_difference_too_small_for_the_numbers_is_not_named():
    nearly = truth + Rational(1, 10**30)
    with pytest.raises(DerivationError) as caught:
        Derivation(NEURON, D(L, w_)).step(nearly, "nearly")
    assert caught.value.mistake == ""
