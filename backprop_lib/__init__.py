"""Small sigmoid networks whose every gradient can be derived, run and checked.

``import backprop_lib as bp`` brings in NumPy alone, and what a network and its training
need.  The other modules, and what they need (SymPy, matplotlib, ipywidgets,
scikit-learn), are loaded at first use.
"""

import importlib

from backprop_lib import activations, initial, losses
from backprop_lib.network import Gradient, Network, Trace
from backprop_lib.optimizers import Adam, GradientDescent
from backprop_lib.training import History, train

__version__ = "0.1.0"

__all__ = [
    "Adam",
    "Gradient",
    "GradientDescent",
    "History",
    "Network",
    "RecurrentNetwork",
    "Trace",
    "activations",
    "check_gradient",
    "datasets",
    "gradcheck",
    "initial",
    "losses",
    "recurrent",
    "train",
]

# Modules, and names that stand in one
_MODULES = (
    *("datasets", "exercises", "gradcheck", "plots", "recurrent"),
    *("sliders", "symbolic"),
)
_NAMES = {"RecurrentNetwork": "recurrent", "check_gradient": "gradcheck"}


def __getattr__(name):
    if name in _MODULES:
        return importlib.import_module(f"{__name__}.{name}")
    if name in _NAMES:
        return getattr(__getattr__(_NAMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__():
    special = {name for name in globals() if name.startswith("__")}
    return sorted({*__all__, *special, *_MODULES, *_NAMES})
