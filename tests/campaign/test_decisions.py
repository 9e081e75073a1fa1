"""What a ranking is worth, against sums written out, numerical integration and hand cases."""

import math

import numpy as np
import pytest
from scipy import integrate, stats

from retention.campaign.decisions import empc, gain_table, hull_segments, precision_at

COLUMNS = [
    "share",
    "customers",
    "threshold",
    "precision",
    "recall",
    "lift",
    "expected_increment",
    "realised_increment",
    "waste",
]


def profit(p, value, offer, contact, kept):
    return p * (kept * (value - offer) - contact) - (1 - p) * (offer + contact)


def worth(decline, probability, value, offer, contact) -> dict[str, np.ndarray]:
    """Return what a gain table is made of, where an offer keeps 0.3 and costs who stays anyway."""
    return {
        "decline": decline,
        "probability": probability,
        "expected": profit(probability, value, offer, contact, 0.3),
        "realised": profit(decline, value, offer, contact, 0.3),
        "waste": (1 - probability) * (offer + contact),
    }


def customers(n: int, seed: int, *, equal: bool = False) -> dict[str, np.ndarray]:
    """Return customers with calibrated probabilities, and outcomes drawn from them.

    Their probabilities are rounded, and they are worth the same, where they are to be `equal`.
    """
    random = np.random.default_rng(seed)
    probability = random.beta(0.8, 1.2, n)
    decline = (random.random(n) < probability).astype(np.int64)
    value, offer, contact = (
        random.uniform(3, 20, n),
        random.choice([0.2, 0.4, 1.0], n),
        random.choice([0.0, 0.01, 0.1], n),
    )
    if equal:
        probability = probability.round(1)
        value, offer, contact = (np.full(n, amount) for amount in (12.0, 0.4, 0.01))
    return worth(decline, probability, value, offer, contact)


def test_a_gain_table_worked_out_by_hand():
    # A decliner brings 0.3·10 − 0.5 = 2.5, another costs 1.5: together 4p − 1.5.
    table = gain_table(
        **worth(
            np.array([0, 1, 0, 1]),
            np.array([0.2, 0.9, 0.6, 0.4]),
            np.full(4, 11.0),
            np.full(4, 1.0),
            np.full(4, 0.5),
        )
    )
    assert table.columns.tolist() == COLUMNS
    assert len(table) == 100
    rows = table.set_index((table["share"] * 100).round().astype(int))
    assert rows["customers"].loc[[1, 25, 26, 50, 51, 75, 76, 100]].tolist() == [
        1, 1, 2, 2, 3, 3, 4, 4,
    ]  # fmt: skip
    quarters = rows.loc[[25, 50, 75, 100]]
    for name, values in {
        "threshold": [0.9, 0.6, 0.4, 0.2],
        "precision": [1, 1 / 2, 2 / 3, 1 / 2],
        "recall": [1 / 2, 1 / 2, 1, 1],
        "lift": [2, 1, 4 / 3, 1],
        "expected_increment": [2.1, 3.0, 3.1, 2.4],
        "realised_increment": [2.5, 1.0, 3.5, 2.0],
        "waste": [0.15, 0.75, 1.65, 2.85],
    }.items():
        assert quarters[name].tolist() == pytest.approx(values), name


@pytest.mark.parametrize("order_by", ["probability", "expected_increment"])
def test_a_gain_table_is_the_sum_over_the_contacted(order_by):
    data = customers(137, 1)
    table = gain_table(**data, order_by=order_by)
    people = [dict(zip(data, values, strict=True)) for values in zip(*data.values(), strict=True)]
    key = "probability" if order_by == "probability" else "expected"
    people.sort(key=lambda person: person[key], reverse=True)
    declines = sum(person["decline"] for person in people)
    for percent, row in enumerate(table.to_dict("records"), start=1):
        part = people[: math.ceil(percent * 137 / 100)]
        found = sum(person["decline"] for person in part)
        assert row["share"] == percent / 100
        assert row["customers"] == len(part)
        assert row["threshold"] == pytest.approx(part[-1][key])
        assert row["precision"] == pytest.approx(found / len(part))
        assert row["recall"] == pytest.approx(found / declines)
        assert row["lift"] == pytest.approx(found / len(part) / (declines / 137))
        for column, name in (
            ("expected_increment", "expected"),
            ("realised_increment", "realised"),
            ("waste", "waste"),
        ):
            assert row[column] == pytest.approx(sum(person[name] for person in part)), column


