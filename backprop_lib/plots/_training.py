"""How a training went: losses over the epochs, gradient norms by layer."""

import numpy as np
from matplotlib.ticker import MaxNLocator

from ._arrays import finite, numbers
from ._labels import label_ends
from ._lines import as_curves, drawable, plot, set_y
from ._style import DEPTH, GRADIENT, PALETTE, dress, styled


@styled
def draw_loss(
    ax, losses, labels=None, *, log=True, limits=None, title="", ylabel="loss $L$"
):
    """Draw losses over the epochs, each curve named at its end.

    A curve stops where the loss is no longer finite, with a cross.

    Parameters
    ----------
    ax : Axes
    losses : array (epochs,) or (epochs, curves), list of (epochs,), or dict
        Losses after each epoch; a dict maps names to arrays (epochs,), whose
        lengths may differ.
    labels : list of str, optional
        One name a curve, unless `losses` is a dict.
    log : bool
        A logarithmic axis; losses of 0 are then left out.
    limits : (low, high), optional
        Of the loss axis.
    title, ylabel : str

    Returns
    -------
    list of Line2D

    Raises
    ------
    ValueError
        If shapes or labels do not fit, or a curve has nothing to draw.

    Examples
    --------
    >>> from backprop_lib import plots
    >>> _, ax = plots.figure()
    >>> [line] = plots.draw_loss(ax, [0.5, 0.25, 0.125])
    """
    curves = as_curves("losses", losses, labels)
    shown = {name: drawable(f"losses {name}", y, log) for name, y in curves.items()}
    longest = max(y.size for y in shown.values())
    lines = plot(ax, [(np.arange(1, y.size + 1), y) for y in shown.values()])
    for line, raw in zip(lines, curves.values(), strict=True):
        _cross_where_it_stops(line, raw)
    ax.set_xlim(*((1, longest) if longest > 1 else (0.5, 1.5)))
    ax.xaxis.set_major_locator(MaxNLocator(5, integer=True, steps=[1, 2, 5, 10]))
    set_y(ax, log, limits)
    dress(ax, title, "epoch", ylabel)
    if any(isinstance(name, str) for name in curves):
        label_ends(ax, lines, curves)
    return lines


@styled
def draw_gradient_norms(ax, norms, labels=None, *, log=True, limits=None, title=""):
    """Draw the norm of each layer's gradient, at one moment or over the epochs.

    Parameters
    ----------
    ax : Axes
    norms : array (layers,) or (epochs, layers)
        Norm of the gradient with respect to ``weights[l]``, l = 0, 1, ...; a norm
        of 0 is written out, since a logarithmic axis cannot show it.
    labels : list of str, optional
        One name a layer.
    log : bool
        A logarithmic axis.
    limits : (low, high), optional
        Of the norm axis.
    title : str

    Returns
    -------
    list of Line2D

    Raises
    ------
    ValueError
        If the shape is another, or a norm is negative or not finite.

    Examples
    --------
    >>> from backprop_lib import plots
    >>> _, ax = plots.figure()
    >>> [line] = plots.draw_gradient_norms(ax, [0.001, 0.02, 0.4])
    """
    norms = finite("norms", numbers("norms", norms))
    if norms.ndim not in (1, 2) or norms.size == 0:
        raise ValueError(
            f"norms has shape {norms.shape}; expected (layers,) or (epochs, layers)"
        )
    if (norms < 0).any():
        raise ValueError(f"norms holds {norms.min():g}; expected none below 0")
    layers = norms.shape[-1]
    names = (
        [f"weights[{layer}]" for layer in range(layers)]
        if labels is None
        else list(labels)
    )
    if len(names) != layers:
        raise ValueError(
            f"there are {len(names)} labels; expected {layers}, one a layer"
        )
    draw = _norms_by_layer if norms.ndim == 1 else _norms_by_epoch
    lines = draw(ax, norms, names, log, limits)
    xlabel = "layer $l$ of weights[$l$]" if norms.ndim == 1 else "epoch"
    xlabel = "" if norms.ndim == 1 and labels is not None else xlabel
    dress(ax, title, xlabel, "norm of the gradient")
    return lines


def _cross_where_it_stops(line, raw):
    stops = np.flatnonzero(~np.isfinite(raw))
    if stops.size and stops[0] > 0:
        line.set(marker="X", markevery=[int(stops[0]) - 1], markersize=9)


def _norms_by_layer(ax, norms, names, log, limits):
    at = np.arange(norms.size)
    shown = np.where((norms > 0) | (not log), norms, np.nan)
    lines = ax.plot(at, shown, color=GRADIENT, marker="o", markersize=8)
    ax.set_xlim(-0.4, norms.size - 0.6)
    set_y(ax, log, limits)
    if names == [f"weights[{layer}]" for layer in at]:
        ax.xaxis.set_major_locator(MaxNLocator(min(9, norms.size), integer=True))
    else:
        ax.set_xticks(at, names)
    for layer in np.flatnonzero(norms == 0) if log else ():
        ax.text(
            layer,
            0.02,
            "0",
            ha="center",
            color=GRADIENT,
            weight="bold",
            transform=ax.get_xaxis_transform(),
        )
    return lines


def _norms_by_epoch(ax, norms, names, log, limits):
    epochs, layers = norms.shape
    curves = np.where((norms > 0) | (not log), norms, np.nan).T
    few = layers <= len(PALETTE)
    shades = DEPTH(np.linspace(0, 1, layers))
    styles = None if few else [{"color": c, "linewidth": 1.6} for c in shades]
    lines = plot(ax, [(np.arange(1, epochs + 1), y) for y in curves], styles)
    ax.set_xlim(*((1, epochs) if epochs > 1 else (0.5, 1.5)))
    ax.xaxis.set_major_locator(MaxNLocator(5, integer=True, steps=[1, 2, 5, 10]))
    set_y(ax, log, limits)
    named = range(layers) if few else (0, layers // 2, layers - 1)
    label_ends(ax, [lines[layer] for layer in named], [names[layer] for layer in named])
    zero = [name for name, y in zip(names, norms.T, strict=True) if not y.any()]
    if zero and log:
        ax.text(0.02, 0.02, "always 0: " + ", ".join(zero), transform=ax.transAxes)
    return lines
