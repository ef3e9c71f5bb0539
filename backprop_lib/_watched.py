"""Whether somebody watches what a cell shows."""

import sys


def is_watched():
    """Return whether a cell is run for a reader, who could answer a question."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    kernel = getattr(shell, "kernel", None)
    if kernel is None:
        return False
    # Front ends allow a cell to ask for input. nbconvert and its like do not; their
    # pages would prefer the widgets, which come from a network, to the picture.
    request = kernel.get_parent() if hasattr(kernel, "get_parent") else {}
    return request.get("content", {}).get("allow_stdin", True)
