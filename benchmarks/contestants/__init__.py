"""Those who compete: each module has what it can do of `Training`, `Gradient`, `Sweep`.

Each of these takes its workload.  ``run(part)`` is what is timed; ``answers()`` says
what came out, by name, for the agreement that goes before.
"""

import importlib

# By name: the module, and what the table calls it.
CONTESTANTS = {
    "library": ("library", "this library"),
    "again": ("library", "this library again"),
    "textbook": ("textbook", "textbook NumPy loop"),
    "products": ("products", "bare matrix products"),
    "pytorch": ("pytorch_eager", "PyTorch, eager"),
    "jax": ("jax_jit", "JAX, a step compiled"),
    "sklearn": ("scikit_fit", "scikit-learn, fit"),
    "autograd": ("tape_autograd", "autograd"),
    "mygrad": ("tape_mygrad", "MyGrad"),
}
OWN = ("library", "again", "textbook", "products")


def enter(name, workload):
    """Return the contestant of this name, ready for a workload; None: it stays away."""
    module = importlib.import_module(f"{__name__}.{CONTESTANTS[name][0]}")
    kind = type(workload).__name__
    if kind == "Training" and workload.epochs == 0:
        kind = "Gradient"
    makes = getattr(module, kind, None)
    # A name may be imported there for another reason.
    if makes is None or makes.__module__ != module.__name__:
        return None
    return makes(workload)
