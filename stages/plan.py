"""Plan who gets which offer by which channel, or nothing, and draw the control group."""

from pathlib import Path

import numpy as np
import pandas as pd

from retention.campaign.figures import plan_figures
from retention.campaign.measurement.control import control_share, draw_control, prospects
from retention.campaign.measurement.learned import applied
from retention.campaign.measurement.returned import CONTACT, CONTROL
from retention.campaign.offering import of_plan, offering
from retention.campaign.planning.curve import curve
from retention.campaign.planning.plan import Planner
from retention.campaign.planning.problem import NOBODY
from retention.campaign.ranges import tornado
from retention.contract.columns import CUSTOMER_ID, ID_AS_TEXT, PROBABILITY
from retention.contract.roles import with_roles
from retention.folds import same_customer_groups
from retention.harness.files import read_json, write_csv, write_json
from retention.harness.stage import run
from retention.scores import scored_customers
from retention.segments.declared import riskiest
from stages.parameters.plan import Params

CHANCE = 0.5  # the ROC-AUC of a score that knows nothing


def main(params: Params) -> None:
    """Write data/plan/ and metrics/plan.json."""
    scores = pd.read_parquet("data/score/scores.parquet")
    table = scored_customers(pd.read_parquet("data/score/customers.parquet"), scores)
    table = with_roles(table, params.roles)
    members = pd.read_csv("data/segment/next_members.csv", dtype=ID_AS_TEXT)
    members = table[[CUSTOMER_ID]].merge(members, on=CUSTOMER_ID, validate="one_to_one")
    # Where the model may rank no better than chance, a list would promise money by luck.
    ranks = (read_json(Path("metrics/headline.json"))["roc_auc_low"] or 0) > CHANCE
    found = offering(
        params.offer,
        applied(params.offer.assumptions(), Path("offers/learned.yaml")),
        table,
        pd.read_csv("data/phrase/next_reasons.csv", dtype=ID_AS_TEXT),
        ranks=ranks,
    )
    plan = Planner(found.problem, params.seed).plan(found.problem.limits.budget)
    segment = riskiest(members, read_json(Path("metrics/segment.json"))).to_numpy()
    groups = same_customer_groups(table, params.same_customer)
    on_list = plan.choice != NOBODY
    planned = of_plan(found, plan.choice, table.assign(segment=segment, duplicates=groups))
    probability, duplicates = planned[PROBABILITY].to_numpy(), planned["duplicates"].to_numpy()
    strata = [planned[name].to_numpy() for name in ("offer", "segment", PROBABILITY)]
    share = control_share(
        probability,
        duplicates,
        params.offer.control,
        params.offer.smallest_effect,
        params.confidence,
    )
    control = draw_control(strata, duplicates, share, params.seed)
    planned["group"] = np.where(control, CONTROL, CONTACT)
    sent = plan.choice.copy()
    sent[np.flatnonzero(on_list)[control]] = NOBODY

    write_csv(Path("data/plan/plan.csv"), planned, digits=6)
    budgets = curve(found.problem, steps=params.offer.steps, seed=params.seed)
    points = budgets.points.assign(own=budgets.points["budget"] == params.offer.budget)
    write_csv(Path("data/plan/curve.csv"), points, digits=4)
    write_csv(Path("data/plan/offers.csv"), budgets.offers, digits=4)
    matters = tornado(found.contacts(plan.choice), found.assumptions)
    write_csv(Path("data/plan/tornado.csv"), matters, digits=4)
    in_force = found.assumptions.model_dump()
    at_stake = found.at_stake(plan.choice)
    learns = prospects(probability, control, duplicates, params.confidence, at_stake)
    write_json(Path("data/plan/campaign.json"), {"assumptions": in_force, "prospects": learns})
    lists = {name: members[name].to_numpy(dtype=bool) for name in params.lists}
    write_json(
        Path("metrics/plan.json"),
        {
            "ranks": ranks,
            "considered": len(table),
            "budget": params.offer.budget,
            "stops_paying_at": budgets.stops,
            **plan_figures(found, plan, sent, lists, draws=params.offer.draws, seed=params.seed),
        },
    )


if __name__ == "__main__":
    run(main, Params)
