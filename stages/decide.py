"""Show what a plan brings where outcomes are known, under the stated assumptions."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from retention.campaign.decisions import gain_table, precision_at
from retention.campaign.increments import over, realised_over, varied_empc
from retention.campaign.measurement.learned import applied
from retention.campaign.net_benefit import decision_curve
from retention.campaign.offering import Offering, offering, policies
from retention.campaign.planning.plan import Planner
from retention.campaign.planning.policies import listed
from retention.campaign.planning.problem import chosen
from retention.contract.columns import CUSTOMER_ID, DECLINE, ID_AS_TEXT, PROBABILITY, PROFIT
from retention.contract.roles import with_roles
from retention.harness.files import write_csv, write_json
from retention.harness.stage import run
from retention.scores import scored_customers
from stages.parameters.decide import Params


def main(params: Params) -> None:
    """Write plots/decide/gain.csv, plots/decide/net_benefit.csv and metrics/decide.json."""
    scores = pd.read_parquet("data/scores.parquet")
    table = scored_customers(pd.read_parquet("data/customers.parquet"), scores)
    table = with_roles(table, params.roles)
    folds = table[[CUSTOMER_ID]].merge(pd.read_parquet("data/folds.parquet"), on=CUSTOMER_ID)
    members = pd.read_csv("data/segment/members.csv", dtype=ID_AS_TEXT)
    members = table[[CUSTOMER_ID]].merge(members, on=CUSTOMER_ID, validate="one_to_one")
    decline, probability = table[DECLINE].to_numpy(), table[PROBABILITY].to_numpy()
    groups = folds["group"].to_numpy()
    resampling: dict[str, Any] = {
        "samples": params.decide.bootstrap_samples,
        "confidence": params.confidence,
        "seed": params.seed,
    }
    # As if the model did rank: over not knowing who will decline, a plan by noise brings nothing.
    found = offering(
        params.offer,
        applied(params.offer.assumptions(), Path("offers/learned.yaml")),
        table,
        pd.read_csv("data/phrase/reasons.csv", dtype=ID_AS_TEXT),
        ranks=True,
    )
    plan = Planner(found.problem, params.seed).plan(found.problem.limits.budget)
    lists = {name: members[name].to_numpy(dtype=bool) for name in params.decide.lists}
    others, single = policies(found, lists, params.seed)
    realised = found.at(decline.astype(np.float64))[0]
    seen = realised_over(realised, plan.choice, others, decline, groups, **resampling)
    expected = over(found.problem.increment, plan.choice, others)
    gain = _gain(found, decline)
    best = gain["share"].iloc[int(gain["expected_increment"].argmax())] if found.in_money else None
    net = decision_curve(
        decline, probability, np.array(params.decide.thresholds), groups, **resampling
    )

    write_csv(Path("plots/decide/gain.csv"), gain, digits=4)
    write_csv(Path("plots/decide/net_benefit.csv"), net, digits=4)
    write_json(
        Path("metrics/decide.json"),
        {
            "in_money": found.in_money,
            "contacted": plan.customers,
            "best_single_offer": single,
            "over": {
                name: {
                    "contacted": line["contacted"],
                    "expected": line["value"],
                    "realised": seen[name],
                }
                for name, line in expected.items()
            },
            "best_share": best,
            "precision_at_tenth": precision_at(
                decline, probability, round(len(table) / 10), params.confidence
            ),
            "empc": _empc(params, table, resampling, groups) if found.in_money else [],
            "worse_than_all_or_nobody_at": net.loc[net["worse"], "threshold"].tolist(),
        },
    )


def _gain(found: Offering, decline: np.ndarray) -> pd.DataFrame:
    """Return what contacting a share of the customers brings, each by the best option."""
    everybody = listed(found.problem, np.ones(len(decline), dtype=bool))
    realised, _ = found.at(decline.astype(np.float64))
    _, on_stayers = found.at(np.zeros(len(decline)))
    return gain_table(
        decline,
        found.probability,
        chosen(found.problem.increment, everybody),
        chosen(realised, everybody),
        (1 - found.probability) * chosen(on_stayers, everybody),
        order_by="expected_increment" if found.in_money else "probability",
    )


def _empc(
    params: Params, table: pd.DataFrame, resampling: dict[str, Any], groups: np.ndarray
) -> list[dict[str, Any]]:
    """Return the EMPC under each of the distributions, with one offer for all."""
    empc = params.decide.empc
    value = float(table[PROFIT].mean()) * params.offer.horizon_months
    return varied_empc(
        table[DECLINE].to_numpy(),
        table[PROBABILITY].to_numpy(),
        [(one.alpha, one.beta) for one in empc.kept],
        (value, empc.offer_cost, empc.contact_cost),
        groups,
        **resampling,
    )


if __name__ == "__main__":
    run(main, Params)
