"""What the roles of contract.yaml bind, under names that code knows."""

import numpy as np
import pandas as pd

from retention.contract.columns import CATEGORY, CONSENT, PROFIT
from retention.contract.schema import Roles


def with_roles(customers: pd.DataFrame, roles: Roles) -> pd.DataFrame:
    """Return the customers with `profit` a month, `consent` (true or false) and `category` added.

    A role that the shop doesn't have costs what needs it, and nothing else: without a profit all
    sums are missing, without consent nobody may be sent messages, without categories all customers
    are of the same one, "".
    """
    profit, consent, category = roles.profit, roles.consent, roles.category
    return customers.assign(
        **{
            PROFIT: customers[profit.column] / profit.months if profit else np.nan,
            CONSENT: customers[consent.column] == consent.yes if consent else False,
            CATEGORY: customers[category] if category else "",
        }
    )
