"""What a plan brings by the assumptions in force, beside other ways to choose."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from retention.campaign.offering import Offering, policies
from retention.campaign.planning.plan import Plan, counted
from retention.campaign.planning.problem import NOBODY, Choice
from retention.campaign.ranges import over_ranges


def plan_figures(
    found: Offering,
    plan: Plan,
    sent: Choice,
    lists: Mapping[str, NDArray[np.bool_]],
    *,
    draws: int,
    seed: int,
) -> dict[str, Any]:
    """Return a plan's figures, with ranges over all assumptions.

    `over` has what it brings over each policy of `offering.policies`, `control_costs` what it would
    bring over `sent`, the plan without its control group: the price of finding out.
    `price_of_money` is what one more unit of budget would bring, `gap` what the plan may be short
    of.
    """
    others, single = policies(found, lists, seed)
    by_policy = {name: found.contacts(choice) for name, choice in others.items()}
    by_policy["sent"] = found.contacts(sent)
    over = over_ranges(
        found.contacts(plan.choice), by_policy, found.assumptions, draws=draws, seed=seed
    )
    control = over.pop("sent")
    contacted = {name: int((choice != NOBODY).sum()) for name, choice in others.items()}
    return {
        "in_money": found.in_money,
        "customers": plan.customers,
        "over": {name: {"contacted": contacted[name], **line} for name, line in over.items()},
        "control_costs": control,
        "best_single_offer": single,
        "spent": plan.spent,
        "price_of_money": plan.price,
        "gap": plan.gap,
        "by_offer": counted(found.problem, plan.choice)["offer"],
        "by_channel": counted(found.problem, plan.choice)["channel"],
    }
