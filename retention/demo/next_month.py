"""The demo store a month later: customers who go on, fresh ones, and a drift that is declared.

**Who.** A customer who goes on keeps id, service tier, consent and favourite category, and is older
by the days of a month. The hidden type t is drawn from its posterior given last month's values, and
the latent values z of `retention.demo.store` from theirs: N(0, R_t) within the rounding intervals
of the values, by Gibbs sampling (Geweke 1991). Given what stays, with the latent values k, the
others move on as z' − Bk = ρ·(z − Bk) + √(1 − ρ²)·ε, where Bk is their mean given k, and ε has
their covariance given k. So without a drift next month's customers have the distribution of last
month's, but for their age, however many of them go on. A month's revenue isn't carried to the cent
into the column of the month before: the real store's months have different margins, and carried
values would be a drift that nobody declared. Fresh customers are drawn as the store's were, without
near-duplicates.

**Drift.** Some customers become more frequent than others: who goes on, and who comes, is drawn
with weights exp(Σ m_j·s_j), where s_j are next month's values in the store's standard deviations
from its mean, and m_j the declared `leanings`; favourite categories have a factor. So columns that
are not named drift along as far as they go with those that are, and nobody is what no customer was.
`drift` scales the leanings; 0 is none.

**Truth.** Outcomes are drawn as Bernoulli(sigmoid(`relation` · logit p(x))) with the *store's*
p(x), which knows nothing of the drift. With `relation` 1 the customers change and the relation
between columns and decline doesn't (a covariate shift: Shimodaira 2000); below 1 the relation
itself weakens, which no figure can see before the outcomes are there.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit, logit
from scipy.stats import norm

from retention.contract.columns import CUSTOMER_ID, DECLINE
from retention.demo.store import (
    BINARY,
    CATEGORY,
    ID_DENSITY,
    LATENT,
    PROBABILITY,
    STATISTICS_FILE,
    ZERO_REVENUE_CUSTOMERS,
    Floats,
    Statistics,
    Store,
    as_files,
    decline_probability,
    draw_profit,
    draw_scores,
    draw_store,
    from_scores,
    latent_scores,
    latent_values,
    log_kinds,
    plant_outliers,
)
from retention.demo.words import ACTIVITY, MARKET_FILE, NUMBERS, PROFIT
from retention.harness.errors import UserError

KEPT = (*BINARY, CATEGORY)
AGE = "days_since_registration"
OUTCOME = next(header for header, name in MARKET_FILE.items() if name == ACTIVITY)
# So that no draw of next month's is one of the store's.
STREAM = 1
CANDIDATES = 10  # for each fresh customer
_SWEEPS = 20  # of Gibbs sampling: from the middle of intervals, to where these are forgotten
_WITHIN = (1e-12, 1 - 1e-12)  # levels whose latent values are finite


@dataclass(frozen=True)
class Change:
    """What is declared of a month's passing, as read from `store.json`.

    `persistence` is ρ, between 0 and 1; `days` a month's; `leanings` number → m; `categories`
    favourite category → its factor.
    """

    persistence: float
    days: int
    leanings: Mapping[str, float]
    categories: Mapping[str, float]


@dataclass(frozen=True)
class NextMonth:
    """Next month's customers: the share of the store's who go on, and how many fresh ones come.

    `drift` scales the declared change, `relation` (above 0) the log-odds behind the outcomes.
    """

    continuing: float
    fresh: int
    drift: float = 1.0
    relation: float = 1.0


def load_change(path: Path = STATISTICS_FILE) -> Change:
    """Read the declared change; raise `UserError` if the file is missing or unfit."""
    try:
        content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))["next_month"]
        leanings = {str(name): float(value) for name, value in content["leanings"].items()}
        unknown = sorted(set(leanings) - set(NUMBERS))
        if unknown:
            raise ValueError(f"{unknown[0]} is no number of the store's")
        return Change(
            float(content["persistence"]), int(content["days"]), leanings, content["categories"]
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise UserError(
            f"{path.name} does not hold the change of the demo store's next month ({error!r}): "
            "restore it from git."
        ) from error


def simulate_next_month(
    customers: int, seed: int, statistics: Statistics, asked: NextMonth, change: Change
) -> Store:
    """Draw the month after the store that `simulate_store(customers, seed, statistics)` gives.

    The market file lacks the outcome. `truth` has `customer_id`, `probability` and `decline` (0 or
    1). Rows stand by id, so that the order tells nothing new. As in the store, there are typos,
    three customers without earlier revenue and one with an absurd one, whose truth is that of the
    values before.
    """
    table = draw_next_month(customers, seed, statistics, asked, change)
    rng = np.random.default_rng([seed, STREAM, 1])
    if int(table[DECLINE].sum()) > ZERO_REVENUE_CUSTOMERS:
        table = plant_outliers(table.assign(protected=False), rng)
    store = as_files(table, table[[CUSTOMER_ID, PROBABILITY, DECLINE]].copy(), rng)
    return replace(store, market_file=store.market_file.drop(columns=OUTCOME))


def draw_next_month(
    customers: int, seed: int, statistics: Statistics, asked: NextMonth, change: Change
) -> pd.DataFrame:
    """Draw next month's customers without traps; columns as of `draw_customers`, rows by id."""
    before, _ = draw_store(customers, seed, statistics)
    rng = np.random.default_rng([seed, STREAM])
    most = statistics.margins["revenue_current"].edges[-1]
    regular = before[(before["revenue_previous"] > 0) & (before["revenue_current"] <= most)]
    count = round(asked.continuing * len(regular))
    later = _moved_on(regular.reset_index(drop=True), rng, statistics, change)
    leaning = partial(_leaning, before=regular, drift=asked.drift, change=change)
    going_on = later.iloc[np.sort(_drawn(leaning(later), count, rng))]
    comers = from_scores(*draw_scores(CANDIDATES * asked.fresh, rng, statistics), statistics)
    fresh = comers.iloc[_drawn(leaning(comers), asked.fresh, rng)].reset_index(drop=True)
    gaps = rng.geometric(ID_DENSITY, len(fresh))
    fresh[CUSTOMER_ID] = before[CUSTOMER_ID].max() + np.cumsum(gaps)

    table = pd.concat([going_on, fresh], ignore_index=True)
    table[PROFIT] = draw_profit(table, rng, statistics)
    truth = decline_probability(table, statistics)
    table[PROBABILITY] = truth if asked.relation == 1 else expit(asked.relation * logit(truth))
    table[DECLINE] = (rng.random(len(table)) < table[PROBABILITY]).astype(int)
    return table


