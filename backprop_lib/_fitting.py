"""Where a mistake can be made: conditions on what a line of the pass sees."""


def is_softmax(s):
    """Whether each output depends on every net."""
    return s.f.derivative is None


def has_slope(s):
    """Whether each output has a slope of its own."""
    return not is_softmax(s)


def is_curved(s):
    """Whether the activation has a slope to be left out."""
    return s.f.name != "identity"


def is_smooth(s):
    """Whether the slope says anything else than the sign of net."""
    return s.f.name in ("sigmoid", "tanh")


def has_many(s):
    """Whether the layer has more than one neuron."""
    return s.net.shape[-1] > 1


def has_batch(s):
    """Whether there is more than one example."""
    return s.batch > 1


def is_one_step(s):
    """Whether all rows are of one step."""
    return len(set(s.step)) == 1


def broadcasts(s):
    """Whether (batch,) and (batch, 1) can be taken for each other."""
    return has_batch(s) and is_one_step(s) and s.net.shape[-1] == 1


def is_square(s):
    """Whether as many neurons hear as speak."""
    return s.inputs.shape[-1] == s.net.shape[-1]


def has_net_below(s):
    """Whether what is heard has nets."""
    return s.inputs_net is not None


def _others(s, fits):
    """Return the numbers of the other layers, above or below, that fit."""
    return [k.layer for k in s.layers[1:] if k.layer != s.layer and fits(k)]


def other_slopes(s):
    """Return the layers whose slopes would fit."""
    width = s.net.shape[-1]
    return _others(s, lambda k: k.net.shape[-1] == width and not is_softmax(k))


def other_inputs(s):
    """Return the layers whose outputs would fit as inputs."""
    width = s.inputs.shape[-1]
    fitting = [k.layer for k in s.layers if k.out.shape[-1] == width]
    return [k for k in fitting if k not in (s.layer - 1, s.layer)]


def other_signals(s):
    """Return the layers above whose error signals would fit."""
    width = s.net.shape[-1]
    return _others(s, lambda k: k.net.shape[-1] == width and k.layer > s.layer)


def other_weights(s):
    """Return the layers whose weights would fit."""
    return _others(s, lambda k: k.w.shape == s.w.shape)
