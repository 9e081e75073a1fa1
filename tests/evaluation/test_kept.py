"""What of the outer folds is kept in git: no ids, small, the same bytes, and enough to compare."""

import re

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

from retention.evaluation.kept import kept_table, read_kept, split_names
from retention.evaluation.outer import Outer
from retention.evaluation.splits import probability_figures

FOLDS, REPEATS = 5, 3


def case(n=300, seed=0, first=215_000):
    random = np.random.default_rng(seed)
    groups = np.arange(n) // 2
    decline = np.repeat(random.integers(0, 2, -(-n // 2)), 2)[:n]
    fold = np.stack([random.permutation(groups.max() + 1)[groups] % FOLDS for _ in range(REPEATS)])
    probability = expit(random.normal(1.5 * (2 * decline - 1), 1.5, (REPEATS, n)))
    customers = pd.DataFrame(
        {
            "customer_id": first + np.arange(n),
            "pages": random.integers(1, 20, n),
            "decline": decline,
        }
    )
    return customers, Outer(decline, groups, fold), probability


def kept(customers, outer, probability):
    return kept_table(customers, customers["customer_id"], outer, probability, probability > 0.5)


def test_what_is_read_back_gives_the_same_figures(tmp_path):
    customers, outer, probability = case()
    table, _ = kept(customers, outer, probability)
    table.to_csv(tmp_path / "outer.csv", index=False)
    back = read_kept(pd.read_csv(tmp_path / "outer.csv", dtype={"row": str}))
    assert (back.called == (probability > 0.5)).all()
    assert back.outer.folds == FOLDS
    before, after = (probability_figures(p, outer) for p in (probability, back.probability))
    for name, values in before.items():
        assert after[name] == pytest.approx(values, abs=1e-3), name
    assert split_names(outer)[["repeat", "fold"]].iloc[[0, -1]].to_numpy().tolist() == [
        [1, 0],
        [REPEATS, FOLDS - 1],
    ]


def test_no_id_is_kept_and_none_can_be_recognised():
    customers, outer, probability = case()
    table, prints = kept(customers, outer, probability)
    text = table.to_csv(index=False) + str(prints)
    assert not set(re.findall(r"\b\d{6}\b", text)) & set(customers["customer_id"].astype(str))
    # A print of the id alone could be found by trying all ids: the same customer with another
    # column has another print.
    other, _ = kept(customers.assign(pages=customers["pages"] + 1), outer, probability)
    assert not set(table["row"]) & set(other["row"])


def test_prints_tell_customers_outcomes_and_folds_apart():
    customers, outer, probability = case()
    _, prints = kept(customers, outer, probability)
    assert kept(customers, outer, probability)[1] == prints
    changed = kept(customers.assign(pages=0), outer, probability)[1]
    assert changed == prints, "other columns are no other customers"
    _, others, _ = case(seed=1)
    folds = Outer(outer.decline, outer.groups, others.fold)
    assert kept(customers, folds, probability)[1]["customers"] == prints["customers"]
    assert kept(customers, folds, probability)[1]["folds"] != prints["folds"]
    outcomes = Outer(1 - outer.decline, outer.groups, outer.fold)
    assert kept(customers, outcomes, probability)[1]["customers"] != prints["customers"]
    ids = customers.assign(customer_id=customers["customer_id"] + 1)
    assert kept(ids, outer, probability)[1]["customers"] != prints["customers"]


def test_of_a_large_store_whole_groups_are_kept_and_the_file_stays_small():
    customers, outer, probability = case(n=9000)
    table, _ = kept(customers, outer, probability)
    assert len(table.to_csv(index=False)) < 200_000
    assert 2400 < len(table) <= 2500
    assert (table["group"].value_counts() == 2).all()
    assert table["declined"].mean() == pytest.approx(outer.decline.mean(), abs=0.05)
    again, _ = kept(customers.assign(pages=0), outer, probability)
    assert again["group"].tolist() == table["group"].tolist()
