"""The page of `dvc plots` needs no network."""

import re
import shutil
import subprocess

import pytest
from dvc_render.html import render_html
from dvc_render.vega import VegaRenderer
from imports import ROOT

BROWSER = next(filter(None, map(shutil.which, ("chromium-headless-shell", "chromium"))), None)


@pytest.fixture
def page(tmp_path):
    """Give a page of two plots, as DVC writes it with the template that its config names."""
    config = (ROOT / ".dvc/config").read_text(encoding="utf-8")
    template = ROOT / ".dvc" / re.search(r"html_template = (\S+)", config)[1]
    points = [{"x": n, "y": n * n, "rev": rev} for n in range(9) for rev in ("main", "other")]
    plots = [
        VegaRenderer(points, name, template="linear", x="x", y="y", title="Доля")
        for name in ("first", "second")
    ]
    file = tmp_path / "index.html"
    render_html(plots, file, html_template=template)
    return file


def test_nothing_is_loaded_from_elsewhere(page):
    text = page.read_text(encoding="utf-8")
    assert not re.search(r"<(script|link|img)[^>]*(src|href)=.?https?:", text)
    assert 'charset="utf-8"' in text
    assert text.count("vegaEmbed(") >= 2
    assert not re.search(r"\{(plot_divs|refresh_tag|scripts)\}", text)


@pytest.mark.skipif(BROWSER is None, reason="there is no Chromium")
def test_a_browser_draws_every_plot(page):
    options = ["--no-sandbox", "--disable-gpu", "--virtual-time-budget=10000", "--dump-dom"]
    options += ["--host-resolver-rules=MAP * ~NOTFOUND"]  # no network
    drawn = subprocess.run(
        [BROWSER, *options, page.as_uri()], capture_output=True, check=True, timeout=60
    ).stdout.decode("utf-8")
    assert len(re.findall(r"<canvas[^>]*marks|<svg[^>]*marks", drawn)) == 2
