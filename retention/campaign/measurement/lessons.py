"""What each offer of a campaign taught: from the list and the file beside it to `learning.learn`.

An offer does something to whoever notices it. Of those who were drawn to be contacted some weren't,
and of the control group some were: the share a·(reached − contaminated) of the arm is what the draw
made notice the offer (the effect on compliers: Angrist, Imbens & Rubin 1996,
https://doi.org/10.1080/01621459.1996.10476902). That is exact where few of the control group were
contacted; with one in ten the share kept comes out a tenth too high.

Who took an offer isn't in the file. What was taken cost money: the effect on the profit over the
horizon, before the cost of contacts and with what declines took of it given back, is
−a·d·[p·γ + (1 − p)·(1 − η)·τ]. Given back, it doesn't say once more what the declines have said.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from retention.campaign.measurement.effect import Floats, effect
from retention.campaign.measurement.learned import Lesson
from retention.campaign.measurement.learning import Money, Seen, learn
from retention.campaign.measurement.measure import Campaign, known
from retention.campaign.measurement.returned import AFTER, CONTACTED
from retention.campaign.measurement.sent import Plan


def lessons(
    campaign: Campaign, both: pd.DataFrame, plan: Plan, origin: str
) -> Mapping[str, Lesson]:
    """Return what each offer that somebody was to get taught, in the order of the catalogue.

    Parameters
    ----------
    campaign, both
        The customers of a list who came back, as in `as_campaign`.
    plan
        What was fixed; its assumptions are the priors.
    origin
        What the learnt assumptions name as theirs.

    """
    values = plan.assumptions.means()
    weight = 1 / np.bincount(campaign.groups)[campaign.groups]
    done = both[CONTACTED].to_numpy(dtype=np.float64)
    control = ~campaign.contacted
    contaminated = float(done[control].mean())
    reach = both["channel"].map(lambda name: values[f"channels.{name}.reach"])
    noticed = (reach * np.where(both["tired"], 1 - values["fatigue"], 1.0)).to_numpy()
    profit = (both[AFTER] * plan.horizon_months).to_numpy(dtype=np.float64)
    found = {}
    for name, prior in plan.assumptions.offers.items():
        of = campaign.offer == name
        mine = of & campaign.contacted
        if not mine.any():
            continue
        attention = noticed * max(0.0, float(done[mine].mean()) - contaminated)
        arms = [
            Seen(
                campaign.probability[rows],
                at[rows],
                campaign.decline[rows],
                np.full(int(rows.sum()), np.nan),
                weight[rows],
            )
            for rows, at in ((mine, attention), (control, np.zeros_like(attention)))
        ]
        money = _money(campaign, profit, plan, name, attention)
        shares = learn(prior, *arms, confidence=plan.confidence, origin=origin, money=money)
        found[name] = Lesson(int(mine.sum()), int((of & control).sum()), shares)
    return found


def _money(
    campaign: Campaign, profit: Floats, plan: Plan, offer: str, attention: Floats
) -> Money | None:
    """Return what taken offers cost by the profit (n,); None where that can't be told from it."""
    of = campaign.offer == offer
    prior, lost = plan.assumptions.offers[offer], plan.assumptions.share_lost
    if prior.cost.mean == 0 or np.isnan(profit[of]).any():
        return None
    took = campaign.before * campaign.decline  # by declines, if they take everything
    arms = campaign.contacted[of], campaign.groups[of], plan.confidence, known(campaign, "net")[of]
    seen = effect((profit + lost.mean * took)[of], *arms)
    if np.isnan(seen.error):
        return None
    mine = of & campaign.contacted
    p, taken = campaign.probability[mine], attention[mine] * prior.cost.mean
    kept, stayed = float((taken * p).mean()), float((taken * (1 - p)).mean())
    expected = kept * prior.share_kept.mean + stayed * prior.take_up.mean
    errors = (
        seen.error,
        lost.deviation * effect(took[of], *arms).value,
        prior.cost.deviation / prior.cost.mean * expected,
    )
    return Money(seen.value, float(np.linalg.norm(errors)), 0.0, 0.0, kept, stayed)
