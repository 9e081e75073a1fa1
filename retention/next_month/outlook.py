"""All that is asked about next month, from the tables that the pipeline keeps."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from retention.contract.columns import CUSTOMER_ID, DECLINE, PREDICTED, PROBABILITY
from retention.folds import same_customer_groups
from retention.next_month.expected import Scored
from retention.next_month.months import Months, resemblance, same_over_months
from retention.next_month.recalibration import Known

GROUP = "group"


@dataclass(frozen=True)
class Outlook:
    """Both months side by side, next month's customers as scored, and what is known beforehand."""

    months: Months
    scored: Scored
    known: Known


def outlook(
    training: pd.DataFrame,
    following: pd.DataFrame,
    numbers: Sequence[str],
    categories: Sequence[str],
    keys: Sequence[Sequence[str]],
) -> Outlook:
    """Return what there is to ask about next month.

    `training` has the columns `customer_id`, `decline`, `probability` (of models that didn't see
    the customer) and `group` (of near-duplicates), `following` has `customer_id`, `probability` and
    `predicted_decline`; both have the features. By `keys`, near-duplicates of next month are found.
    """
    groups = same_customer_groups(following, keys)
    customers = same_over_months(
        training[CUSTOMER_ID], following[CUSTOMER_ID], training[GROUP].to_numpy(), groups
    )
    months = Months(training, following, numbers, categories, customers)
    decline, probability, group = (
        training[name].to_numpy() for name in (DECLINE, PROBABILITY, GROUP)
    )
    return Outlook(
        months,
        Scored(following[PROBABILITY].to_numpy(), following[PREDICTED].to_numpy(), groups),
        Known(decline, probability, group, resemblance(months)),
    )
