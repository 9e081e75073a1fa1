"""Show what contacting a share of the customers brings, under the stated assumptions."""

from pathlib import Path

import numpy as np
import pandas as pd

from retention.campaign.decisions import empc, gain_table, precision_at
from retention.contract.columns import DECLINE, PROBABILITY, PROFIT
from retention.contract.roles import with_roles
from retention.harness.files import write_csv, write_json
from retention.harness.stage import run
from retention.scores import scored_customers
from stages.parameters.decide import Params


def main(params: Params) -> None:
    """Write plots/decide/gain.csv and metrics/decide.json."""
    scores = pd.read_parquet("data/scores.parquet")
    table = scored_customers(pd.read_parquet("data/customers.parquet"), scores)
    table = with_roles(table, params.roles)
    decline, probability = table[DECLINE].to_numpy(), table[PROBABILITY].to_numpy()
    value = table[PROFIT].to_numpy() * params.horizon_months
    offer, contact = params.decide.offer_cost, params.contact_cost.message

    gain = gain_table(
        decline,
        probability,
        value,
        np.full(len(table), offer),
        np.full(len(table), contact),
        params.kept_share.expected,
        order_by="expected_profit",
    )
    curve = (params.decide.kept_alpha, params.decide.kept_beta)
    orders = {"model": probability, "perfect": decline.astype(float), "none": np.zeros(len(table))}
    tenth = round(len(table) / 10)
    expected = gain["expected_profit"]
    # Without a known profit no share is the best.
    best = gain["share"].iloc[int(expected.argmax())] if expected.notna().any() else None

    write_csv(Path("plots/decide/gain.csv"), gain, digits=4)
    write_json(
        Path("metrics/decide.json"),
        {
            "best_share": best,
            "precision_at_tenth": precision_at(decline, probability, tenth, params.confidence),
            # Beside the model's: those of a perfect ranking, and of none at all.
            "empc": {
                name: empc(decline, order, value.mean(), offer, contact, *curve)["value"]
                for name, order in orders.items()
            },
        },
    )


if __name__ == "__main__":
    run(main, Params)
