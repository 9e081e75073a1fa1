"""The demo store: customers drawn from a documented model, for which the truth is known.

The shop's own files cannot be published, so the repository ships a simulator. It draws from a
generative model whose parameters (`store.json`) were fitted to a real store by
`tools/fit_simulation.py`; no real customer is in it.

**Features.** A customer belongs to one of a few hidden types (the steady ones and those who fade).
Given the type t, the 13 numbers and the two yes/no attributes x = (x_1 … x_15) have a Gaussian
copula: z ~ N(0, R_t), and x_j is the quantile F_tj⁻¹(Φ(z_j)) rounded to the step of the shop's
files (Nelsen, *An Introduction to Copulas*, 2006, §2.3; Pitt, Chan & Kohn, *Biometrika* 93, 2006,
for discrete margins). F_tj is piecewise linear. The favourite category depends on the type only,
the profit on the category only. Mixing the types makes all features dependent given the class.

**Truth.** Of a type, the share sigmoid(a_t + b_t·x) declines (a mixture of experts: Jacobs et al.,
*Neural Computation* 3, 1991). So p(x) = Σ_t P(t | x) · sigmoid(a_t + b_t·x). The posterior P(t | x)
is a closed formula of the values that the files show: Bayes' rule with the mass of each rounding
interval and the copula density at its middle. The type that generated x is forgotten and the label
is drawn as Bernoulli(p(x)). Hence P(decline | what the files show) = p holds exactly, by
construction; the density at the middle of an interval instead of the 15-fold integral over it only
makes p differ a little from the fitted model, never from the labels. Profit adds nothing to p.

**Traps.** `simulate_store` plants what makes the real files treacherous; see `Store`.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit, softmax
from scipy.stats import norm

from retention.contract.columns import CUSTOMER_ID, DECLINE
from retention.demo.words import (
    ACTIVITY,
    DECLINED,
    MARKET_FILE,
    MARKET_MONEY,
    MARKET_TIME,
    MONEY,
    NO,
    NUMBERS,
    PERIODS,
    PREMIUM,
    PROFIT,
    STANDARD,
    STAYED,
    YES,
)
from retention.harness.errors import UserError

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]

PROBABILITY = "probability"
CATEGORY = "favourite_category"
# The yes/no attributes run through the copula as 0 and 1: both depend on the days since
# registration, and the copula carries that at no extra cost.
BINARY = {"service_tier": (STANDARD, PREMIUM), "allows_messages": (NO, YES)}
LATENT = (*NUMBERS, *BINARY)
# What near-duplicates share, in the real files as here.
SHARED_LATENT = (
    "days_since_registration",
    "unpaid_items_3m",
    "categories_per_visit",
    "service_tier",
    "allows_messages",
    "marketing_this_month",
)

MINIMUM_CUSTOMERS = 60
FIRST_ID = 215348
# Ids within a store are a sample: the next id is taken with this probability.
ID_DENSITY = 0.75
# Shares of each class in the alternating blocks of rows (decline, stay, decline, …); they give
# `id` as a score the real files' ROC-AUC of 0.98.
DECLINE_BLOCKS = (0.8, 0.1, 0.1)
STAY_BLOCKS = (0.063, 0.05, 0.887)
# Near-duplicates per customer of the store: 299 of 1,300 in groups of two or three, 11 pairs alike.
NEAR_DUPLICATES = 299 / 1300
TRIPLES = 21 / 1300
IDENTICAL_PAIRS = 11 / 1300
TYPO_TIER = "стандартт"
TYPO_TIER_SHARE = 10 / 1300
TYPO_PERIOD = "предыдцщий_месяц"
ZERO_REVENUE_CUSTOMERS = 3
OUTLIER_REVENUE = 106862.2

STATISTICS_FILE = Path(__file__).with_name("store.json")


@dataclass(frozen=True)
class Margin:
    """Distribution of one number in each type: piecewise linear between `edges`, then rounded.

    `step` is the rounding in the shop's files, in the column's unit. `edges` (k + 1,) lie half a
    step off the values that occur; `shares` (types, k) are the shares of a type's customers
    between them, each row with sum 1.
    """

    step: float
    edges: Floats
    shares: Floats

    def quantile(self, level: Floats, kind: int) -> Floats:
        """Return the rounded value below which the share `level` (n,) of type `kind` lies."""
        codes = np.rint(np.interp(level, self._cumulative(kind), self.edges) / self.step)
        # Two decimals are the most that the files have: this takes off the noise of the product.
        return self.clip(np.round(codes * self.step, 2))

    def interval(self, values: Floats, kind: int) -> tuple[Floats, Floats]:
        """Cumulative shares at the two ends of the rounding interval of each value (n,)."""
        cumulative = self._cumulative(kind)
        half = self.step / 2
        lower = np.interp(values - half, self.edges, cumulative)
        upper = np.interp(values + half, self.edges, cumulative)
        return np.asarray(lower, float), np.asarray(upper, float)

    def clip(self, values: Floats) -> Floats:
        """Values (n,) moved into the range that the margin can produce."""
        low, high = self.edges[0] + self.step / 2, self.edges[-1] - self.step / 2
        return np.asarray(np.round(np.clip(values, low, high), 2), dtype=float)

    def _cumulative(self, kind: int) -> Floats:
        return np.concatenate(([0.0], np.cumsum(self.shares[kind])[:-1], [1.0]))


@dataclass(frozen=True)
class Kind:
    """One hidden type of customers.

    `weight` is its share of all, `correlation` (15, 15) that of the latent values in the order of
    `LATENT`, `categories` the shares of the favourite categories. The log odds of decline are
    `intercept` + `slopes` (15,) · values + the entry of `category_slopes`; slopes are per unit of
    the column, yes/no attributes count 0 or 1.
    """

    weight: float
    correlation: Floats
    categories: Mapping[str, float]
    intercept: float
    slopes: Floats
    category_slopes: Mapping[str, float]


@dataclass(frozen=True)
class Statistics:
    """Parameters of the generative model, as read from `store.json`.

    `profit` is a margin with one row; `profit_shift` maps each favourite category to the difference
    of its mean profit from the mean of all, in the unit of `monthly_profit`.
    """

    kinds: tuple[Kind, ...]
    margins: Mapping[str, Margin]
    profit: Margin
    profit_shift: Mapping[str, float]


@dataclass(frozen=True)
class Store:
    """The four tables with the shop's headers, values and traps, and the truth behind them.

    `truth` has `customer_id` and `probability`, the exact probability of decline given what the
    files show. Planted as in the real files: rows (and so ids) in blocks of one class; long tables
    that share period names, with periods in varying order; near-duplicates that share seven
    attributes, some pairs identical but for the profit; three customers without revenue in the
    earlier months and one with an absurd revenue (changed after the label was drawn: their truth
    is that of the values before, exclude them from comparisons); misspelt values.
    """

    market_file: pd.DataFrame
    market_money: pd.DataFrame
    market_time: pd.DataFrame
    money: pd.DataFrame
    truth: pd.DataFrame


def load_statistics(path: Path = STATISTICS_FILE) -> Statistics:
    """Read the parameters of the model; raise `UserError` if the file is missing or unfit."""
    try:
        return parse_statistics(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError, IndexError) as error:
        raise UserError(
            f"{path.name} does not hold the statistics of the demo store ({error!r}): restore it "
            "from git, or fit it again with tools/fit_simulation.py."
        ) from error


def parse_statistics(content: Mapping[str, Any]) -> Statistics:
    """Parameters from the content of `store.json`; KeyError and the like if it is unfit."""
    return Statistics(
        kinds=tuple(_kind(each) for each in content["kinds"]),
        margins={name: _margin(content["margins"][name]) for name in LATENT},
        profit=_margin(content["profit"]),
        profit_shift=_floats(content["profit_shift"]),
    )


def draw_customers(customers: int, seed: int, statistics: Statistics) -> pd.DataFrame:
    """Draw independent customers without traps, to evaluate a model on the same population.

    Columns: `customer_id` (from 0), the numbers, the categories, `monthly_profit`, `decline`
    (0 or 1) and `probability` (the truth). One row per customer; equal seeds give equal tables.
    """
    rng = np.random.default_rng(seed)
    table = _draw_features(customers, rng, statistics)
    table[PROFIT] = draw_profit(table, rng, statistics)
    table[PROBABILITY] = decline_probability(table, statistics)
    table[DECLINE] = (rng.random(customers) < table[PROBABILITY]).astype(int)
    table.insert(0, CUSTOMER_ID, range(customers))
    return table


def simulate_store(customers: int, seed: int, statistics: Statistics) -> Store:
    """Draw a store of `customers` customers with the traps of the real files (see `Store`).

    Equal seeds give equal stores. Raises `UserError` below 60 customers, where the near-duplicates
    and the excluded customers would be the better part of the store.
    """
    if customers < MINIMUM_CUSTOMERS:
        raise UserError(
            f"A demo store needs at least {MINIMUM_CUSTOMERS} customers, but {customers} were "
            "asked for: raise the number of customers."
        )
    table, rng = draw_store(customers, seed, statistics)
    return as_files(table, table[[CUSTOMER_ID, PROBABILITY]].copy(), rng)


def draw_store(
    customers: int, seed: int, statistics: Statistics
) -> tuple[pd.DataFrame, np.random.Generator]:
    """Draw the customers of `simulate_store`, a row each, and the generator for their files.

    Columns as of `draw_customers`, ids from `FIRST_ID`, and `protected`: who is identical to
    another.
    """
    rng = np.random.default_rng(seed)
    origin, identical = _plan_duplicates(customers)
    table = _draw_with_duplicates(origin, identical, rng, statistics)
    table[PROFIT] = draw_profit(table, rng, statistics)
    table[PROBABILITY] = decline_probability(table, statistics)
    draw = rng.random(customers)
    # Identical customers share the draw, so the label of one gives away that of the other, yet
    # each of the two declines with exactly its own probability.
    draw[identical] = draw[origin[identical]]
    table[DECLINE] = (draw < table[PROBABILITY]).astype(int)
    table["protected"] = np.isin(np.arange(customers), [identical, origin[identical]])

    table = table.iloc[_row_order(table[DECLINE].to_numpy(), rng)].reset_index(drop=True)
    gaps = rng.geometric(ID_DENSITY, customers - 1)
    table[CUSTOMER_ID] = FIRST_ID + np.concatenate(([0], np.cumsum(gaps)))
    return plant_outliers(table, rng), rng


def as_files(table: pd.DataFrame, truth: pd.DataFrame, rng: np.random.Generator) -> Store:
    """Return the customers of `draw_store` as the shop's four tables, with its typos."""
    return Store(
        market_file=_market_file(table, rng),
        market_money=_long_table(table, "revenue", MARKET_MONEY, PERIODS, rng),
        market_time=_long_table(table, "minutes", MARKET_TIME, _misspelt_periods(), rng),
        money=table[list(MONEY.values())].set_axis(list(MONEY), axis=1),
        truth=truth,
    )


