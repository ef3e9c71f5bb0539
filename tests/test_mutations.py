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
WEIGHTS = "_product(inputs.swapaxes(-1, -2), delta, gradient._blocks[layer])"
BACK = "_product(delta, transposed, gradient.out[layer])"

# name: (module, what stands there once, what it becomes)
MUTATIONS = {
    "activation's derivative dropped": (
        "activations",
        "return np.multiply(delta, out_gradient, out=delta)",
        "return np.copyto(delta, out_gradient)",
    ),
    "derivative of the wrong quantity": (
        "activations",
        "self.derivative(net, out=delta, work=work)",
        "self.derivative(out, out=delta, work=work)",
    ),
    "derivative of the wrong layer's activation": (
        "network",
        "self._functions[layer - 1].pull_back",
        "self._functions[layer].pull_back",
    ),
    "net of the wrong layer": (
        "network",
        "                    trace.net[layer],\n",
        "                    trace.net[1],\n",
    ),
    "sigmoid's derivative s(1 + s)": (
        "activations",
        "np.divide(out, work, out=out)\n    np.subtract(1.0, out, out=work)\n"
        "    return np.multiply(out, work, out=out)",
        "np.divide(out, work, out=out)\n    np.add(1.0, out, out=work)\n"
        "    return np.multiply(out, work, out=out)",
    ),
    "tanh's derivative without its 4": (
        "activations",
        "return np.multiply(out, 4.0, out=out)",
        "return out",
    ),
    "relu's derivative on the wrong side": (
        "activations",
        "return np.greater(net.real, 0.0, out=out)",
        "return np.less(net.real, 0.0, out=out)",
    ),
    "leak forgotten": (
        "activations",
        "return np.maximum(out, _LEAK, out=out)",
        "return out",
    ),
    "softmax treated element by element": (
        "activations",
        "np.subtract(out_gradient, delta[..., :1], out=work)",
        "np.copyto(work, out_gradient)",
    ),
    "weights not transposed": (
        "network",
        "transposed = self._weights[layer].swapaxes(-1, -2)",
        "transposed = self._weights[layer]",
    ),
    "weights of the wrong layer": (
        "network",
        "transposed = self._weights[layer].swapaxes(-1, -2)",
        "transposed = self._weights[-1].swapaxes(-1, -2)",
    ),
    "gradient transposed": (
        "network",
        WEIGHTS,
        "_product(delta.swapaxes(-1, -2), inputs, gradient._blocks[layer])",
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
    "1/batch missing": (
        "network",
        "np.divide(delta, out.shape[-2], out=delta)",
        "pass",
    ),
    "1/batch twice": (
        "network",
        "np.divide(delta, out.shape[-2], out=delta)",
        "np.divide(delta, out.shape[-2] ** 2, out=delta)",
    ),
    "inputs one layer off": (
        "network",
        "gradient.delta[layer + 1], trace._with_ones[layer]",
        "gradient.delta[layer + 1], trace._with_ones[layer - 1]",
    ),
    "last layer's delta used everywhere": (
        "network",
        "delta, inputs = gradient.delta[layer + 1],",
        "delta, inputs = gradient.delta[-1],",
    ),
    "bias forgotten": (
        "network",
        WEIGHTS,
        f"{WEIGHTS}\n            gradient._blocks[layer][..., 0, :] = 0.0",
    ),
    "only the first example counted": (
        "network",
        WEIGHTS,
        "_product(inputs[..., :1, :].swapaxes(-1, -2), delta[..., :1, :], "
        "gradient._blocks[layer])",
    ),
    "only the first path counted": (
        "network",
        BACK,
        "_product(delta[..., :1], transposed[..., :1, :], gradient.out[layer])",
    ),
    "bias left out of the forward pass": (
        "network",
        "_product(trace._with_ones[layer], block, net)",
        "_product(trace.out[layer], block[..., 1:, :], net)",
    ),
    "binary cross-entropy ignores t = 0": (
        "losses",
        "return np.subtract(work, delta, out=delta)\n\n\ndef cross_entropy(",
        "return np.negative(delta, out=delta)\n\n\ndef cross_entropy(",
    ),
    "cross-entropy pushes up only": (
        "losses",
        "return np.subtract(work, delta, out=delta)\n\n\n@dataclass",
        "return np.negative(delta, out=delta)\n\n\n@dataclass",
    ),
    "loss's slope not averaged": (
        "network",
        "np.divide(gradient.out[-1], batch, out=gradient.out[-1])",
        "pass",
    ),
    "inputs' gradient left out": (
        "network",
        "_product(gradient.delta[1], transposed, gradient.out[0])",
        "gradient.out[0].fill(0.0)",
    ),
}


def run_suite(library):
    """Run the agreement tests against the copy of the library in this folder."""
    return subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider"),
            *("-o", f"pythonpath={library}"),
            *("-k", "not symbolic", str(ROOT / "tests/test_agreement.py")),
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
