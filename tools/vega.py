"""Write templates/plots.html, the page of `dvc plots show` and `diff`, with Vega inside.

DVC's own page loads Vega from the network, and stays blank without one. `python -m tools.vega`
needs vl-convert-python, which nothing else does: `pip install vl-convert-python`.
"""

import importlib

from retention.harness.files import write_bytes
from tools.tables import ROOT

TARGET = ROOT / "templates" / "plots.html"
VEGA_LITE = "5.21"  # that of the templates in .dvc/plots/ and of DVC's own
PAGE = """<!DOCTYPE html>
<html>
<head>
<meta charset="utf-8">
{{refresh_tag}}
<title>DVC plots</title>
<style>
body {{ font-family: sans-serif; }}
table {{ border-spacing: 15px; }}
/* Pictures of all revisions side by side, whatever the width of the window. */
div:has(> div > img) {{ display: flex; flex-wrap: wrap; white-space: normal !important; }}
div:has(> div > img) > p {{ width: 100%; }}
div:has(> img) {{ flex: 1 1 0; min-width: 0; }}
img {{ max-width: 100%; height: auto; }}
</style>
<!-- Vega, Vega-Lite and Vega-Embed (BSD-3-Clause, https://vega.github.io), by tools/vega.py -->
<script>
(() => {{
{bundle}
}})();
</script>
</head>
<body>
{{plot_divs}}
</body>
</html>
"""


def main() -> None:
    """Write the page."""
    vl_convert = importlib.import_module("vl_convert")

    bundle = vl_convert.javascript_bundle(vl_version=VEGA_LITE)
    for mark in ("</script", "{plot_divs}", "{scripts}", "{refresh_tag}"):
        if mark in bundle:
            raise ValueError(f"{mark} in the bundle would break the page")
    write_bytes(TARGET, PAGE.format(bundle=bundle.strip()).encode("utf-8"))


if __name__ == "__main__":
    main()
