"""What every network does with its parameters: one flat vector, and views of it."""

import numpy as np


class FlatParameters:
    """The parameters of a stack of networks, (*stack, P), and views of them.

    A subclass keeps ``_flat``, and in ``_weights`` and ``_biases`` views of it; its
    ``__getstate__`` ends with ``_flat``, and its ``__setstate__`` makes the views anew
    (pickle and deepcopy would make arrays of their own of them).
    """

    @property
    def parameters(self):
        """All parameters, (*stack, P); assigning to it copies into place."""
        return self._flat

    @parameters.setter
    def parameters(self, values):
        values = np.asarray(values)
        if values.shape != self._flat.shape:
            raise ValueError(
                f"parameters have shape {values.shape}; expected {self._flat.shape}"
            )
        if not np.can_cast(values.dtype, self.dtype, "same_kind"):
            raise ValueError(
                f"parameters hold {values.dtype}; expected numbers for {self.dtype}"
            )
        self._flat[...] = values

    @property
    def weights(self):
        """Views of the parameters, a matrix (*stack, n_in, n_out) each."""
        return self._weights

    @property
    def biases(self):
        """Views of the parameters, a row (*stack, n_out) each."""
        return self._biases

    @property
    def dtype(self):
        """The dtype of the parameters and of everything computed from them."""
        return self._flat.dtype

    @property
    def _real(self):
        # Data stay real where the parameters are complex, for complex-step derivatives.
        return self._flat.real.dtype

    def with_parameters(self, parameters):
        """Return a network of the same kind that computes with these parameters.

        Parameters
        ----------
        parameters : array, (*stack, P)
            Of any floating or complex dtype, which becomes the network's own; the
            leading axes become its stack.  The array is used, not copied.

        Raises
        ------
        ValueError
            When the last axis is not P long.

        Examples
        --------
        >>> import numpy as np
        >>> import backprop_lib as bp
        >>> network = bp.Network([2, 1], rng=np.random.default_rng(0))
        >>> network.with_parameters(np.zeros((5, 3))).stack
        (5,)
        """
        parameters = np.asarray(parameters)
        count = self._flat.shape[-1]
        if parameters.ndim < 1 or parameters.shape[-1] != count:
            raise ValueError(
                f"parameters have shape {parameters.shape}; expected (..., {count})"
            )
        if not np.issubdtype(parameters.dtype, np.inexact):
            parameters = parameters.astype(float)
        other = object.__new__(type(self))
        other.__setstate__((*self.__getstate__()[:-1], parameters))
        return other

    def copy(self):
        """Return an independent copy: same kind, same values, its own parameters."""
        return self.with_parameters(self._flat.copy())