def _moved_on(
    before: pd.DataFrame, rng: np.random.Generator, statistics: Statistics, change: Change
) -> pd.DataFrame:
    """Return the same customers a month later."""
    values = latent_values(before, statistics)
    joint = log_kinds(values, LATENT, before[CATEGORY], statistics)
    # The largest of log weights with Gumbel noise is a draw from the normalised weights.
    member = np.argmax(joint + rng.gumbel(size=joint.shape), axis=1)
    scores = np.empty_like(values)
    rho = change.persistence
    stays = np.array([name in (*BINARY, AGE) for name in LATENT])
    for position, kind in enumerate(statistics.kinds):
        rows = member == position
        last = _latent_within(values[rows], position, statistics, rng)
        among, given = kind.correlation[~stays], kind.correlation[np.ix_(stays, stays)]
        slopes = np.linalg.solve(given, among[:, stays].T)
        around = among[:, ~stays] - among[:, stays] @ slopes
        mean = last[:, stays] @ slopes
        noise = rng.multivariate_normal(np.zeros(len(around)), around, len(mean), method="cholesky")
        now = last.copy()
        now[:, ~stays] = mean + rho * (last[:, ~stays] - mean) + np.sqrt(1 - rho**2) * noise
        scores[rows] = now
    categories = before[CATEGORY].to_numpy(dtype=object)
    table = from_scores(scores, member, categories, statistics)
    table[[CUSTOMER_ID, *KEPT]] = before[[CUSTOMER_ID, *KEPT]]
    return table.assign(**{AGE: before[AGE] + change.days})


def _latent_within(
    values: Floats, kind: int, statistics: Statistics, rng: np.random.Generator
) -> Floats:
    """Draw latent values (n, 15) of a type that are rounded to these values.

    The middles of the intervals would do for one customer, but vary less than what they stand for.
    """
    ends = [statistics.margins[name].interval(values[:, j], kind) for j, name in enumerate(LATENT)]
    low, high = (norm.ppf(np.clip(end, *_WITHIN)) for end in zip(*ends, strict=True))
    precision = np.linalg.inv(statistics.kinds[kind].correlation)
    spread = 1 / np.sqrt(np.diag(precision))
    scores, _ = latent_scores(values, LATENT, kind, statistics)
    for _ in range(_SWEEPS):
        for j, scale in enumerate(spread):
            others = scores @ precision[:, j] - scores[:, j] * precision[j, j]
            mean = -others * scale**2
            between = [norm.cdf((end[j] - mean) / scale) for end in (low, high)]
            level = rng.uniform(*between).clip(*_WITHIN)
            scores[:, j] = (mean + scale * norm.ppf(level)).clip(low[j], high[j])
    return scores


def _leaning(table: pd.DataFrame, before: pd.DataFrame, drift: float, change: Change) -> Floats:
    """Return the log of how much more frequent each customer becomes, (n,)."""
    factor = table[CATEGORY].map(lambda name: change.categories.get(name, 1.0))
    total: Floats = np.log(factor.to_numpy(dtype=np.float64))
    for name, leaning in change.leanings.items():
        scaled = (table[name] - before[name].mean()) / before[name].std()
        total += leaning * scaled.to_numpy(dtype=np.float64)
    return np.asarray(drift * total)


def _drawn(leaning: Floats, count: int, rng: np.random.Generator) -> NDArray[np.intp]:
    """Draw so many without replacement, each step with these log weights (Gumbel's top k)."""
    return np.argsort(-(leaning + rng.gumbel(size=len(leaning))), kind="stable")[:count]
