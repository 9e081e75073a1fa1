"""What is learnt from a campaign: nearer to the truth with every customer, and no further."""

import numpy as np
import pytest
from campaigns import CONTENT, assumptions, fixed, offer
from scipy.special import expit, logit

from retention.campaign.assumptions import OfferAssumptions
from retention.campaign.measurement.learned import (
    Learned,
    Lesson,
    applied,
    learned_offer,
    read_learned,
    with_learned,
    write_learned,
)
from retention.campaign.measurement.learning import Money, Seen, learn
from retention.harness.errors import UserError

PRIOR = OfferAssumptions.model_validate(offer(0.3, 0.7, 0.02, 0.4))
TRUTH = {"share_kept": 0.1, "take_up": 0.4, "harm": 0.05}


def campaign(seed, n, share=0.3, off=0.0, told=True, **truth):
    """Return the arms of a campaign whose scores are off by so much in log-odds."""
    kept, take_up, harm = ({**TRUTH, **truth}[name] for name in ("share_kept", "take_up", "harm"))
    random = np.random.default_rng(seed)
    p = random.beta(0.4, 0.6, n)
    would = random.random(n) < expit(logit(np.clip(p, 0.001, 0.999)) + off)
    contacted = random.random(n) >= share
    attention = np.where(contacted, 0.8, 0.0)
    notices = random.random(n) < attention
    keeps = notices & would & (random.random(n) < kept)
    harms = notices & ~would & (random.random(n) < harm)
    takes = keeps | (notices & ~would & ~harms & (random.random(n) < take_up))
    decline = ((would & ~keeps) | harms).astype(float)
    taken = takes.astype(float) if told else np.full(n, np.nan)
    arms = []
    for arm in (contacted, ~contacted):
        each = (p[arm], attention[arm], decline[arm], taken[arm], np.ones(arm.sum()))
        arms.append(Seen(*each))
    return arms


def learnt(*arms, prior=PRIOR, **options):
    return learn(prior, *arms, confidence=0.95, origin="a test", **options)


def test_nobody_seen_leaves_the_assumptions_as_they_are():
    empty = Seen(*(np.empty(0) for _ in range(5)))
    for name, found in learnt(empty, empty).items():
        before = getattr(PRIOR, name)
        assert found.before == before.mean
        assert found.after == pytest.approx(before.mean, abs=0.002)
        ends = before.quantile(np.array([0.025, 0.975]))
        assert (found.low, found.high) == pytest.approx(tuple(ends), abs=0.01)


def test_the_more_customers_the_nearer_to_the_truth():
    distance = []
    for n in (300, 3000, 30_000):
        found = learnt(*campaign(1, n))
        distance.append([abs(found[name].after - TRUTH[name]) for name in TRUTH])
    assert (np.mean(distance, axis=1)[:-1] > np.mean(distance, axis=1)[1:]).all()
    assert max(distance[-1]) < 0.015


def test_intervals_of_priors_that_are_right_hold_the_truth():
    random = np.random.default_rng(0)
    held = []
    for seed in range(60):
        truth = {name: float(getattr(PRIOR, name).quantile(random.random(1))[0]) for name in TRUTH}
        found = learnt(*campaign(seed, 800, **truth))
        held.append([found[name].low <= value <= found[name].high for name, value in truth.items()])
    assert (np.mean(held, axis=0) >= 0.88).all()


def test_an_error_of_the_score_is_not_taken_for_an_effect():
    off = [learnt(*campaign(seed, 2000, off=0.5)) for seed in range(8)]
    right = [learnt(*campaign(seed, 2000)) for seed in range(8)]
    kept = [np.mean([found["share_kept"].after for found in each]) for each in (off, right)]
    assert kept[0] == pytest.approx(kept[1], abs=0.03)
    # Without anybody in control, it would be.
    alone = []
    for seed in range(8):
        contacted, control = campaign(seed, 2000, off=0.5)
        nobody = Seen(*(values[:0] for values in control))
        alone.append(learnt(contacted, nobody)["share_kept"].after)
    assert abs(np.mean(alone) - kept[1]) > abs(kept[0] - kept[1])


def test_the_take_up_is_learnt_only_from_who_took_the_offer_or_from_money():
    contacted, control = campaign(2, 3000, told=False)
    found = learnt(contacted, control)
    assert found["take_up"].after == pytest.approx(PRIOR.take_up.mean, abs=0.01)
    # A contact brings 2·γ − 3·η before what is taken: 0.1·γ, and 0.2 for each who would stay.
    effect = 1.9 * TRUTH["share_kept"] - 3 * TRUTH["harm"] - 0.2 * 0.95 * TRUTH["take_up"]
    money = Money(effect, 0.005, 2.0, 3.0, 0.1, 0.2)
    by_money = learnt(contacted, control, money=money)["take_up"]
    assert abs(by_money.after - TRUTH["take_up"]) < abs(found["take_up"].after - TRUTH["take_up"])


def test_near_duplicates_say_it_once():
    contacted, control = campaign(3, 1000)
    once = learnt(contacted, control)
    twice = [
        Seen(*(np.tile(values, 2) for values in arm))._replace(
            weight=np.full(2 * len(arm.weight), 0.5)
        )
        for arm in (contacted, control)
    ]
    for name, found in learnt(*twice).items():
        assert found.after == pytest.approx(once[name].after)


def test_what_is_fixed_stays_fixed():
    prior = OfferAssumptions.model_validate(
        {**CONTENT["offers"]["warranty"], "take_up": fixed(0.5)}
    )
    found = learnt(*campaign(4, 1000), prior=prior)
    assert found["harm"].assumption == prior.harm
    assert found["take_up"].after == 0.5
    assert found["share_kept"].after != found["share_kept"].before


def lessons(seed, *offers):
    lesson = Lesson(700, 300, learnt(*campaign(seed, 1000)))
    one = learned_offer("spring", "2026-03-01", lesson)
    return Learned(offers=dict.fromkeys(offers, one))


def test_what_was_learnt_is_written_read_and_taken_in(tmp_path):
    file = tmp_path / "learned.yaml"
    write_learned(file, lessons(5, "discount", "gone"))
    assert file.read_text().startswith("# What campaigns taught")
    learned = read_learned(file)
    assert learned == lessons(5, "discount", "gone")
    assert learned.offers["discount"].campaign == "spring"
    line = learned.offers["discount"].share_kept
    assert line.low < line.after < line.high
    assert line.assumption.origin == "a test"
    after = applied(assumptions(), file)
    assert after == with_learned(assumptions(), learned)
    assert after.means()["offers.discount.share_kept"] == pytest.approx(line.after, abs=1e-4)
    assert after.offers["discount"].cost == assumptions().offers["discount"].cost
    assert after.offers["premium"] == assumptions().offers["premium"]
    assert list(after.offers) == list(assumptions().offers)
    file.write_text(file.read_text().replace("alpha:", "alfa:", 1))
    with pytest.raises(
        UserError, match=r"learned\.yaml: 'offers\.discount\.share_kept\.assumption"
    ):
        read_learned(file)


@pytest.mark.parametrize("content", ["", "# Nothing yet.\n{}\n", "offers: {}\n"])
def test_before_anything_was_learnt_the_catalogue_is_in_force(tmp_path, content):
    file = tmp_path / "learned.yaml"
    file.write_text(content)
    assert applied(assumptions(), file) == assumptions()


def test_a_lost_file_of_what_was_learnt_is_told(tmp_path):
    with pytest.raises(UserError, match=r"learned\.yaml is missing: restore it"):
        applied(assumptions(), tmp_path / "learned.yaml")