def write_store(store: Store, folder: Path) -> None:
    """Write the four files byte for byte in the shop's form, and `truth.csv`, into `folder`.

    UTF-8 without a byte order mark, CRLF; `money.csv` with semicolons and decimal commas. The
    folder is created; files of the same name are replaced. `truth.csv` has six decimals.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in (
        ("market_file.csv", store.market_file),
        ("market_money.csv", store.market_money),
        ("market_time.csv", store.market_time),
    ):
        _write(table, folder / name)
    _write(store.money, folder / "money.csv", separator=";", decimal=",")
    _write(store.truth.round({PROBABILITY: 6}), folder / "truth.csv")


def decline_probability(table: pd.DataFrame, statistics: Statistics) -> Floats:
    """Exact probability of decline (n,) of each row, from the values that the files show.

    `table` has the numbers and the categories under their English names; values outside the
    model's range count as its nearest end. The formula is in the module's docstring.
    """
    values = latent_values(table, statistics)
    joint = log_kinds(values, LATENT, table[CATEGORY], statistics)
    posterior = softmax(joint, axis=1)
    rates = [decline_rates(values, table[CATEGORY], kind) for kind in statistics.kinds]
    return np.asarray(np.sum(posterior * np.column_stack(rates), axis=1))


def decline_rates(values: Floats, categories: pd.Series, kind: Kind) -> Floats:
    """Share (n,) of decline among customers of one type, from `latent_values` (n, 15)."""
    offset = categories.map(dict(kind.category_slopes)).to_numpy(dtype=float)
    return np.asarray(expit(kind.intercept + values @ kind.slopes + offset))


def latent_values(table: pd.DataFrame, statistics: Statistics) -> Floats:
    """Numbers and yes/no attributes of a table in the order of `LATENT` (n, 15), within range."""
    columns = [
        np.asarray(table[name] == BINARY[name][1] if name in BINARY else table[name], dtype=float)
        for name in LATENT
    ]
    return np.column_stack(
        [statistics.margins[name].clip(each) for name, each in zip(LATENT, columns, strict=True)]
    )


def log_kinds(
    values: Floats, names: tuple[str, ...], categories: pd.Series, statistics: Statistics
) -> Floats:
    """Log of weight times density (n, types) of some latent columns and the favourite category.

    `values` (n, d) belong to `names`, any part of `LATENT`.
    """
    chosen = [LATENT.index(name) for name in names]
    columns = []
    for position, kind in enumerate(statistics.kinds):
        scores, log_mass = latent_scores(values, names, position, statistics)
        log_copula = _log_normal(scores, kind.correlation[np.ix_(chosen, chosen)])
        log_copula += 0.5 * np.sum(scores**2, axis=1)
        log_category = np.log(categories.map(dict(kind.categories)).to_numpy(dtype=float))
        columns.append(np.log(kind.weight) + log_mass + log_copula + log_category)
    return np.column_stack(columns)


def latent_scores(
    values: Floats, names: tuple[str, ...], kind: int, statistics: Statistics
) -> tuple[Floats, Floats]:
    """Latent values (n, d) in the middle of the rounding intervals, and log mass (n,) of these."""
    scores = np.empty_like(values)
    log_mass = np.zeros(len(values))
    for position, name in enumerate(names):
        lower, upper = statistics.margins[name].interval(values[:, position], kind)
        scores[:, position] = norm.ppf((lower + upper) / 2)
        log_mass += np.log(upper - lower)
    return scores, log_mass


def _floats(content: Mapping[str, Any]) -> dict[str, float]:
    return {name: float(value) for name, value in content.items()}


def _margin(content: Mapping[str, Any]) -> Margin:
    shares = np.array(content["shares"], dtype=float)
    # The file is rounded, so its shares add up to 1 only nearly.
    shares = shares / shares.sum(axis=1, keepdims=True)
    return Margin(float(content["step"]), np.array(content["edges"], dtype=float), shares)


def _kind(content: Mapping[str, Any]) -> Kind:
    correlation = np.eye(len(LATENT))
    for row, values in enumerate(content["correlation"]):
        correlation[row, :row] = values[:row]
        correlation[:row, row] = values[:row]
    slopes = _floats(content["slopes"])
    return Kind(
        weight=float(content["weight"]),
        correlation=correlation,
        categories=_floats(content["categories"]),
        intercept=float(content["intercept"]),
        slopes=np.array([slopes.get(name, 0.0) for name in LATENT]),
        category_slopes={name: slopes.get(name, 0.0) for name in content["categories"]},
    )


def _log_normal(scores: Floats, covariance: Floats) -> Floats:
    """Log density of N(0, covariance) at each row of scores (n, d), without the 2π term."""
    root = np.linalg.cholesky(covariance)
    white = np.linalg.solve(root, scores.T)
    return np.asarray(-0.5 * np.sum(white**2, axis=0) - np.sum(np.log(np.diag(root))))


def draw_scores(
    customers: int, rng: np.random.Generator, statistics: Statistics
) -> tuple[Floats, Integers, NDArray[np.object_]]:
    """Draw independent customers: latent values (n, 15), types (n,) and categories (n,)."""
    weights = np.array([kind.weight for kind in statistics.kinds])
    member = rng.choice(len(weights), customers, p=weights / weights.sum())
    scores = np.empty((customers, len(LATENT)))
    categories = np.empty(customers, dtype=object)
    for position, kind in enumerate(statistics.kinds):
        rows = member == position
        number = int(rows.sum())
        mean = np.zeros(len(LATENT))
        scores[rows] = rng.multivariate_normal(mean, kind.correlation, number, method="cholesky")
        shares = np.array(list(kind.categories.values()))
        categories[rows] = rng.choice(list(kind.categories), number, p=shares / shares.sum())
    return scores, member, categories


def _draw_features(
    customers: int, rng: np.random.Generator, statistics: Statistics
) -> pd.DataFrame:
    """Numbers and categories of independent customers."""
    return from_scores(*draw_scores(customers, rng, statistics), statistics)


def from_scores(
    scores: Floats, member: Integers, categories: NDArray[np.object_], statistics: Statistics
) -> pd.DataFrame:
    """Table of customers from their latent values (n, 15), types (n,) and categories (n,)."""
    columns: dict[str, NDArray[Any]] = {}
    for position, name in enumerate(LATENT):
        values = np.empty(len(scores))
        for kind in range(len(statistics.kinds)):
            rows = member == kind
            levels = norm.cdf(scores[rows, position])
            values[rows] = statistics.margins[name].quantile(levels, kind)
        columns[name] = np.where(values == 1, *BINARY[name][::-1]) if name in BINARY else values
    return pd.DataFrame({**columns, CATEGORY: categories.astype(str)})


def _plan_duplicates(customers: int) -> tuple[Integers, Integers]:
    """Row of the customer whose shared attributes each row has (n,), and rows that copy it all.

    A row that copies nobody has its own number. The copies are the last rows.
    """
    triples = round(customers * TRIPLES)
    pairs = round((customers * NEAR_DUPLICATES - 3 * triples) / 2)
    identical = max(1, round(customers * IDENTICAL_PAIRS))
    originals = customers - pairs - 2 * triples
    origin = np.arange(customers)
    origin[originals:] = np.concatenate(
        (np.arange(pairs), np.repeat(np.arange(pairs, pairs + triples), 2))
    )
    return origin, np.arange(originals, originals + identical)


def _draw_with_duplicates(
    origin: Integers, identical: Integers, rng: np.random.Generator, statistics: Statistics
) -> pd.DataFrame:
    is_copy = origin != np.arange(len(origin))
    originals = _draw_features(int((~is_copy).sum()), rng, statistics)
    sources = originals.iloc[origin[is_copy]].reset_index(drop=True)
    copies = _draw_given_shared(sources, rng, statistics)
    rows = identical - len(originals)
    copies.iloc[rows] = sources.iloc[rows]
    return pd.concat([originals, copies], ignore_index=True)


def _draw_given_shared(
    sources: pd.DataFrame, rng: np.random.Generator, statistics: Statistics
) -> pd.DataFrame:
    """Draw new customers with the shared attributes of `sources`, the rest drawn given these.

    The type is drawn from its posterior given the shared attributes, then the other latent values
    from the conditional normal (Bishop, *Pattern Recognition and Machine Learning*, 2006, 2.81).
    """
    known = np.array([name in SHARED_LATENT for name in LATENT])
    names = tuple(name for name in LATENT if name in SHARED_LATENT)
    values = latent_values(sources, statistics)[:, known]
    joint = log_kinds(values, names, sources[CATEGORY], statistics)
    # The largest of log weights with Gumbel noise is a draw from the normalised weights.
    member = np.argmax(joint + rng.gumbel(size=joint.shape), axis=1)
    scores = np.zeros((len(sources), len(LATENT)))
    for position, kind in enumerate(statistics.kinds):
        rows = member == position
        given, _ = latent_scores(values[rows], names, position, statistics)
        mean, covariance = _conditional(kind.correlation, known, given)
        origin = np.zeros(len(covariance))
        noise = rng.multivariate_normal(origin, covariance, int(rows.sum()), method="cholesky")
        scores[np.ix_(rows, ~known)] = mean + noise
    table = from_scores(scores, member, sources[CATEGORY].to_numpy(dtype=object), statistics)
    return table.assign(**{name: sources[name] for name in SHARED_LATENT})


def _conditional(correlation: Floats, known: Flags, given: Floats) -> tuple[Floats, Floats]:
    """Mean (n, free) and covariance (free, free) of the unknown latent values given the known."""
    cross = correlation[np.ix_(~known, known)]
    slope = cross @ np.linalg.inv(correlation[np.ix_(known, known)])
    return given @ slope.T, correlation[np.ix_(~known, ~known)] - slope @ cross.T


def draw_profit(table: pd.DataFrame, rng: np.random.Generator, statistics: Statistics) -> Floats:
    """Monthly profit (n,): the common distribution, moved by the favourite category.

    It must not depend on the class beyond the features, or it would tell more than the truth.
    """
    margin = statistics.profit
    common = margin.quantile(rng.random(len(table)), 0)
    shift = table[CATEGORY].map(dict(statistics.profit_shift)).to_numpy(dtype=float)
    return np.round(common + shift, 2)


def _row_order(decline: Integers, rng: np.random.Generator) -> Integers:
    """Row numbers in alternating blocks of decline and stay, random within a class."""
    blocks = []
    for of_class, shares in ((1, DECLINE_BLOCKS), (0, STAY_BLOCKS)):
        rows = rng.permutation(np.flatnonzero(decline == of_class))
        cuts = np.rint(np.cumsum(shares[:-1]) * len(rows)).astype(int)
        blocks.append(np.split(rows, cuts))
    return np.concatenate([part for pair in zip(*blocks, strict=True) for part in pair])


def plant_outliers(table: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Take away the earlier revenue of three customers and inflate the current one of a fourth.

    As in the real files all four declined; none is one of the identical pairs, which would break.
    """
    candidates = np.flatnonzero((table[DECLINE] == 1) & ~table["protected"])
    chosen = rng.choice(candidates, ZERO_REVENUE_CUSTOMERS + 1, replace=False)
    table = table.copy()
    table.loc[chosen[:-1], ["revenue_previous", "revenue_before_previous"]] = 0.0
    table.loc[chosen[-1], "revenue_current"] = OUTLIER_REVENUE
    return table


