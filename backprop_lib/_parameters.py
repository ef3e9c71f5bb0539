"""What every network does with its parameters: one flat vector, and views of it."""

import numpy as np


class FlatParameters:
    """The parameters of a stack of networks, (*stack, P), and views of them.

    A subclass keeps ``_flat``, and in ``_weights`` and ``_biases`` views of it; its
    ``__getstate__`` ends with ``_flat``, and its ``__setstate__`` makes the views anew
    (pickle and deepcopy would make arrays of their own of them).  It keeps ``_sizes``,
    ``_activations`` and ``_loss_name``, and has a method ``_split``, which returns each
    layer's block of a flat array.
    """

    @property
    def sizes(self):
        """Neurons in each layer, the input first."""
        return self._sizes

    @property
    def activations(self):
        """The name of each layer's activation, from the first after the input."""
        return self._activations

    @property
    def loss_name(self):
        """The name of the loss."""
        return self._loss_name

    @property
    def stack(self):
        """The shape of the stack of networks that are computed together."""
        return self._flat.shape[:-1]

    @property
    def parameters(self):
        """All parameters, (*stack, P); assigning to it copies into place."""
        return self._flat

    @parameters.setter
    def parameters(self, values):
        values = _numbers(values, self.dtype)
        if values.shape != self._flat.shape:
            raise ValueError(
                f"parameters have shape {values.shape}; expected {self._flat.shape}"
            )
        if not np.can_cast(values.dtype, self.dtype, "same_kind"):
            raise ValueError(
                f"parameters hold {values.dtype}; expected numbers for {self.dtype}"
            )
        self._flat[...] = self._fitting(values)

    def _fitting(self, values):
        if values.dtype == self.dtype:
            return values
        with np.errstate(over="ignore"):
            fitting = values.astype(self.dtype)
        too_large = np.isinf(fitting) & ~np.isinf(values)
        if too_large.any():
            raise ValueError(
                f"parameters hold {values[too_large][0]}, which overflows "
                f"{self.dtype}; expected smaller numbers"
            )
        return fitting

    def _draw(self, rng, init, deviations):
        """Fill the weights with normal numbers of each layer's deviation."""
        for weights, deviation in zip(self.weights, deviations, strict=True):
            with np.errstate(over="ignore"):
                weights[...] = rng.standard_normal(weights.shape) * deviation
        if not np.isfinite(self._flat).all():
            raise ValueError(
                f"init is {init!r}, which overflows {self.dtype}; "
                "expected smaller numbers"
            )

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
            leading axes become its stack.  The array is used, not copied, unless it
            holds integers or numbers in a foreign byte order.

        Raises
        ------
        ValueError
            When the last axis is not P long, the stack is empty, or the array holds
            anything but numbers.

        Examples
        --------
        >>> import numpy as np
        >>> import backprop_lib as bp
        >>> network = bp.Network([2, 1], rng=np.random.default_rng(0))
        >>> network.with_parameters(np.zeros((5, 3))).stack
        (5,)
        """
        parameters, count = _numbers(parameters, self.dtype), self._flat.shape[-1]
        if parameters.shape[-1:] != (count,) or parameters.size == 0:
            raise ValueError(
                f"parameters have shape {parameters.shape}; expected (..., {count}), "
                "of one network or more"
            )
        if parameters.dtype.kind in "iu":
            parameters = parameters.astype(float)
        other = object.__new__(type(self))
        other.__setstate__((*self.__getstate__()[:-1], parameters))
        return other

    def copy(self):
        """Return an independent copy: same kind, same values, its own parameters.

        Like a pickle, it holds the settings and the parameters, but no attribute that
        you set yourself.
        """
        return self.with_parameters(self._flat.copy())


def _numbers(values, dtype):
    """Return an array of numbers in the machine's byte order."""
    try:
        values = np.asarray(values)
    except ValueError as error:
        raise ValueError(f"parameters are no array of numbers: {error}") from None
    if values.dtype.kind not in "iufc":
        raise ValueError(
            f"parameters hold {values.dtype}; expected numbers for {dtype}"
        )
    native = values.dtype.isnative
    return values if native else values.astype(values.dtype.newbyteorder("="))
