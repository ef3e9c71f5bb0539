"""The sigmoid as a SymPy function."""

import mpmath
from sympy import Function, Integer, S, exp, tanh

from .printing import BookLatexPrinter


def _sigmoid_value(net):
    """Return 1 / (1 + exp(-net)) without overflow: NumPy arrays, floats, mpmath."""
    if isinstance(net, (mpmath.mpf, mpmath.mpc)):
        return 1 / (1 + mpmath.exp(-net))
    import numpy as np

    net = np.asarray(net)
    positive = net.real >= 0
    # exp(-|net|) is at most 1, so neither form overflows.
    tail = np.exp(np.where(positive, -net, net))
    return np.where(positive, 1, tail)[()] / (1 + tail[()])


class sigmoid(Function):
    r"""The logistic sigmoid, shown as :math:`\sigma(net) = 1 / (1 + e^{-net})`.

    It differentiates to :math:`\sigma(net)\,(1 - \sigma(net))`, evaluates to any
    number of digits, rewrites to `exp` or `tanh`, and turns into NumPy code that
    does not overflow.

    Examples
    --------
    >>> from sympy import exp, symbols
    >>> net = symbols("net", real=True)
    >>> sigmoid(net).diff(net)
    (1 - sigmoid(net))*sigmoid(net)
    >>> sigmoid(net).rewrite(exp)
    1/(1 + exp(-net))
    >>> sigmoid(0), sigmoid(1).evalf(30)
    (1/2, 0.731058578630004879251159241822)
    """

    nargs = 1
    _imp_ = staticmethod(_sigmoid_value)

    @classmethod
    def eval(cls, net):
        if net.is_zero:
            return S.Half
        if net is S.Infinity:
            return S.One
        if net is S.NegativeInfinity:
            return S.Zero
        return None

    def fdiff(self, argindex=1):
        # σ'(net) = σ(net) (1 - σ(net))
        return self * (1 - self)

    def _eval_is_real(self):
        return self.args[0].is_extended_real

    def _eval_is_positive(self):
        return self.args[0].is_real

    def _eval_evalf(self, prec):
        # Guard bits: a large exponent takes digits from the argument.
        net = self.args[0]._eval_evalf(prec + 20)
        if net is None or not net.is_number:
            return None
        return (1 / (1 + exp(-net)))._eval_evalf(prec + 20)._eval_evalf(prec)

    def _eval_rewrite_as_exp(self, net, **kwargs):
        return 1 / (1 + exp(-net))

    def _eval_rewrite_as_tanh(self, net, **kwargs):
        return (1 + tanh(net / 2)) / Integer(2)

    def _latex(self, printer, exp=None):
        if not isinstance(printer, BookLatexPrinter):
            printer = BookLatexPrinter()
        power = "" if exp is None else f"^{{{exp}}}"
        return rf"\sigma{power}\left({printer._print(self.args[0])}\right)"
