"""The stage `expect`, run on two months of a small store."""

import numpy as np
import pandas as pd
import pytest
from coming import write_months

from retention.harness.files import read_json, write_json
from retention.harness.parameters import load
from retention.next_month.drift import RANKED, UNSEEN
from stages.expect import main
from stages.parameters.expect import Params


@pytest.fixture
def expect(tmp_path, monkeypatch):
    """Return a function that runs the stage, and gives its metrics and its tables."""
    monkeypatch.chdir(tmp_path)

    def run():
        main(load(Params))
        tables = [pd.read_csv(f"data/expect/{name}.csv") for name in ("columns", "unseen")]
        assert (tmp_path / "plots/expect/drift.png").stat().st_size > 1000
        return read_json(tmp_path / "metrics/expect.json"), *tables

    return run


def test_a_month_that_comes_as_it_was_said(tmp_path, expect):
    month = write_months(tmp_path)
    found, columns, unseen = expect()
    assert found["customers"] == len(month)
    rate = found["expected"]["decline_rate"]
    assert rate["low"] <= month["decline"].mean() <= rate["high"]
    assert found["drift"]["tested"] == len(columns) == 16
    assert tuple(columns) == RANKED
    assert tuple(unseen) == UNSEEN
    # In the order of what it costs, what drifted before the rest.
    assert list(found["drift"]["drifted"]) == columns["column"][columns["drifted"]].tolist()
    again, *_ = expect()
    assert again == found


def test_a_column_that_moved_is_seen_and_a_new_category_named(tmp_path, expect):
    write_months(tmp_path, drift=0.0)
    file = tmp_path / "data/score/customers.parquet"
    after = pd.read_parquet(file)
    tier = np.where(np.arange(len(after)) < 7, "новый", after["service_tier"])
    after.assign(pages_per_visit=after["pages_per_visit"] + 30, service_tier=tier).to_parquet(file)
    found, columns, unseen = expect()
    assert "pages_per_visit" in found["drift"]["drifted"]
    assert found["drift"]["whole"]["drifted"]
    named = unseen.set_index(["column", "what"])
    assert named.loc[("service_tier", "new"), "value"] == "новый"
    assert named.loc[("service_tier", "new"), "customers"] == 7
    assert named.loc[("pages_per_visit", "above"), "customers"] > 100
    assert columns["column"][0] == "pages_per_visit"


def test_the_months_before_and_after_are_one_where_outcomes_are_known(tmp_path, expect):
    write_months(tmp_path)
    write_json(tmp_path / "metrics/score.json", {"known": True})
    found, columns, unseen = expect()
    assert found == {"known": True}
    assert (list(columns), len(columns)) == (list(RANKED), 0)
    assert (list(unseen), len(unseen)) == (list(UNSEEN), 0)