@pytest.mark.parametrize("seed", range(5))
def test_contacting_who_is_worth_it_brings_the_most(seed):
    data = customers(100, seed)
    table = gain_table(**data, order_by="expected_increment")
    pays = data["expected"] > 0
    best = table.loc[table["expected_increment"].idxmax()]
    assert best["customers"] == pays.sum()
    assert best["expected_increment"] == pytest.approx(data["expected"][pays].sum())
    assert (table.loc[table["customers"] <= pays.sum(), "threshold"] > 0).all()
    assert (table.loc[table["customers"] > pays.sum(), "threshold"] <= 0).all()
    # And no order by probability has more, at any share.
    by_probability = gain_table(**data)["expected_increment"]
    assert (by_probability <= table["expected_increment"] + 1e-9).all()
    assert by_probability.iat[-1] == pytest.approx(table["expected_increment"].iat[-1])


def test_the_realised_increment_is_the_expected_one_when_probabilities_are_true():
    gaps = []
    for seed in range(100):
        table = gain_table(**customers(200, seed), order_by="expected_increment")
        gap = table["realised_increment"] - table["expected_increment"]
        gaps.append(gap.iloc[[9, 39, 99]])
    gaps = np.array(gaps)
    assert (abs(gaps.mean(axis=0)) < 4 * gaps.std(axis=0) / 10).all()


def test_upside_down_probabilities_find_fewer_and_realise_less():
    data = customers(300, 2)
    right = gain_table(**data)
    wrong = gain_table(**data | {"probability": 1 - data["probability"]})
    early = slice(0, 60)
    for name in ("precision", "recall", "lift", "realised_increment"):
        assert (right[name][early] > wrong[name][early]).all(), name
    assert (right["lift"][early] > 1).all()
    assert (wrong["lift"][early] < 1).all()


@pytest.mark.parametrize("order_by", ["probability", "expected_increment"])
def test_a_cut_through_ties_does_not_follow_the_order_of_the_rows(order_by):
    data = customers(90, 3, equal=True)
    by_class = np.argsort(-data["decline"], kind="stable")
    table = gain_table(**data, order_by=order_by)
    again = gain_table(
        **{name: values[by_class] for name, values in data.items()}, order_by=order_by
    )
    np.testing.assert_allclose(table, again)
    # No order at all: every list has the rate of all.
    same = {**data, "probability": np.full(90, 0.4), "expected": np.full(90, 1.0)}
    assert gain_table(**same, order_by=order_by)["lift"].tolist() == pytest.approx([1] * 100)


def test_without_declines_recall_and_lift_are_missing():
    data = customers(50, 4) | {"decline": np.zeros(50, dtype=np.int64)}
    table = gain_table(**data)
    assert table[["recall", "lift"]].isna().all(axis=None)
    assert (table["precision"] == 0).all()


def test_another_order_is_refused():
    with pytest.raises(ValueError, match="not 'profit'"):
        gain_table(**customers(5, 1), order_by="profit")


def test_precision_at_a_number_of_customers():
    decline = np.array([0, 1, 1, 0, 0])
    probability = np.array([0.1, 0.9, 0.7, 0.8, 0.3])
    found = precision_at(decline, probability, 3)
    assert found["value"] == pytest.approx(2 / 3)
    z = 1.959963984540054
    centre, n = 2 / 3 + z**2 / 6, 3
    reach = z * math.sqrt(2 / 9 / n + z**2 / (4 * n**2))
    assert found["low"] == pytest.approx((centre - reach) / (1 + z**2 / n))
    assert found["high"] == pytest.approx((centre + reach) / (1 + z**2 / n))
    wider = precision_at(decline, probability, 3, confidence=0.99)
    assert wider["low"] < found["low"] < found["high"] < wider["high"]
    assert precision_at(decline, 1 - probability, 2)["value"] == 0
    assert math.isnan(precision_at(decline, probability, 0)["value"])
    # Tied at the cut: 1 for sure and two of {1, 1, 0, 0}, whatever the order of the rows.
    tied = precision_at(np.array([1, 1, 1, 0, 0]), np.array([0.9, 0.5, 0.5, 0.5, 0.5]), 3)
    assert tied["value"] == pytest.approx(2 / 3)
    for wrong in (-1, 6):
        with pytest.raises(ValueError, match="of 5 customers"):
            precision_at(decline, probability, wrong)


