"""Sliders with a kernel: in a real JupyterLab, on this machine's own address."""

import base64
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

import nbformat
import pytest
from conftest import ROOT
from nbformat.v4 import new_code_cell, new_notebook, new_output
from test_explore_grids import with_sliders

from backprop_lib.sliders.controls import read_controls
from backprop_lib.sliders.drawing import Drawing
from backprop_lib.sliders.grid import Grid
from tools.refresh_notebooks import KERNEL

pytestmark = [pytest.mark.slow, pytest.mark.browser]

# The second figure is slow and counts its drawings; the value 3 raises in both.
CODE = """\
import time
from backprop_lib import plots
from backprop_lib.sliders import explore
drawn = []

def draw(figure, weight):
    ax = plots.panels(figure)
    ax.bar(["weight"], [12 / (weight - 3)])
    ax.set(ylim=(-12, 12), title=f"weight {weight}")

def draw_slowly(figure, epoch):
    time.sleep(0.5)
    drawn.append(epoch)
    plots.panels(figure).barh(["epoch"], [epoch])

explore(draw, weight=range(6), alt=lambda weight: f"A bar for {weight}.")"""
SLOW = 'explore(draw_slowly, epoch=range(20), alt=lambda epoch: f"Epoch {epoch}.")'
# For the tests of questions, which share this JupyterLab
ASK = """\
from backprop_lib.exercises import ask
ask("ex-neuron-input")"""
CHOOSE = 'ask("ex-neuron-factor")'
DRAWN = 'print(f"drawn: {drawn}")'


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def write(folder, name, *cells, outputs=()):
    notebook = new_notebook(
        cells=[new_code_cell(cell) for cell in cells], metadata={"kernelspec": KERNEL}
    )
    notebook.cells[-1].outputs = list(outputs)
    nbformat.write(notebook, folder / f"{name}.ipynb")


