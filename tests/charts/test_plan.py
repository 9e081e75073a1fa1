"""The plan's pictures say what an increment is counted in."""

import pandas as pd
import pytest
from imports import ROOT
from shop import read_texts

from retention.charts import plan

TORNADO = pd.DataFrame(
    {"assumption": ["share_lost"], "at_low": [60.0], "at_high": [200.0], "swing": [140.0]}
)


@pytest.mark.parametrize(("in_money", "label"), [(True, "thousand ₽"), (False, "decliners kept")])
def test_without_a_profit_decliners_are_counted_and_no_unit_is_named(
    monkeypatch, tmp_path, in_money, label
):
    monkeypatch.chdir(ROOT)
    drawn = []
    monkeypatch.setattr(plan, "save", lambda _, figure: drawn.append(figure))
    tables = {"curve": pd.DataFrame(), "offers": pd.DataFrame(), "tornado": TORNADO}
    plan.pictures(tmp_path, tables, read_texts("en"), in_money=in_money)
    [figure] = drawn
    assert figure.axes[0].get_xlabel().endswith(label)