def paper_profit(decline, score, clv, offer, contact, gamma):
    """Return P(t; γ) and the share contacted, for all thresholds t and nobody: (thresholds, γ)."""
    delta, phi = offer / clv, contact / clv
    pi0, pi1 = np.mean(decline == 1), np.mean(decline == 0)
    thresholds = [np.inf, *np.unique(score)]
    f0 = np.array([np.mean(score[decline == 1] >= t) for t in thresholds])[:, None]
    f1 = np.array([np.mean(score[decline == 0] >= t) for t in thresholds])[:, None]
    profit = clv * (gamma * (1 - delta) - phi) * pi0 * f0 - clv * (delta + phi) * pi1 * f1
    return profit, (pi0 * f0 + pi1 * f1)[:, 0]


SETTINGS = [
    (12.0, 0.4, 0.01, 6, 14),
    (12.0, 1.5, 0.3, 6, 14),
    (200.0, 10.0, 1.0, 6, 14),
    (5.0, 2.0, 0.1, 2, 3),
    (8.0, 0.0, 0.5, 1, 1),
    (8.0, 0.5, 0.0, 12, 28),
    (4.0, 3.0, 0.2, 3, 2),
]


@pytest.mark.parametrize(("clv", "offer", "contact", "alpha", "beta"), SETTINGS)
@pytest.mark.parametrize(("seed", "digits"), [(0, 9), (1, 1), (2, 9)])
def test_empc_is_the_integral_of_the_best_threshold(clv, offer, contact, alpha, beta, seed, digits):
    random = np.random.default_rng(seed)
    decline = (random.random(60) < 0.4).astype(np.int64)
    score = (random.normal(0.4 + 0.15 * decline, 0.2)).round(digits)
    gamma = np.linspace(0, 1, 20_001)
    profits, shares = paper_profit(decline, score, clv, offer, contact, gamma)
    density = stats.beta.pdf(gamma, alpha, beta)
    found = empc(decline, score, clv, offer, contact, alpha, beta)
    value = integrate.trapezoid(profits.max(axis=0) * density, gamma)
    assert found["value"] == pytest.approx(value, rel=1e-6, abs=1e-7 * clv)
    # The best share jumps at some γ, within a step of the grid.
    share = integrate.trapezoid(shares[profits.argmax(axis=0)] * density, gamma)
    assert found["share"] == pytest.approx(share, abs=1e-3)


def test_empc_agrees_with_adaptive_integration():
    data = customers(80, 6)
    decline, score = data["decline"], data["probability"]

    def integrand(gamma):
        best = paper_profit(decline, score, 12.0, 1.0, 0.1, gamma)[0].max()
        return best * stats.beta.pdf(gamma, 6, 14)

    value, _ = integrate.quad(integrand, 0, 1, limit=300, epsabs=1e-7, epsrel=1e-7)
    assert empc(decline, score, 12.0, 1.0, 0.1)["value"] == pytest.approx(value, rel=1e-5)


def test_empc_of_a_published_example():
    # From the documentation of empulse.metrics.empc_score: V = 200, d = 10, f = 1, Beta(6, 14).
    decline = np.array([0, 1, 0, 1, 0, 1, 0, 1])
    score = np.array([0.1, 0.2, 0.3, 0.4, 0.5, 0.7, 0.8, 0.9])
    found = empc(decline, score, 200, 10, 1)
    assert found["value"] == pytest.approx(23.875593418348124, rel=1e-12)


PERFECT = (np.array([1, 0, 1, 0]), np.array([0.9, 0.2, 0.8, 0.1]))
NO_ORDER = (PERFECT[0], np.full(4, 0.5))
UPSIDE_DOWN = (PERFECT[0], 1 - PERFECT[1])
MIXED = (PERFECT[0], np.array([0.9, 0.8, 0.7, 0.1]))


