"""The stage `explore` and its pictures, where a class or a category has nobody."""

import warnings

import numpy as np
import pandas as pd
import pytest
from shop import ROLES as ALL_ROLES
from shop import write_words

from stages import draw, explore
from stages.parameters.draw import Params as DrawParams
from stages.parameters.explore import Params

CUSTOMERS = 40
ROLES = ALL_ROLES.model_copy(update={"consent": None})
NUMBERS = ["pages_per_visit", "promo_share"]
CATEGORIES = ["service_tier", "favourite_category"]
PICTURES = {"numbers", "categories", "portrait", "favourite_category", "phik", "spearman"}


@pytest.fixture
def explored(tmp_path, monkeypatch):
    """Return what the stage writes for a shop, some of its columns changed, and its pictures."""
    monkeypatch.chdir(tmp_path)
    write_words(tmp_path)

    def run(**columns):
        random = np.random.default_rng(2)
        customers = pd.DataFrame(
            {
                "customer_id": np.arange(CUSTOMERS),
                "pages_per_visit": random.integers(1, 9, CUSTOMERS),
                "promo_share": random.uniform(0, 1, CUSTOMERS).round(2),
                "service_tier": random.choice(["премиум", "стандарт"], CUSTOMERS),
                "favourite_category": random.choice(["посуда", "текстиль"], CUSTOMERS),
                "monthly_profit": random.uniform(1, 6, CUSTOMERS),
                "decline": np.arange(CUSTOMERS) % 2,
            }
        ).assign(**columns)
        customers.to_parquet("data/customers.parquet")
        features = {"numbers": NUMBERS, "categories": CATEGORIES}
        setting = {"bins": 5, "collinearity_limit": 0.8}
        drawn = {
            "confidence": 0.9,
            "draw": {"histogram_bins": 5},
            "language": "ru",
            "roles": ROLES,
        }
        with warnings.catch_warnings():
            warnings.simplefilter("error", RuntimeWarning)
            warnings.simplefilter("error", UserWarning)
            explore.main(Params(confidence=0.9, features=features, explore=setting, roles=ROLES))
            draw.main(DrawParams.model_validate(drawn), "explore")
        return {path.stem: pd.read_csv(path) for path in (tmp_path / "data/explore").iterdir()}, {
            path.stem for path in (tmp_path / "plots/explore").iterdir()
        }

    return run


@pytest.mark.parametrize(
    "columns",
    [
        {},
        {"decline": 0},
        {"decline": 1},
        {"decline": [1] + [0] * (CUSTOMERS - 1)},
        {"favourite_category": "посуда", "service_tier": "премиум"},
        {"decline": [0] * 20 + [1] * 20, "service_tier": ["премиум"] * 20 + ["стандарт"] * 20},
        {"pages_per_visit": 3},
        {"pages_per_visit": 3, "promo_share": 0.25, "monthly_profit": 2.0},
        {"favourite_category": ["посуда"] + ["текстиль"] * (CUSTOMERS - 1)},
    ],
    ids=[
        "usual", "nobody declined", "all declined", "one declined", "one category",
        "no decliner in a category", "constant number", "constant numbers", "category of one",
    ],
)  # fmt: skip
def test_a_shop_where_a_class_or_a_category_has_nobody_is_explored(explored, columns):
    tables, pictures = explored(**columns)
    assert pictures == PICTURES
    assert tables["numbers"]["customers"].sum() == CUSTOMERS * len(NUMBERS)
    for column, rows in tables["categories"].groupby("column"):
        assert rows["customers"].sum() == CUSTOMERS, column
    assert tables["phik"]["column"].tolist() == ["decline", *NUMBERS, *CATEGORIES]


def test_without_decliners_there_is_no_portrait_of_them(explored):
    portrait = explored(decline=0)[0]["portrait"]
    assert portrait["declined"].isna().all()
    assert portrait["stayed"].notna().all()
    assert portrait["difference"].isna().all()


def test_a_column_that_never_varies_has_no_association(explored):
    tables, _ = explored(pages_per_visit=3)
    for name in ("phik", "spearman"):
        matrix = tables[name].set_index("column")
        assert matrix["pages_per_visit"].isna().all(), name
        assert matrix.loc["promo_share", "promo_share"] == 1


def test_missing_numbers_are_left_out_of_their_own_column_alone(explored):
    holey = [np.nan] * 3 + [0.25, 0.75] * 18 + [0.5]
    tables, pictures = explored(promo_share=holey)
    assert pictures == PICTURES
    counted = tables["numbers"].groupby("column")["customers"].sum()
    assert counted.to_dict() == {"pages_per_visit": CUSTOMERS, "promo_share": CUSTOMERS - 3}
