"""What the sliders and whoever builds the book agree on.

The builder sets the environment variable `SWITCH`, which its kernels inherit, to the
folder for the frames, or to `STILL` where a page shows no more than a picture. In
the HTML that `explore` then gives, `FRAMES` and a name stand for the frames' folder:
only the builder knows the way there from the page.
"""

SWITCH = "BACKPROP_SLIDERS"
STILL = "still"
FRAMES = "backprop-frames:"
