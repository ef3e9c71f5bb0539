"""The kernels that run the pages, started with the project's Jupyter settings.

MyST-NB passes no settings on to the client that starts them. They stand beside this
file, in jupyter_config.json, where JupyterLab and the tools read them too.
"""

from functools import partial
from pathlib import Path

from myst_nb.core.execute import direct
from traitlets.config.loader import JSONFileConfigLoader

SETTINGS = JSONFileConfigLoader(
    "jupyter_config.json", path=str(Path(__file__).parent)
).load_config()


def setup(app):
    """Let MyST-NB start kernels with these settings."""
    if not isinstance(direct.single_nb_execution, partial):
        direct.single_nb_execution = partial(
            direct.single_nb_execution, config=SETTINGS
        )
    return {"parallel_read_safe": True, "parallel_write_safe": True}
