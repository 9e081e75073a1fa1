"""The demo's customers answer offers: as declared, by type, and independently of one another."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from shop import CONTRACT

from retention.demo.answers import Prices, as_drawn, draw_answers, hidden_types, load_answers
from retention.demo.store import STATISTICS_FILE, draw_customers, load_statistics
from retention.harness.errors import UserError

N = 6000
STATISTICS = load_statistics()
DECLARED = replace(load_answers(), missing=0.0, not_contacted=0.0, contaminated=0.0, noise=0.0)
PRICES = Prices({"cart_discount": 0.4, "promo_discount": 0.4, "simpler_site": 0.0}, 3.0)


@pytest.fixture(scope="module")
def drawn():
    """Give customers, and the outcomes that they would have without any offer."""
    customers = draw_customers(N, 5, STATISTICS)
    customers["customer_id"] = customers["customer_id"].astype(str)
    return customers, customers[["customer_id", "decline"]]


def listed(customers, offer="cart_discount", group="contact", channel="message"):
    given = {"offer": offer, "group": group, "channel": channel}
    return customers[["customer_id"]].assign(profit=customers["monthly_profit"], **given)


def answers(drawn, table, declared=DECLARED, seed=3):
    return draw_answers(table, drawn[0], drawn[1], PRICES, declared, STATISTICS, seed)


def by_id(table, drawn):
    return table.merge(drawn[1], on="customer_id", suffixes=("", "_before"))


def test_who_gets_nothing_does_what_would_have_happened_anyway(drawn):
    found = by_id(answers(drawn, listed(drawn[0], group="control")), drawn)
    assert not found["contacted"].any()
    assert (found["decline"] == found["decline_before"]).all()
    profit = listed(drawn[0]).set_index("customer_id")["profit"].loc[found["customer_id"]]
    left = 1 - DECLARED.share_lost * found["decline"]
    assert np.allclose(found["profit"], profit.to_numpy() * left)


def test_one_offer_works_one_does_not_and_one_does_harm(drawn):
    changes = {}
    for offer in DECLARED.offers:
        found = by_id(answers(drawn, listed(drawn[0], offer)), drawn)
        stayed, declined = (found[found["decline_before"] == label] for label in (0, 1))
        changes[offer] = (1 - declined["decline"].mean(), stayed["decline"].mean())
    assert changes["cart_discount"][0] > 0.3
    assert changes["cart_discount"][1] == 0
    assert changes["promo_discount"] == (0, 0)
    harm = DECLARED.offers["simpler_site"].harm * DECLARED.noticed["message"]
    assert changes["simpler_site"][0] == 0
    assert changes["simpler_site"][1] == pytest.approx(harm, abs=0.03)


def test_the_effect_differs_by_hidden_type(drawn):
    customers, truth = drawn
    luck = np.random.default_rng(0).random(N)
    declined = (truth["decline"] == 1).to_numpy()
    kinds = hidden_types(customers, declined, STATISTICS, luck)
    assert set(kinds) == {0, 1, 2}
    # Whoever declines is rarely of the steady type, and whoever doesn't mostly is.
    assert (kinds[declined] == 0).mean() < 0.5 < (kinds[~declined] == 0).mean()
    shares = DECLARED.offers["cart_discount"].kept
    assert len(set(shares)) == 3


def test_nobodys_answer_depends_on_who_else_is_listed(drawn):
    table = listed(drawn[0])
    everybody = answers(drawn, table).set_index("customer_id")
    some = answers(drawn, table.iloc[::7].sample(frac=1, random_state=1)).set_index("customer_id")
    pd.testing.assert_frame_equal(everybody.loc[some.index], some)
    other = answers(drawn, table, seed=4).set_index("customer_id")
    assert (other["decline"] != everybody["decline"]).any()


def test_whoever_takes_an_offer_costs_what_the_shop_pays(drawn):
    free = Prices({"cart_discount": 0.0}, 3.0)
    table = listed(drawn[0])
    dear = answers(drawn, table)
    cheap = draw_answers(table, *drawn, free, DECLARED, STATISTICS, 3)
    less = (cheap["profit"] - dear["profit"]).to_numpy()
    taken = less > 1e-9
    assert np.allclose(less[taken], 0.4 / 3)
    assert 0 < taken.mean() < DECLARED.noticed["message"]


def test_the_campaign_goes_a_little_wrong_as_campaigns_do(drawn):
    declared = load_answers()
    table = listed(drawn[0])
    table["group"] = np.where(np.arange(N) % 3 == 0, "control", "contact")
    found = answers(drawn, table, declared).merge(table, on="customer_id")
    assert 1 - len(found) / N == pytest.approx(declared.missing, abs=0.01)
    reached = found.groupby("group")["contacted"].mean()
    assert reached["contact"] == pytest.approx(1 - declared.not_contacted, abs=0.02)
    assert reached["control"] == pytest.approx(declared.contaminated, abs=0.01)


def test_customers_whom_the_demo_does_not_know_are_told(drawn):
    table = listed(drawn[0])
    table.loc[5, "customer_id"] = "nobody"
    with pytest.raises(UserError, match="the list has the customer nobody, whom the demo store"):
        answers(drawn, table)


def test_categories_are_written_as_the_simulator_knows_them():
    repaired = pd.DataFrame({"favourite_category": ["Косметика и аксессуары", "Кухонная посуда"]})
    known = set(STATISTICS.kinds[0].categories)
    assert not set(repaired["favourite_category"]) <= known
    assert set(as_drawn(repaired, CONTRACT.repairs)["favourite_category"]) <= known


def test_a_file_without_the_answers_is_told(tmp_path):
    content = json.loads(STATISTICS_FILE.read_text(encoding="utf-8"))
    del content["answers"]["others"]
    file = tmp_path / "store.json"
    file.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(UserError, match=r"store\.json does not hold the answers"):
        load_answers(file)
