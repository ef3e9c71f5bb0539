"""What both kinds of network are: flat parameters, two passes and their checks.

A subclass says how its parameters are cut into layers, what a trace holds, and how the
passes fill it.  What it must define stands at the end of `Model`.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from backprop_lib import _checks


class Views(Sequence):
    """Arrays that can be changed but not exchanged: assigning copies into place.

    Examples
    --------
    >>> import numpy as np
    >>> flat = np.zeros(3)
    >>> views = Views([flat[:2], flat[2:]])
    >>> views[0] += 1
    >>> views[1] = 5
    >>> flat
    array([1., 1., 5.])
    """

    __slots__ = ("_arrays",)

    def __init__(self, arrays):
        self._arrays = tuple(arrays)

    def __len__(self):
        return len(self._arrays)

    def __getitem__(self, place):
        return self._arrays[place]

    def __iter__(self):
        return iter(self._arrays)

    def __setitem__(self, place, values):
        array = self._arrays[place]
        if not isinstance(array, np.ndarray):
            raise TypeError(
                f"the place is {place}; expected one layer at a time, as in "
                "weights[0] = 0"
            )
        if array is not values:
            array[...] = values

    def __repr__(self):
        return f"Views({', '.join(str(array.shape) for array in self._arrays)})"


@dataclass(eq=False, repr=False, kw_only=True)
class Pass:
    """What a pass leaves behind; its repr tells the shapes of its arrays.

    Attributes
    ----------
    kind : tuple
        `Model.kind` of the network that made it.
    input_shape : tuple of int
        Of x, as it came.
    original : bool
        False for a copy or what was pickled: its arrays are no longer views of each
        other, so it can be read but not filled again.
    """

    kind: tuple
    input_shape: tuple
    original: bool = True

    shown = ()

    def __repr__(self):
        parts = (f"{name}={shape_of(getattr(self, name))}" for name in self.shown)
        return f"{type(self).__name__}({', '.join(parts)})"

    def __getstate__(self):
        return self.__dict__ | {"original": False}


def shape_of(value):
    """Return the shape of an array, or those of a tuple of arrays, as text."""
    if isinstance(value, np.ndarray):
        return str(value.shape)
    if value is None:
        return "None"
    return f"[{', '.join(map(shape_of, value))}]"


class Model(ABC):
    """A stack of networks of one kind (by default a stack of one).

    It keeps all its parameters in one flat array, (*stack, P), and its weights and
    biases are views of it.

    Training has a face of its own, which checks nothing and allocates nothing:
    `inputs` once, `new_trace` and `new_gradient` once a batch, then `forward_into` and
    `backward_into` at every step.
    """

    _settings = ()  # the names of what, with the parameters, makes up the network
    _trace = _gradient = Pass  # the classes of what its passes leave behind

    def _begin(self, init, stack, rng, dtype):
        """Make the parameters, and draw the weights."""
        stack, rng = _checks.stack(stack), _checks.rng(rng)
        deviations = _checks.deviations(init, self._fans(), stack)
        shape = (*stack, sum(map(np.prod, self._shapes())))
        self._bind(np.zeros(shape, _checks.dtype(dtype)))
        for weights, deviation in zip(self.weights, deviations, strict=True):
            with np.errstate(over="ignore"):
                weights[...] = rng.standard_normal(weights.shape) * deviation
        if not np.isfinite(self._flat).all():
            raise ValueError(
                f"init is {init!r}, which overflows {self.dtype}; "
                "expected smaller numbers"
            )

    def _bind(self, flat):
        self._flat, self._stack = flat, flat.shape[:-1]
        settings = (getattr(self, name) for name in self._settings)
        self._kind = *settings, self.stack, self.dtype
        self._real = flat.real.dtype  # of x and t
        self._decays = None
        if self.weight_decay:
            self._decays = np.full(flat.shape[-1], self.weight_decay, self._real)
            for block in self.layers(self._decays):
                block[0] = 0.0  # the biases
        self._bind_views()

    @property
    def kind(self):
        """The settings, the stack and the dtype: what a trace depends on."""
        return self._kind

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
    def weight_decay(self):
        """λ of the term λ/2 Σ w² of the loss, over all weights, without the biases."""
        return self._weight_decay

    @property
    def stack(self):
        """The shape of the stack of networks that are computed together."""
        return self._stack

    @property
    def dtype(self):
        """The dtype of the parameters and of everything computed from them."""
        return self._flat.dtype

    @property
    def parameters(self):
        """All parameters, (*stack, P); assigning to it copies into place."""
        return self._flat

    @parameters.setter
    def parameters(self, values):
        values = _checks.parameters(values, self.dtype)
        if values.shape != self._flat.shape:
            raise ValueError(
                f"parameters have shape {values.shape}; expected {self._flat.shape}"
            )
        self._flat[...] = _checks.fitting(values, self.dtype)

    @property
    def weights(self):
        """Views of the parameters, a matrix (*stack, n_in, n_out) each."""
        return self._weights

    @property
    def biases(self):
        """Views of the parameters, a row (*stack, n_out) each."""
        return self._biases

    def layers(self, flat):
        """Return each layer's block of a flat array: views, (..., rows, n_out)."""
        blocks, start = [], 0
        for rows, columns in self._shapes():
            stop = start + rows * columns
            shape = (*flat.shape[:-1], rows, columns)
            blocks.append(flat[..., start:stop].reshape(shape))
            start = stop
        return tuple(blocks)

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
        parameters = _checks.parameters(parameters, self.dtype)
        count = self._flat.shape[-1]
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

    # Pickle and deepcopy would make arrays of their own of the views.

    def __getstate__(self):
        return (*(getattr(self, f"_{name}") for name in self._settings), self._flat)

    def __setstate__(self, state):
        *settings, flat = state
        for name, value in zip(self._settings, settings, strict=True):
            setattr(self, f"_{name}", value)
        self._bind(flat)

    def __repr__(self):
        words = {"activations": "activation", "loss_name": "loss"}
        told = [f"{type(self).__name__}({list(self.sizes)}"]
        for name in self._settings[1:]:
            value = getattr(self, name)
            if name == "weight_decay" and not value:
                continue
            value = list(value) if isinstance(value, tuple) else value
            told.append(f"{words.get(name, name)}={value!r}")
        told += [f"stack={self.stack}"] if self.stack else []
        return ", ".join(told) + ")"

    # The two passes, checked

    def forward(self, x, trace=None):
        """Compute every net and out, and the slopes between them.

        Parameters
        ----------
        x : array, (batch, sizes[0]), or (*stack, batch, sizes[0])
            A batch for all networks of the stack, or one batch for each.  For a
            RecurrentNetwork with the steps before the batch,
            ``(steps, batch, sizes[0])``.
        trace : Trace or RecurrentTrace, optional
            One of an earlier pass over a batch of the same shape: its arrays are
            filled again, and nothing is allocated.

        Returns
        -------
        Trace, or RecurrentTrace

        Raises
        ------
        ValueError
            When x has another width or rank, is empty, or is not finite.

        Examples
        --------
        >>> import numpy as np
        >>> import backprop_lib as bp
        >>> network = bp.Network([2, 3, 1], rng=np.random.default_rng(0))
        >>> trace = network.forward(np.ones((4, 2)))
        >>> [out.shape for out in trace.out]
        [(4, 2), (4, 3), (4, 1)]
        """
        x = self.checked_x(x)
        if trace is None:
            trace = self.new_trace(self.inputs(x))
        else:
            self._check_made("trace", self._trace, trace, x.shape)
            trace.read(x)
        self.forward_into(trace)
        trace.parameters = self._flat.tobytes()
        return trace

    def backward(self, trace, t, gradient=None):
        """Compute the derivatives of the loss by every parameter, net and out.

        Parameters
        ----------
        trace : Trace or RecurrentTrace
            Of this network's `forward`, with the parameters unchanged since.
        t : array, (batch, sizes[-1]), or (*stack, batch, sizes[-1])
            The targets.  For a RecurrentNetwork with ``loss_at="every"`` with the
            steps before the batch.
        gradient : Gradient or RecurrentGradient, optional
            One of an earlier pass of the same shape, to be filled again.

        Returns
        -------
        Gradient, or RecurrentGradient

        Raises
        ------
        ValueError
            When t has another shape, is not finite, or is no target for this loss; or
            when the trace is another network's, or the parameters have moved since.

        Examples
        --------
        >>> import numpy as np
        >>> import backprop_lib as bp
        >>> network = bp.Network([2, 3, 1], rng=np.random.default_rng(0))
        >>> trace = network.forward(np.ones((4, 2)))
        >>> gradient = network.backward(trace, np.zeros((4, 1)))
        >>> [weights.shape for weights in gradient.weights]
        [(2, 3), (3, 1)]
        """
        self._check_made("trace", self._trace, trace)
        if trace.parameters != self._flat.tobytes():
            raise ValueError(
                "the trace is of other parameters than the network has now; "
                "expected one of forward with these"
            )
        t = self.checked_t(t, trace.input_shape)
        if gradient is None:
            gradient = self.new_gradient(trace)
        else:
            self._check_made("gradient", self._gradient, gradient, trace.input_shape)
            # t may be a view of what is to be filled.
            t = t.copy()
        t = self.columns(t)
        self.backward_into(trace, t, gradient)
        self.finish(trace, t, gradient)
        return gradient

    def loss(self, x, t):
        """Return the loss, summed over the outputs and averaged over the batch.

        With ``weight_decay`` its term λ/2 Σ w² is part of it.

        Parameters
        ----------
        x, t : arrays
            As `forward` and `backward` take them.

        Returns
        -------
        float, or array (*stack) for a stack

        Raises
        ------
        ValueError
            As `forward` and `backward`.

        Examples
        --------
        >>> import numpy as np
        >>> import backprop_lib as bp
        >>> network = bp.Network([2, 1], init=0.0, rng=np.random.default_rng(0))
        >>> network.loss([[0.0, 1.0]], [[1.0]])
        0.125
        """
        trace = self.forward(x)
        t = self.checked_t(t, trace.input_shape)
        value = self.losses(trace.last, t).mean(axis=-1)
        if self._decays is not None:
            # L + λ/2 Σ w²
            value = value + (self._decays * self._flat**2).sum(axis=-1) / 2
        return value.item() if value.ndim == 0 else value

    def decay(self):
        """Return what weight decay adds to the gradient, (*stack, P).

        λ w for a weight, 0 for a bias.

        Examples
        --------
        >>> import numpy as np
        >>> import backprop_lib as bp
        >>> network = bp.Network([1, 1], weight_decay=0.1, rng=np.random.default_rng(0))
        >>> network.parameters = [5.0, 2.0]
        >>> network.decay()
        array([0. , 0.2])
        """
        if self._decays is None:
            return np.zeros_like(self._flat)
        # ∂/∂w of λ/2 w² is λ w
        return self._decays * self._flat

    def _check_made(self, name, cls, made, shape=None):
        """Refuse what a network of another kind made.

        With a shape, it is to be filled again, for inputs of that shape.
        """
        if type(made) is not cls:
            maker = {"trace": "forward", "gradient": "backward"}[name]
            _checks.instance(name, made, cls, f"{cls.__name__} that {maker} returns")
        if made.kind != self._kind:
            raise ValueError(
                f"the {name} is of a network ({', '.join(self._settings)}, stack, "
                f"dtype) {made.kind}; expected {self._kind}"
            )
        if shape is None:
            return
        if made.input_shape != shape:
            raise ValueError(
                f"the {name} is of inputs of shape {made.input_shape}; expected {shape}"
            )
        if not made.original:
            raise ValueError(
                f"the {name} is a copy, whose arrays are no longer views of each "
                "other; expected the original, to be filled again"
            )

    @abstractmethod
    def predict(self, x):
        """Return the outputs of the last layer."""

    # The same, unchecked: what training does.  `inputs` is made once, and may be cut
    # along its last axis but one, as t and what `new_last` returns.

    @abstractmethod
    def inputs(self, x):
        """Return a copy of x as a trace reads it; what is put there later is read."""

    @abstractmethod
    def examples(self, inputs):
        """Return the part of `inputs` that holds x: a view, to be filled again."""

    @abstractmethod
    def new_last(self, inputs, *lead):
        """Return a place for net and out of the last layer, (*lead, 2, ...)."""

    @abstractmethod
    def new_trace(self, inputs, scratch=None):
        """Return a trace to be filled, of these inputs.

        ``scratch`` is an earlier trace for as many examples, all of whose arrays but
        those of its two ends it may use too: the two are never needed at once.
        """

    @abstractmethod
    def new_gradient(self, trace):
        """Return a gradient to be filled, as large as this trace asks for."""

    @abstractmethod
    def forward_into(self, trace):
        """Fill the trace."""

    @abstractmethod
    def columns(self, t):
        """Return t as `backward_into` and `finish` read it: a view."""

    @abstractmethod
    def backward_into(self, trace, t, gradient):
        """Fill the gradient with all that is needed for a step."""

    @abstractmethod
    def finish(self, trace, t, gradient):
        """Fill what is left of ∂L/∂out: at the two ends, where no step needs it."""

    @abstractmethod
    def losses(self, last, t):
        """Return each example's loss, (*lead, *stack, batch), from a `new_last`."""

    @abstractmethod
    def checked_x(self, x):
        """Return x as a finite array of this network's dtype, or refuse it."""

    @abstractmethod
    def checked_t(self, t, shape):
        """Return targets that fit a trace of this shape, or refuse them."""

    # And what is private to the two

    @abstractmethod
    def _shapes(self):
        """Return the shape (1 + n_in, n_out) of each layer's block of parameters."""

    @abstractmethod
    def _fans(self):
        """Return (n_in, n_out) of each of the weights."""

    @abstractmethod
    def _bind_views(self):
        """Make the views of the parameters, and look up the functions, once."""