def _market_file(table: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    result = table.copy()
    result[ACTIVITY] = np.where(table[DECLINE] == 1, DECLINED, STAYED)
    standard = np.flatnonzero(table["service_tier"] == STANDARD)
    misspelt = min(len(standard), max(1, round(len(table) * TYPO_TIER_SHARE)))
    result.loc[rng.choice(standard, misspelt, replace=False), "service_tier"] = TYPO_TIER
    for name in MARKET_FILE.values():
        # The share of promotions and the mean contacts are the only fractions in this file.
        if name in NUMBERS and name not in ("marketing_per_month_6m", "promo_share"):
            result[name] = result[name].astype(int)
    return result[list(MARKET_FILE.values())].set_axis(list(MARKET_FILE), axis=1)


def _misspelt_periods() -> dict[str, str]:
    return {TYPO_PERIOD if period == "previous" else raw: period for raw, period in PERIODS.items()}


def _long_table(
    table: pd.DataFrame,
    quantity: str,
    headers: Mapping[str, str],
    periods: Mapping[str, str],
    rng: np.random.Generator,
) -> pd.DataFrame:
    """One row per customer and period, the periods of each customer in an order of their own."""
    present = {raw: f"{quantity}_{each}" for raw, each in periods.items()}
    present = {raw: column for raw, column in present.items() if column in table}
    order = rng.permuted(np.tile(np.arange(len(present)), (len(table), 1)), axis=1)
    values = np.take_along_axis(table[list(present.values())].to_numpy(dtype=float), order, axis=1)
    result = pd.DataFrame(
        {
            CUSTOMER_ID: np.repeat(table[CUSTOMER_ID].to_numpy(), len(present)),
            "period": np.array(list(present), dtype=object)[order].ravel(),
            quantity: values.ravel() if quantity == "revenue" else values.ravel().astype(int),
        }
    )
    return result[list(headers.values())].set_axis(list(headers), axis=1)


def _write(table: pd.DataFrame, path: Path, separator: str = ",", decimal: str = ".") -> None:
    table.to_csv(
        path, sep=separator, decimal=decimal, index=False, encoding="utf-8", lineterminator="\r\n"
    )
