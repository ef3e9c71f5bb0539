"""What a cell prints in pieces, shown as one text.

A kernel sends what is printed every fifth of a second, wherever the line stands.
MyST-NB 1.4 ends the line after every piece; joined first, there is only one piece.
"""

from functools import wraps

from myst_nb.core import render


def joined(outputs):
    """Return a cell's outputs with each stream's pieces in its first one."""
    whole, streams = [], {}
    for output in outputs or []:
        first = streams.get(output.get("name"))
        if output["output_type"] == "stream" and first is not None:
            first["text"] += output["text"]
            continue
        if output["output_type"] == "stream":
            streams[output["name"]] = output
        whole.append(output)
    return whole


def merge_whole(merge):
    """Return `merge`, given streams whose pieces are joined."""

    @wraps(merge)
    def merged(outputs):
        return merge(joined(outputs))

    return merged


def setup(app):
    """Let MyST-NB merge whole streams."""
    if not hasattr(render.coalesce_streams, "__wrapped__"):
        render.coalesce_streams = merge_whole(render.coalesce_streams)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
