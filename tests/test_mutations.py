"""The suite must notice an error in the backward pass: each seeded error is caught.

Every mutation is made in a copy of the library, and the agreement tests are run
against the copy.  They must pass on the untouched copy and fail on each mutated one.
False steps in derivations are seeded in test_symbolic.py.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
WEIGHTS = "product(heard[l], gradient.delta[l + 1], gradient.blocks[l])"
BACK = "product(weights[l], delta[l + 1], blame[l])"
DELTA = "np.multiply(slope[l], blame[l], out=delta[l])"
START = "network.start(trace.end, t, blame[last], delta[last])"

# name: (module, what stands there once, what it becomes)
MUTATIONS = {
    "activation's derivative dropped": (
        "passes",
        DELTA,
        "np.copyto(delta[l], blame[l])",
    ),
    "derivative squared": (
        "passes",
        DELTA,
        "np.multiply(slope[l] ** 2, blame[l], out=delta[l])",
    ),
    "derivative of the wrong layer": (
        "passes",
        "write(net[l + 1], out[l + 1], slope[l + 1], rest[l + 1])",
        "write(net[l + 1], out[l + 1], slope[l + 1], rest[l + 1])\n"
        "        slope[l + 1][...] = slope[1].mean()",
    ),
    "activation of the wrong layer": (
        "network",
        "ACTIVATIONS[name].writer(self.dtype) for name in names",
        "ACTIVATIONS[name].writer(self.dtype) for name in (*names[1:], names[-1])",
    ),
    "sigmoid's derivative o (1 + o)": (
        "activations",
        "np.multiply(out, rest, out=slope)\n\n\ndef _write_tanh",
        "np.multiply(out, 1.0 + out, out=slope)\n\n\ndef _write_tanh",
    ),
    "sigmoid's derivative of the output": (
        "activations",
        "np.multiply(out, rest, out=slope)\n\n\ndef _write_tanh",
        "slope[...] = sigmoid_derivative(out)\n\n\ndef _write_tanh",
    ),
    "tanh's derivative without its 4": (
        "activations",
        "np.divide(2.0, rest, out=rest)",
        "np.divide(1.0, rest, out=rest)",
    ),
    "relu's derivative on the wrong side": (
        "activations",
        "np.greater(net, 0.0, out=slope)\n\n\ndef _write_leaky",
        "np.less(net, 0.0, out=slope)\n\n\ndef _write_leaky",
    ),
    "leak forgotten": (
        "activations",
        "np.maximum(slope, _LEAK, out=slope)",
        "pass",
    ),
    "identity's derivative 0": ("activations", "slope.fill(1.0)", "slope.fill(0.0)"),
    "softmax treated element by element": (
        "losses",
        "np.subtract(blame, mean, out=delta)",
        "np.copyto(delta, blame)",
    ),
    "softmax's mean over the batch": (
        "losses",
        "mean = np.add.reduce(delta, axis=-2, keepdims=True)",
        "mean = np.sum(delta, axis=-1, keepdims=True)",
    ),
    "slope of the last layer dropped": (
        "losses",
        "np.multiply(slope, blame, out=delta)",
        "np.copyto(delta, blame)",
    ),
    "weights not transposed": (
        "network",
        "self.alone = tuple(self._weights)",
        "self.alone = tuple(w.swapaxes(-1, -2) for w in self._weights)",
    ),
    "weights of the wrong layer": (
        "passes",
        BACK,
        "product(weights[-1], delta[l + 1], blame[l])",
    ),
    "weights of a copy": (
        "network",
        "self.alone = tuple(self._weights)",
        "self.alone = tuple(w.copy() for w in self._weights)",
    ),
    "gradient transposed": (
        "passes",
        WEIGHTS,
        "gradient.blocks[l][...] = np.reshape(np.matmul("
        "heard[l], gradient.delta[l + 1]).swapaxes(-1, -2), gradient.blocks[l].shape)",
    ),
    "wrong sign of the error": (
        "losses",
        "return np.subtract(out, t, out=result)",
        "return np.subtract(t, out, out=result)",
    ),
    "factor 2 in the squared error": (
        "losses",
        "return np.subtract(out, t, out=result)",
        "return np.multiply(2.0, out - t, out=result)",
    ),
    "1/batch missing": ("losses", "np.divide(blame, count, out=blame)", "pass"),
    "1/batch twice": (
        "losses",
        "np.divide(blame, count, out=blame)",
        "np.divide(blame, count**2, out=blame)",
    ),
    "1/batch missing in a cross-entropy": (
        "losses",
        "np.divide(delta, count, out=delta)",
        "pass",
    ),
    "divided by the outputs too": (
        "network",
        "count = np.array(batch, self._real)",
        "count = np.array(batch * self.sizes[-1], self._real)",
    ),
    "inputs one layer off": (
        "passes",
        "product(heard[l], gradient",
        "product(heard[l - 1], gradient",
    ),
    "last layer's delta used everywhere": (
        "passes",
        WEIGHTS,
        "product(heard[l], gradient.delta[last], gradient.blocks[l])",
    ),
    "bias forgotten": (
        "passes",
        WEIGHTS,
        f"{WEIGHTS}\n        gradient.blocks[l][..., 0, :] = 0.0",
    ),
    "only the first example counted": (
        "passes",
        WEIGHTS,
        "product(heard[l][..., :1], gradient.delta[l + 1][..., :1, :], "
        "gradient.blocks[l])",
    ),
    "only the first path counted": (
        "passes",
        BACK,
        "product(weights[l][..., :1], delta[l + 1][..., :1, :], blame[l])",
    ),
    "the start twice": ("passes", START, f"{START}\n    delta[last][...] *= 2.0"),
    "the start of a trace before": (
        "passes",
        START,
        "network.start((*trace.end[:1], *trace.end[1:]), t * 0, blame[last], "
        "delta[last])",
    ),
    "bias left out of the forward pass": (
        "passes",
        "product(blocks[l], heard[l], net[l + 1])",
        "product(blocks[l][..., 1:], heard[l][..., 1:, :], net[l + 1])",
    ),
    "binary cross-entropy ignores t = 0": (
        "losses",
        "np.subtract(1.0, t, out=blame)",
        "blame.fill(0.0)",
    ),
    "cross-entropy pushes up only": (
        "losses",
        "sum_of_others(t, blame)",
        "blame.fill(0.0)",
    ),
    "cross-entropy counts a target among the others": (
        "losses",
        "sum_of_others(t, blame)",
        "np.copyto(blame, t.sum(axis=-2, keepdims=True))",
    ),
    "softmax counts an output among the others": (
        "activations",
        "1 - np.eye(n, dtype=dtype)",
        "np.ones((n, n), dtype)",
    ),
    "1 − o taken for o": (
        "losses",
        "np.multiply(rest, t, out=delta)",
        "np.multiply(out, t, out=delta)",
    ),
    "loss's slope not averaged": (
        "network",
        "np.divide(blame[-1], batch, out=blame[-1])",
        "pass",
    ),
    "inputs' gradient left out": (
        "network",
        "self.product(self.alone[0], delta[1], blame[0])",
        "blame[0].fill(0.0)",
    ),
}


# The same, of the prover for sums over indices. Numbers at small widths would refuse
# what these let pass; the tests that ask the prover alone must notice them too.
PROVER = {
    "contract without the range check": (
        "contraction",
        "if within(runs, ends):",
        "if True:",
    ),
    "contract a free delta whatever the range": (
        "contraction",
        "if letter not in own:\n                continue",
        "if letter not in own:\n                return _again(bounds, rest)",
    ),
    "forget a bound index": (
        "keys",
        "bounds, factors = term\n    if not bounds:\n        return _factors_key",
        "bounds, factors = (), term[1]\n"
        "    if not bounds:\n        return _factors_key",
    ),
    "ignore a coefficient": (
        "normal",
        "found[name] = (value + coefficient, first)",
        "found[name] = (value + (coefficient > 0) - (coefficient < 0), first)",
    ),
    "forget to narrow a range": (
        "contraction",
        "shorter = moved(meet, -there[1])",
        "shorter = own[place[0]][1:]",
    ),
    "count a sum's terms wrongly": (
        "contraction",
        "number(end - start + 1)",
        "number(end - start)",
    ),
    "capture a letter": (
        "normal",
        "more, others = freshened(term)",
        "more, others = term",
    ),
    "widen a range": (
        "contraction",
        "for at in range(last[1] + 1, 1)]",
        "for at in range(last[1] + 2, 1)]",
    ),
    "a power's slope without its exponent": (
        "adjoints",
        "rest = ((coefficient * power, ((), (*others, (atom, power - 1)))),)",
        "rest = ((coefficient, ((), (*others, (atom, power - 1)))),)",
    ),
    "only the first path": (
        "adjoints",
        "gains.append(gain)",
        "gains[1:] = gains[1:] or [gain]",
    ),
    "a known sum of anything": (
        "contraction",
        "if place == (letter, 0) and value is not None and not others:",
        "if not others:\n                value = 1 if value is None else value",
    ),
    "every derivative by a later step is 0": (
        "indexed_system",
        "if not atom[2] or not at_most(moved(atom[2][:1], 1)[0], step):\n"
        "                return False",
        "if not atom[2]:\n                return True",
    ),
}


# And of what names mistakes: it must neither accuse a right gradient nor miss a slip.
DIAGNOSIS = {
    "never say every layer": (
        "_explain",
        "if len(made) > 1 and made.keys() == self.fitting.get(kind):",
        "if False:",
    ),
    "fit a rate to what any rate explains": (
        "_explain",
        "if rate > 0 and told and clear else None",
        "if rate > 0 and told else None",
    ),
    "take every part for explained": (
        "_explain",
        "return [(factor, 0)] if explained(factor) else []",
        "return [(factor, 0)]",
    ),
    "let kinks hide nothing": (
        "_verdict",
        "return np.where(touched, reach, 0.0), place",
        "return np.where(touched, 0.0, 0.0), place",
    ),
    "know one slope at a kink": (
        "mistakes",
        "tries = [*((share, None) for share in _AT_KINK), (0.0, reach)]",
        "tries = [(0.0, None)]",
    ),
    "step the other way": (
        "_stale",
        "return rate if told and rate > 0 else None",
        "return rate if told else None",
    ),
    "update the weights uphill": (
        "_table",
        "transposed(s.w - rate *",
        "transposed(s.w + rate *",
    ),
    "truncate a step too late": (
        "_time",
        "if s.steps - s.number < count - 1",
        "if s.steps - s.number < count",
    ),
    "let the reset gate out of the right line": (
        "_time",
        "s.z * s.error + s.r * s.by_gated + s.by_gates,\n}",
        "s.z * s.error + s.by_gated + s.by_gates,\n}",
    ),
    "find what differs the same": (
        "mistakes",
        "if min(apart) > 1e-6 * scale:",
        "if True:",
    ),
    "lend a function one's own arrays": (
        "gradcheck",
        "copies = {name: array.copy() for name, array in given.items()}",
        "copies = dict(given)",
    ),
}


def run_suite(library, tests=("-k", "not symbolic", "test_agreement.py")):
    """Run tests against the copy of the library in this folder."""
    *options, file = tests
    return subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider"),
            *("-o", f"pythonpath={library}"),
            *(*options, str(ROOT / "tests" / file)),
        ],
        cwd=ROOT,
        env={
            **os.environ,
            "PYTHONPATH": str(library),
            "HYPOTHESIS_PROFILE": "mutations",
        },
        capture_output=True,
        text=True,
    )


@pytest.fixture
def library(tmp_path):
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "backprop_lib", tmp_path / "backprop_lib", ignore=ignored)
    return tmp_path


@pytest.mark.slow
def test_the_suite_passes_on_an_untouched_copy(library):
    """Negative control: what fails below fails because of the mutation."""
    result = run_suite(library)
    assert result.returncode == 0, result.stdout


@pytest.mark.slow
@pytest.mark.parametrize("name", MUTATIONS)
def test_the_suite_notices(name, library):
    module, before, after = MUTATIONS[name]
    path = library / "backprop_lib" / f"{module}.py"
    source = path.read_text(encoding="utf-8")
    assert before in source, f"{module}.py has changed; seed {name!r} anew"
    path.write_text(source.replace(before, after, 1), encoding="utf-8")
    result = run_suite(library)
    assert result.returncode == 1, f"not noticed: {name}\n{result.stdout}"
    assert " failed" in result.stdout


ALONE = ("-k", "alone or proved_and_says or contracted or counts", "test_indexed.py")


@pytest.mark.slow
def test_the_prover_passes_on_an_untouched_copy(library):
    """Negative control, as above."""
    result = run_suite(library, ALONE)
    assert result.returncode == 0, result.stdout


@pytest.mark.slow
@pytest.mark.parametrize("name", PROVER)
def test_the_suite_notices_in_the_prover(name, library):
    module, before, after = PROVER[name]
    path = library / "backprop_lib" / "symbolic" / f"{module}.py"
    source = path.read_text(encoding="utf-8")
    assert before in source, f"{module}.py has changed; seed {name!r} anew"
    path.write_text(source.replace(before, after, 1), encoding="utf-8")
    result = run_suite(library, ALONE)
    assert result.returncode == 1, f"not noticed: {name}\n{result.stdout}"
    assert " failed" in result.stdout


NAMED = ("-k", "not drawn_networks and not table", "test_diagnose.py")


@pytest.mark.slow
def test_the_diagnosis_passes_on_an_untouched_copy(library):
    """Negative control, as above."""
    result = run_suite(library, NAMED)
    assert result.returncode == 0, result.stdout


@pytest.mark.slow
@pytest.mark.parametrize("name", DIAGNOSIS)
def test_the_suite_notices_in_the_diagnosis(name, library):
    module, before, after = DIAGNOSIS[name]
    path = library / "backprop_lib" / f"{module}.py"
    source = path.read_text(encoding="utf-8")
    assert before in source, f"{module}.py has changed; seed {name!r} anew"
    path.write_text(source.replace(before, after, 1), encoding="utf-8")
    result = run_suite(library, NAMED)
    assert result.returncode == 1, f"not noticed: {name}\n{result.stdout}"
    assert " failed" in result.stdout
