"""Run by a kernel before a chapter: every start of every network is a little off.

The seed comes from the environment, so that a disturbance can be repeated.  Each
parameter is multiplied by 1 + 1e-13·z, z normal: far less than a reader can see, and
more than two processors differ by.  What a chapter prints has to stay as it is.
"""


def disturb_starts():
    """Wrap both kinds of network; a function, so that no name is left behind."""
    import os
    from functools import wraps

    import numpy as np

    import backprop_lib as bp

    rng = np.random.default_rng(int(os.environ["BACKPROP_DISTURB"]))

    def disturbed(start):
        @wraps(start)
        def init(network, *arguments, **settings):
            start(network, *arguments, **settings)
            shape = network.parameters.shape
            network.parameters *= 1 + 1e-13 * rng.standard_normal(shape)

        return init

    for kind in (bp.Network, bp.RecurrentNetwork):
        kind.__init__ = disturbed(kind.__init__)


disturb_starts()
del disturb_starts
