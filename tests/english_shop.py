"""A book club with English headers: three files, five periods, and a next month of its own.

Who leaves has complaints, few visits and falling spending; all else is chance. A `bare` club has
one file, without a profit, a consent, a category or periods.
"""

from pathlib import Path

import numpy as np
import pandas as pd

QUARTERS = ["2023-Q1", "2023-Q2", "2023-Q3", "2023-Q4", "2024-Q1"]
CATEGORIES = ["Children's books", "Crime", "Fiction", "Travel"]
OUTCOME = "Churned"


def frames(customers: int, seed: int) -> dict[str, pd.DataFrame]:
    """Return the club's tables as it writes them."""
    random = np.random.default_rng(seed)
    ids = [f"M-{seed}{n:04}" for n in range(customers)]
    trend = random.normal(0, 1, customers)
    complaints = random.poisson(1.2, customers)
    visits = random.poisson(6, customers)
    odds = 1.1 * complaints - 0.4 * visits - 1.5 * trend + 0.9
    spent = [
        np.exp(4 + 0.1 * quarter * trend + random.normal(0, 0.3, customers))
        for quarter in range(len(QUARTERS))
    ]
    members = {
        "Member No": ids,
        "Membership": random.choice(["Basic", "Family", "Plus"], customers),
        "Newsletter opt-in": random.choice(["no", "yes"], customers, p=[0.3, 0.7]),
        "Favourite category": random.choice(CATEGORIES, customers),
        "Member for (months)": random.integers(3, 90, customers),
        "Discount share": random.uniform(0, 1, customers).round(2),
        "Complaints": complaints,
        "Visits a month": visits,
        OUTCOME: np.where(random.logistic(0, 1, customers) < odds, "yes", "no"),
    }
    quarters = {
        "Member No": np.repeat(ids, len(QUARTERS)),
        "Quarter": QUARTERS * customers,
        "Amount spent": np.stack(spent, axis=1).ravel().round(2),
    }
    margins = {"Member No": ids, "Margin": (spent[-1] * 0.2).round(2)}
    return {
        "members": pd.DataFrame(members),
        "quarters": pd.DataFrame(quarters),
        "margins": pd.DataFrame(margins),
    }


def write(folder: Path, tables: dict[str, pd.DataFrame], *, known: bool = True) -> None:
    """Write the tables as CSV; of customers whose outcome nobody knows, without it."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in tables.items():
        shown = table if known else table.drop(columns=OUTCOME, errors="ignore")
        shown.to_csv(folder / f"{name}.csv", index=False)


def bare(tables: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Return a club that knows neither profit, consent and category nor periods."""
    members = tables["members"].drop(columns=["Newsletter opt-in", "Favourite category"])
    return {"members": members}
