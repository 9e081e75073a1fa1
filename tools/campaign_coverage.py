"""Whether the intervals of a campaign hold what they promise: `python -m tools.campaign_coverage`.

Simulates campaigns of 400 to 1,500 customers with a control group of 20, 30 or 50 %, three offers
that keep some, scores that are off by something and near-duplicates. In three of ten campaigns the
offers do harm. Half of the campaigns draw the control group without strata, half with (offer,
segment, risk). Writes docs/campaign/coverage.csv (share of the intervals that hold the true effect,
widths) and docs/campaign/verdicts.csv (how often the verdict is wrong).
"""

import argparse
from typing import Any

import numpy as np
import pandas as pd

from retention.campaign.measurement.control import draw_control
from retention.campaign.measurement.measure import Campaign, judged, overall
from retention.campaign.planning.problem import chosen
from retention.harness.files import write_csv
from retention.harness.parallel import parallel
from retention.statistics.intervals import rate_interval
from tools.campaign_world import (
    Truth,
    World,
    answers,
    expected_decline,
    increments,
    population,
)
from tools.tables import ROOT

CONFIDENCE = 0.95
DESIGNS = ("simple", "stratified")
FOLDER = ROOT / "docs/campaign"
Row = dict[str, Any]


def campaign(seed: int) -> list[Row]:
    """Return a row for each outcome and estimate of one campaign, and one for its verdict."""
    random = np.random.default_rng(seed)
    design = DESIGNS[seed % 2]
    world = drawn_world(random)
    who = population(int(random.integers(400, 1501)), random, off=random.normal(0, 0.3))
    plan = random.integers(0, len(world.offers), len(who.score))
    segment, risk = random.integers(0, 4, len(plan)), np.digitize(who.score, [0.2, 0.6])
    strata = [plan, segment, risk] if design == "stratified" else [np.zeros(len(plan))]
    share = float(random.choice([0.2, 0.3, 0.5]))
    control = draw_control(strata, who.groups, share, seed)
    choice = np.where(control, -1, plan)
    seen = answers(world, who, choice, random)
    before = who.profit * world.horizon_months
    found = Campaign(~control, who.score, before, seen.decline, seen.net, plan, segment, who.groups)
    increment, _ = increments(world, who.probability, who.profit)
    # The effect on the customers of this campaign, if all of them were contacted.
    money = float(chosen(increment, plan.astype(np.int8)).mean())
    truth = {"decline": float(expected_decline(world, who, plan).mean()), "net": money}
    rows: list[Row] = []
    for outcome, line in overall(found, CONFIDENCE).items():
        for estimate in ("raw", "adjusted"):
            one = line[estimate]
            held = one["low"] <= truth[outcome] <= one["high"]
            rows.append(
                {
                    "design": design,
                    "outcome": outcome,
                    "estimate": estimate,
                    "held": held,
                    "width": one["high"] - one["low"],
                    "ratio": line["width_ratio"],
                }
            )
    expected = float(
        chosen(increments(world, who.score, who.profit)[0], plan.astype(np.int8)).mean()
    )
    verdict = judged(found, expected, CONFIDENCE)["money"]["verdict"]
    return [*rows, {"design": design, "verdict": verdict, "pays": money > 0}]


def drawn_world(random: np.random.Generator) -> World:
    """Draw how customers answer three offers; in three of ten worlds all of them do harm."""
    harmful = random.random() < 0.3
    offers = {}
    for name in ("first", "second", "third"):
        kept = 0.0 if harmful else random.uniform(0, 0.5)
        harm = random.uniform(0.02, 0.15) if harmful else random.uniform(0, 0.03)
        offers[name] = Truth(kept, harm, random.uniform(0, 1), random.uniform(0, 0.5))
    return World(offers)


def coverage(rows: pd.DataFrame) -> pd.DataFrame:
    """Return by design, outcome and estimate the share of the intervals that hold the truth."""
    lines = []
    for key, part in rows.groupby(["design", "outcome", "estimate"], sort=False):
        share = rate_interval(int(part["held"].sum()), len(part), CONFIDENCE)
        ratio = part["ratio"].mean() if key[2] == "adjusted" else 1.0
        lines.append(
            (
                *key,
                len(part),
                share["value"],
                share["low"],
                share["high"],
                part["width"].mean(),
                ratio,
            )
        )
    names = ["design", "outcome", "estimate", "campaigns", "held", "low", "high", "width", "ratio"]
    return pd.DataFrame(lines, columns=names)


def verdicts(rows: pd.DataFrame) -> pd.DataFrame:
    """Return how often each verdict was given, by whether the campaign truly pays."""
    lines = []
    for pays, part in rows.groupby("pays"):
        shares = [float((part["verdict"] == word).mean()) for word in WORDS]
        wrong = WORDS[1] if pays else WORDS[0]
        hits = int((part["verdict"] == wrong).sum())
        error = rate_interval(hits, len(part), CONFIDENCE)
        truth = "pays" if pays else "does_not_pay"
        lines.append((truth, len(part), *shares, error["value"], error["low"], error["high"]))
    names = ["truth", "campaigns", *WORDS, "wrong", "wrong_low", "wrong_high"]
    return pd.DataFrame(lines, columns=names)


WORDS = ("pays", "does_not_pay", "cannot_tell")


def main() -> None:
    """Simulate, and write the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--campaigns", type=int, default=2000, help="half of them of each design")
    number = parser.parse_args().campaigns
    calls = [(seed,) for seed in range(number)]
    found = parallel(campaign, calls, label="coverage", unit="campaign")
    rows = pd.DataFrame([row for each in found for row in each])
    of_verdict = rows["verdict"].notna()
    tables = {"coverage": coverage(rows[~of_verdict]), "verdicts": verdicts(rows[of_verdict])}
    for name, table in tables.items():
        print(table.round(4).to_string(index=False))
        write_csv(FOLDER / f"{name}.csv", table, digits=4)


if __name__ == "__main__":
    main()
