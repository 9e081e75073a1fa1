"""The truth behind the demo store, and the models held against it, which never see it."""

import shutil

import numpy as np
import pandas as pd
import pytest
from imports import ROOT
from shop import CATEGORIES, NUMBERS

from retention.demo.store import draw_customers, load_statistics
from retention.demo.truth import true_probability
from retention.harness.errors import UserError
from retention.harness.files import write_parquet
from retention.models.storage import save_model
from retention.selection.pipeline import build
from stages import confront as stage
from stages.parameters.confront import Confront, Params
from stages.parameters.features import Features

FEATURES = Features(numbers=list(NUMBERS), categories=list(CATEGORIES))
FRESH = Confront(customers=1500, seed=9)


def test_the_truth_is_found_by_id_not_by_place():
    truth = pd.DataFrame({"customer_id": [7, 5, 6], "probability": [0.7, 0.5, 0.6]})
    customers = pd.DataFrame({"customer_id": [5, 7]})
    assert true_probability(customers, truth).tolist() == [0.5, 0.7]


def test_customers_without_a_truth_are_a_sentence():
    truth = pd.DataFrame({"customer_id": [5], "probability": [0.5]})
    with pytest.raises(UserError, match=r"lacks 2 of the customers"):
        true_probability(pd.DataFrame({"customer_id": [5, 6, 7]}), truth)


# The stage


@pytest.fixture(scope="module")
def store(tmp_path_factory, candidates):
    """Return a folder with a store of 400, scored as if nothing were known, and a model of it."""
    folder = tmp_path_factory.mktemp("store")
    drawn = draw_customers(400, 1, load_statistics())
    whole = [name for name in NUMBERS if (drawn[name] % 1 == 0).all()]
    customers = drawn.astype(dict.fromkeys(whole, "int64"))
    columns = (FEATURES.numbers, FEATURES.categories)
    member = build("tree", candidates["tree"], columns, 0)
    member.fit(customers[FEATURES.all], customers["decline"])
    ids = customers["customer_id"]
    write_parquet(folder / "data/customers.parquet", customers.drop(columns="probability"))
    folds = pd.DataFrame({"customer_id": ids, "group": customers.index // 2})
    scores = pd.DataFrame({"customer_id": ids, "probability": 0.4 + customers.index % 7 / 100})
    # In another order than the customers.
    write_parquet(folder / "data/folds.parquet", folds.iloc[::-1])
    write_parquet(folder / "data/scores.parquet", scores.iloc[::-1])
    (folder / "data/demo").mkdir()
    # In another order too, with one who was excluded.
    truth = pd.concat([drawn, drawn.head(1).assign(customer_id=9999)]).iloc[::-1]
    truth[["customer_id", "probability"]].to_csv(folder / "data/demo/truth.csv", index=False)
    save_model(folder / "models/model.skops", member)
    (folder / "retention/demo").mkdir(parents=True)
    shutil.copy(ROOT / "retention/demo/store.json", folder / "retention/demo/store.json")
    return folder, drawn


def run(folder, **changed):
    given = {"features": FEATURES, "confront": FRESH, "source": "data/demo"}
    stage.main(Params(**(given | changed)))
    files = [folder / f"data/confront/{name}.parquet" for name in ("own", "fresh")]
    return *(pd.read_parquet(file) for file in files), files


@pytest.fixture
def inside(store, monkeypatch):
    monkeypatch.chdir(store[0])
    return store


def test_own_customers_stand_beside_their_truth_and_the_score_of_models_that_never_saw_them(inside):
    folder, drawn = inside
    own, _, _ = run(folder)
    assert own["decline"].tolist() == drawn["decline"].tolist()
    assert own["group"].tolist() == (drawn.index // 2).tolist()
    assert own["probability"].tolist() == pytest.approx((0.4 + drawn.index % 7 / 100).tolist())
    assert own["truth"].tolist() == pytest.approx(drawn["probability"].tolist())


def test_the_model_that_ships_is_held_against_fresh_customers(inside, monkeypatch):
    folder, drawn = inside
    seen = []
    plain = stage.load_model
    monkeypatch.setattr(stage, "load_model", lambda path: seen.append(path) or plain(path))
    _, fresh, _ = run(folder)
    assert [path.as_posix() for path in seen] == ["models/model.skops"]
    assert len(fresh) == 1500
    assert fresh["group"].is_unique
    assert np.corrcoef(fresh["truth"], fresh["probability"])[0, 1] > 0.5
    assert fresh["truth"].mean() == pytest.approx(drawn["probability"].mean(), abs=0.06)
    assert fresh["decline"].mean() == pytest.approx(fresh["truth"].mean(), abs=0.04)


def test_twice_the_same_bytes_and_another_seed_other_customers(inside):
    folder, _ = inside
    files = run(folder)[-1]
    before = [file.read_bytes() for file in files]
    run(folder)
    assert [file.read_bytes() for file in files] == before
    run(folder, confront=FRESH.model_copy(update={"seed": 10}))
    assert [file.read_bytes() for file in files] != before


def test_of_a_real_store_nothing_is_known_though_the_truth_of_the_demo_lies_there(inside):
    own, fresh, _ = run(inside[0], source="data/raw")
    assert len(own) == len(fresh) == 0
    assert list(own) == list(fresh) == ["decline", "group", "probability", "truth"]
