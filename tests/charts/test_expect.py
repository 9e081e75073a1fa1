"""Pictures of next month are drawn for whatever it brings, the same bytes on every run."""

import numpy as np
import pandas as pd
import pytest
from imports import ROOT
from PIL import Image
from shop import TITLES

from retention.charts import expect
from retention.texts import read_texts

CONFIDENCE = 0.95


@pytest.fixture(params=["ru", "en"])
def texts(request, monkeypatch):
    monkeypatch.chdir(ROOT)
    return read_texts(request.param, TITLES)


@pytest.fixture
def table():
    return pd.DataFrame(
        {
            "column": ["promo_share", "favourite_category", "pages_per_visit"],
            "kind": ["number", "category", "number"],
            "drifted": [True, True, False],
            "decline_rate": [0.05, -0.02, 0.001],
            "roc_auc": [0.01, 0.0, np.nan],
        }
    )


def drawn(path, draw):
    """Return the picture's size, drawn twice alike."""
    draw(path)
    first = path.read_bytes()
    draw(path)
    assert path.read_bytes() == first
    with Image.open(path) as picture:
        colours = len(picture.getcolors(1 << 24))
        assert colours > 50
        return picture.size


def months():
    random = np.random.default_rng(0)
    return [
        pd.DataFrame(
            {
                "promo_share": np.where(random.random(50) < 0.1, np.nan, random.random(50)),
                "favourite_category": random.choice(kinds, 50),
                "pages_per_visit": random.integers(1, 9, 50),
            }
        )
        for kinds in (["a", "b"], ["b", "c"])
    ]


def test_what_drifted_is_drawn_by_its_cost_and_as_it_is(tmp_path, table, texts):
    path = tmp_path / "drift.png"
    both = drawn(path, lambda to: expect.drift(to, table, *months(), texts))
    quiet = table.assign(drifted=False)
    bars = drawn(path, lambda to: expect.drift(to, quiet, *months(), texts))
    assert bars[1] < both[1] - 200
    more = pd.concat([quiet] * 5, ignore_index=True)
    assert drawn(path, lambda to: expect.drift(to, more, *months(), texts))[1] > bars[1]
    shop_of_many = pd.concat([quiet] * 50, ignore_index=True)
    assert drawn(path, lambda to: expect.drift(to, shop_of_many, *months(), texts))[1] < 1000


def test_where_nothing_is_expected_a_sentence_stands(tmp_path, texts):
    assert drawn(tmp_path / "drift.png", lambda to: expect.nothing(to, texts))[1] < 100


def figure(value, low=np.nan, high=np.nan):
    return {"value": value, "low": low, "high": high}


EXPECTED = {
    "roc_auc": figure(0.9, 0.85, 0.95),
    "precision": figure(np.nan),
    "recall": figure(0.7),
    "decline_rate": figure(0.4, 0.35, 0.45),
    "called": 12,
}


def test_as_it_came(tmp_path, texts):
    names = ("roc_auc", "precision", "recall", "decline_rate")
    band = {"from": 0.0, "to": 0.5, "customers": 40, "expected": 0.1, "came": 0.2}
    ends = {"expected_low": 0.05, "expected_high": 0.15, "low": 0.1, "high": 0.35}
    found = {
        "figures": {name: {"expected": EXPECTED[name], "came": EXPECTED[name]} for name in names},
        "bands": [band | ends, band | ends | {"from": 0.5, "to": 1.0}],
    }
    drawn(tmp_path / "came.png", lambda to: expect.as_it_came(to, found, CONFIDENCE, texts))
