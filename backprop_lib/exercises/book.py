"""What the exercises and whoever builds the book agree on.

The builder sets the environment variable `SWITCH`, which its kernels inherit, to
`PAGE` where a page can hold a form.
"""

SWITCH = "BACKPROP_EXERCISES"
PAGE = "page"
