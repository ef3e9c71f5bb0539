"""Small sigmoid networks whose every gradient can be derived, run and checked.

``import backprop_lib as bp`` brings in NumPy alone.  The modules that need
more (SymPy, matplotlib, ipywidgets, scikit-learn) are loaded at first use.
"""

import importlib

from backprop_lib import activations, datasets, gradcheck, initial, losses, recurrent
from backprop_lib.gradcheck import check_gradient
from backprop_lib.network import Gradient, Network, Trace
from backprop_lib.optimizers import Adam, GradientDescent
from backprop_lib.recurrent import RecurrentNetwork
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

_LOADED_AT_FIRST_USE = ("plots", "sliders", "symbolic")


def __getattr__(name):
    if name in _LOADED_AT_FIRST_USE:
        return importlib.import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__():
    special = {name for name in globals() if name.startswith("__")}
    return sorted({*__all__, *special, *_LOADED_AT_FIRST_USE})