@pytest.mark.parametrize(
    ("sample", "amounts", "value", "share"),
    [
        # γ is uniform. Decliners at any γ: ½·∫9γ.
        (PERFECT, (10, 1, 0), 2.25, 0.5),
        # Decliners from γ = 1/10 on: ½·∫(10γ − 1) = ½·[5γ² − γ] = ½·(4 + 0.05).
        (PERFECT, (11, 1, 1), 2.025, 0.45),
        # All or nobody: ∫(½·(10γ − 1) − ½·2) = [2.5γ² − 1.5γ] from 0.3 on.
        (NO_ORDER, (11, 1, 1), 1.225, 0.7),
        (UPSIDE_DOWN, (11, 1, 1), 1.225, 0.7),
        # One, always: ¼·∫10γ; two more from γ = 1/10 on: ¼·∫(10γ − 1); the last one never.
        (MIXED, (11, 1, 0), 1.25 + 4.05 / 4, 0.25 + 0.5 * 0.9),
        # Nothing costs anything: all, since the last one is a decliner: ½·∫10γ.
        (UPSIDE_DOWN, (10, 0, 0), 2.5, 1),
        # The same, but the last three bring nothing and are left alone.
        (PERFECT, (10, 0, 0), 2.5, 0.5),
        # An offer worth no customer, and a contact that costs all that is left.
        (PERFECT, (1, 2, 0), 0, 0),
        (PERFECT, (1, 1, 0), 0, 0),
        (PERFECT, (10, 1, 9), 0, 0),
        ((np.zeros(4, dtype=np.int64), PERFECT[1]), (11, 1, 1), 0, 0),
        # Decliners only: ∫(10γ − 1) from 1/10 on, whatever their order.
        ((np.ones(4, dtype=np.int64), PERFECT[1]), (11, 1, 1), 4.05, 0.9),
    ],
)
def test_empc_worked_out_by_hand(sample, amounts, value, share):
    found = empc(*sample, *amounts, alpha=1, beta=1)
    assert found == pytest.approx({"value": value, "share": share}, abs=1e-12)


def test_everybody_is_contacted_when_a_contact_is_cheap_enough():
    data = customers(200, 7)
    # The last segment pays from γ = 0.02 on, and γ is all but never so small.
    decline, score = data["decline"].copy(), data["probability"]
    decline[score.argmin()] = 1
    found = empc(decline, score, 1000.0, 0.001, 0.0)
    assert found["share"] == pytest.approx(1, abs=1e-6)
    assert found["value"] == pytest.approx(decline.mean() * 0.3 * 1000, rel=1e-4)


def test_empc_rises_with_a_better_ranking_and_knows_the_direction():
    data = customers(300, 8)
    decline, score = data["decline"], data["probability"]

    def value(ranking):
        return empc(decline, ranking, 12.0, 1.5, 0.1)["value"]

    noisy = score + np.random.default_rng(1).normal(0, 0.6, 300)
    perfect, nothing = value(decline.astype(float)), value(np.zeros(300))
    assert perfect > value(score) > value(noisy) > nothing
    assert value(1 - score) < value(noisy)
    assert value(1 - score) == pytest.approx(nothing, rel=0.05)
    # Only the order counts, neither its scale nor the order of the rows.
    assert value(score**3 * 7) == pytest.approx(value(score))
    turned = empc(decline[::-1], score[::-1], 12.0, 1.5, 0.1)["value"]
    assert turned == pytest.approx(value(score))


def test_the_hull_pools_whatever_does_not_fall():
    # Highest first: 1 | 0 1 1 | 1 0, where the two of score 0.4 are tied.
    decline = np.array([1, 0, 1, 1, 1, 0, 0])
    score = np.array([0.9, 0.8, 0.7, 0.6, 0.4, 0.4, 0.1])
    assert hull_segments(decline, score).tolist() == [[1, 2, 1, 0], [0, 1, 1, 1]]
    # Lowest first: 0 | 1 0 | 1 | 1 makes 3 of 5, and then 0 | 1 makes 1 of 2.
    assert hull_segments(decline, -score).tolist() == [[3, 1], [2, 1]]