def as_saved():
    """Return the output of a slider that another reader ran, whose kernel is gone."""
    grid = Grid(read_controls({"weight": [1, 2]}))
    drawing = Drawing(grid, lambda figure, weight: figure.text(0, 0, "A"), None, (4, 3))
    widget = {"version_major": 2, "version_minor": 0, "model_id": "0" * 32}
    view = {"application/vnd.jupyter.widget-view+json": widget}
    picture = base64.b64encode(drawing.still).decode()
    data = view | {"image/png": picture, "text/plain": "words"}
    return new_output("execute_result", data=data, execution_count=1)


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """Start JupyterLab on a folder of notebooks; give its address."""
    home = tmp_path_factory.mktemp("lab")
    folder = home / "chapters"
    shutil.copytree(ROOT / "chapters", folder)
    write(folder, "good", CODE)
    write(folder, "slow", CODE, SLOW)
    write(folder, "ask", ASK, CHOOSE)
    write(folder, "given", CODE, outputs=[as_saved()])
    port = free_port()
    command = [
        *(sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root"),
        *("--ServerApp.ip=127.0.0.1", f"--ServerApp.port={port}"),
        *("--ServerApp.port_retries=0", f"--ServerApp.root_dir={folder}"),
        *("--IdentityProvider.token=", "--LabApp.expose_app_in_browser=True"),
        *("--LabApp.news_url=None", "--LabApp.extension_manager=readonly"),
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    ]
    own = (
        "JUPYTER_CONFIG_DIR",
        "JUPYTER_DATA_DIR",
        "JUPYTER_RUNTIME_DIR",
        "IPYTHONDIR",
    )
    places = {name: str(home / name.lower()) for name in own}
    environment = os.environ | places | {"JUPYTER_PREFER_ENV_PATH": "1"}
    log = home / "log"
    with open(log, "w") as file:
        server = subprocess.Popen(
            command, stdout=file, stderr=file, stdin=subprocess.DEVNULL, env=environment
        )
    address = f"http://127.0.0.1:{port}"
    try:
        wait_for(f"{address}/api/status", server, log)
        yield address
    finally:
        server.terminate()
        server.wait(timeout=30)


def wait_for(url, server, log):
    for _ in range(240):
        try:
            return urllib.request.urlopen(url, timeout=5).close()
        except (urllib.error.URLError, ConnectionError):
            assert server.poll() is None, log.read_text()
            time.sleep(0.5)
    pytest.fail(f"JupyterLab did not start:\n{log.read_text()}")


class Notebook:
    """A notebook, open in JupyterLab, and run unless it is only to be read."""

    def __init__(self, context, address, name, run=True):
        self.page = page = context.new_page()
        page.set_default_timeout(120_000)
        self.foreign = []
        page.on("request", lambda request: self._note(request.url, address))
        page.goto(f"{address}/lab/tree/{name}.ipynb?reset")
        page.locator(".jp-Notebook .jp-Cell").first.wait_for()
        self.wait_for_kernel()
        if run:
            command = "notebook:run-all-cells"
            page.evaluate(f"jupyterapp.commands.execute({command!r})")

    def _note(self, url, address):
        if not url.startswith(
            (address, address.replace("http", "ws"), "data:", "blob:")
        ):
            self.foreign.append(url)

    def wait_for_kernel(self):
        self.page.wait_for_function("window.jupyterapp?.restored !== undefined")
        self.page.evaluate(
            """async () => {
              const {sessionContext} = jupyterapp.shell.currentWidget;
              await sessionContext.ready;
              await sessionContext.session.kernel.info;
            }"""
        )

    def figure(self, at=0):
        box = self.page.locator(".jp-OutputArea .widget-vbox").nth(at)
        box.scroll_into_view_if_needed()
        return box, box.locator("img"), box.get_by_role("slider").first

    def pictures(self):
        return self.page.locator(".jp-OutputArea-output img")

    def says(self, box, text):
        box.get_by_role("status").filter(has_text=text).wait_for(state="attached")


@pytest.fixture
def notebook(lab, browser):
    """Return a function that opens and runs a notebook."""
    context = browser.new_context(viewport={"width": 1280, "height": 1000})
    yield lambda name, **options: Notebook(context, lab, name, **options)
    context.close()


def test_a_slider_moves_the_picture(notebook):
    open_one = notebook("good")
    box, image, slider = open_one.figure()
    open_one.says(box, "A bar for 0.")
    before = image.screenshot()
    slider.press("ArrowRight")
    open_one.says(box, "A bar for 1.")
    assert image.screenshot() != before
    assert open_one.pictures().count() == 1
    assert box.locator(".widget-readout").inner_text() == "1"
    assert open_one.foreign == []


def test_a_notebook_of_someone_else_shows_the_picture(notebook):
    open_one = notebook("given", run=False)
    open_one.pictures().wait_for()
    assert open_one.pictures().count() == 1
    assert open_one.page.get_by_text("Error displaying widget").count() == 0


def test_an_exception_is_shown_where_the_picture_was(notebook):
    open_one = notebook("good")
    box, image, slider = open_one.figure()
    slider.focus()
    for _ in range(3):
        slider.press("ArrowRight")
    box.get_by_text("draw failed at weight = 3: ZeroDivisionError").wait_for()
    assert not image.is_visible()
    slider.press("ArrowRight")
    open_one.says(box, "A bar for 4.")
    assert image.is_visible()
    assert box.get_by_role("alert").count() == 0


def test_fast_moves_are_gathered_and_the_last_is_shown(notebook):
    open_one = notebook("slow")
    box, _, slider = open_one.figure(1)
    slider.focus()
    for _ in range(19):
        slider.press("ArrowRight")
    open_one.says(box, "Epoch 19.")
    page = open_one.page
    page.evaluate(
        """code => {
          const {content} = jupyterapp.shell.currentWidget;
          content.model.sharedModel.addCell({cell_type: "code", source: code});
          content.activeCellIndex = content.widgets.length - 1;
          return jupyterapp.commands.execute("notebook:run-cell");
        }""",
        DRAWN,
    )
    drawn = page.get_by_text(re.compile(r"^drawn: \[")).last
    numbers = [int(n) for n in re.findall(r"\d+", drawn.inner_text())]
    assert numbers[0] == 0
    assert numbers[-1] == 19
    assert numbers == sorted(set(numbers))
    assert len(numbers) < 20


def test_a_chapter_of_the_book_is_live(notebook):
    for path in with_sliders()[:1]:
        _, image, slider = notebook(path.stem).figure()
        before = image.get_attribute("src"), image.screenshot()
        slider.press("ArrowRight")
        slider.page.wait_for_function(
            "([image, before]) => image.src !== before",
            arg=[image.element_handle(), before[0]],
        )
        assert image.screenshot() != before[1]
