"""Tables of the page for marketing: every cell as it is shown."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd

from retention.campaign.measurement.learned import Learned
from retention.discovery.words import cut_text
from retention.texts import MISSING, Texts

_EXACT = 6  # digits of a cut: rounded, it might pass a customer


@dataclass(frozen=True)
class Column:
    """A column's heading, and what its cells are: that decides how they are set."""

    label: str
    kind: Literal["figures", "words", "reasons"] = "words"


@dataclass(frozen=True)
class Cell:
    """What a cell shows, and below it a note in small print."""

    text: str
    note: str = ""


@dataclass(frozen=True)
class Row:
    """A row with a cell for each column; `pale` when it isn't to be relied on."""

    cells: list[Cell]
    pale: bool = False


@dataclass(frozen=True)
class Table:
    """A table of the page."""

    columns: list[Column]
    rows: list[Row]

    def without(self, labels: Collection[str]) -> "Table":
        """Return the table without the columns that are headed so."""
        kept = [place for place, column in enumerate(self.columns) if column.label not in labels]
        return Table(
            [self.columns[place] for place in kept],
            [Row([row.cells[place] for place in kept], row.pale) for row in self.rows],
        )


def offers_table(by_offer: Mapping[str, int], texts: Texts) -> Table:
    """Return how many customers get each offer, the most frequent first."""
    return Table(
        [_words("offer", texts), _figures("customers_count", texts)],
        [
            Row([Cell(texts.offer(name, "name")), Cell(str(count))])
            for name, count in sorted(by_offer.items(), key=lambda item: -item[1])
        ],
    )


def learned_table(learned: Learned, texts: Texts) -> Table:
    """Return what campaigns taught of each offer: before, after, and the interval of it."""
    rows = []
    for name, offer in learned.offers.items():
        for part in ("share_kept", "take_up", "harm"):
            line = getattr(offer, part)
            rows.append(
                Row(
                    [
                        Cell(texts.assumption(f"offers.{name}.{part}"), offer.campaign),
                        Cell(f"{offer.contacted} + {offer.control}"),
                        Cell(texts.percent(line.before)),
                        _share(line.after, line.low, line.high, texts),
                    ]
                )
            )
    return Table(
        [
            Column(texts.column("assumption")),
            _figures("learnt_customers", texts),
            _figures("learnt_before", texts),
            _figures("learnt_after", texts),
        ],
        rows,
    )


def segments_table(
    segments: Mapping[str, Any], least_reason: float, texts: Texts, absent: Collection[str] = ()
) -> Table:
    """Return what metrics/segments.json says of the declared segments, in its order.

    A column is a reason when it raises the log-odds of a segment by more than `least_reason` on
    average. What hangs on a role that the shop doesn't have (`absent`) is left out.
    """
    table = Table(
        [
            _words("segment", texts),
            _figures("customers_count", texts),
            _figures("segment_probability", texts),
            _figures("declined", texts),
            _figures("segment_profit", texts),
            _figures("at_risk", texts),
            Column(texts.get("report", "segment_reasons"), "reasons"),
        ],
        [_segment(name, segment, least_reason, texts) for name, segment in segments.items()],
    )
    gone = ("segment_profit", "at_risk") if "profit" in absent else ()
    return table.without([texts.get("report", key) for key in gone])


def discovered_table(discovered: pd.DataFrame, described: Sequence[str], texts: Texts) -> Table:
    """Return what was found of each segment, in the given order, with its words.

    `discovered` is data/discover/found.csv with its rates. Of clusters nothing is tested.
    """
    rows = []
    for row, words in zip(discovered.to_dict("records"), described, strict=True):
        tested = not pd.isna(row["holds"])
        cells = [
            Cell(words),
            Cell(str(row["customers"])),
            _share(row["rate"], row["low"], row["high"], texts),
            _share(row["unseen_rate"], row["unseen_low"], row["unseen_high"], texts),
            Cell(f"{row['folds_found']}/{row['folds']}"),
            Cell(texts.number(row["stability"], 2)),
            _yes_or_no(bool(row["holds"]), texts) if tested else Cell(MISSING),
        ]
        rows.append(Row(cells, pale=tested and not row["holds"]))
    return Table(
        [
            _words("segment", texts),
            _figures("customers_count", texts),
            _figures("declined_searched", texts),
            _figures("declined_unseen", texts),
            _figures("folds_found", texts),
            _figures("stability", texts),
            _words("confirmed", texts),
        ],
        rows,
    )


def cuts_table(cuts: pd.DataFrame, texts: Texts) -> Table:
    """Return what is known of the cuts, those that hold first.

    `cuts` is data/cut/cuts.csv with the rates of customers whom a cut did not see. Numbers that
    can't be cut are left out.
    """
    found = cuts[cuts["cut"].notna()].sort_values("holds", ascending=False, kind="stable")
    return Table(
        [
            _words("cut", texts),
            _figures("cut_share", texts),
            _figures("cut_risky", texts),
            _figures("cut_other", texts),
            _figures("found_again", texts),
            _words("confirmed", texts),
        ],
        [
            Row(
                [
                    Cell(cut_text(row["column"], row["direction"], row["cut"], texts)),
                    Cell(texts.percent(row["share"])),
                    _share(row["rate"], row["low"], row["high"], texts),
                    _share(row["rest"], row["rest_low"], row["rest_high"], texts),
                    Cell(texts.percent(row["found_again"])),
                    _yes_or_no(row["holds"], texts),
                ],
                pale=not row["holds"],
            )
            for row in found.to_dict("records")
        ],
    )


def categories_table(categories: pd.DataFrame, texts: Texts, absent: Collection[str] = ()) -> Table:
    """Return what data/category_segments.csv says of the favourite categories, in its order.

    What hangs on a role that the shop doesn't have (`absent`) is left out.
    """
    series = texts.column(str(categories["series"].iloc[0])) if len(categories) else ""
    rows = []
    for row in categories.to_dict("records"):
        low, high = (texts.number(row[limit], 2) for limit in ("profit_low", "profit_high"))
        rows.append(
            Row(
                [
                    Cell(texts.value(row["category"])),
                    Cell(str(row["customers"])),
                    _share(row["decline_rate"], row["low"], row["high"], texts),
                    Cell(texts.number(row["profit"], 2), _between(low, high)),
                    Cell(_up_to(row["profit_at_risk"], texts)),
                    _share(row["trend"], row["trend_low"], row["trend_high"], texts),
                    _yes_or_no(row["resilient"], texts),
                ]
            )
        )
    trend = Column(texts.get("report", "category_trend").format(series=series), "figures")
    table = Table(
        [
            Column(texts.column("category")),
            _figures("customers_count", texts),
            _figures("declined", texts),
            _figures("category_profit", texts),
            _figures("at_risk", texts),
            trend,
            _words("category_resilient", texts),
        ],
        rows,
    )
    gone = [trend.label] if "series" in absent else []
    if "profit" in absent:
        gone += [texts.get("report", key) for key in ("category_profit", "at_risk")]
    return table.without(gone)


def _figures(key: str, texts: Texts) -> Column:
    return Column(texts.get("report", key), "figures")


def _words(key: str, texts: Texts) -> Column:
    return Column(texts.get("report", key))


def _segment(name: str, segment: Mapping[str, Any], least_reason: float, texts: Texts) -> Row:
    if not segment["customers"]:
        return Row([Cell(texts.segment(name)), Cell("0"), *[Cell(MISSING)] * 5])
    share = texts.percent(segment["profit_share"])
    reasons = [
        texts.column(column)
        for column, log_odds in segment["typical_reasons"].items()
        if log_odds > least_reason
    ]
    return Row(
        [
            Cell(texts.segment(name)),
            Cell(str(segment["customers"])),
            Cell(texts.percent(segment["probability"])),
            _rate(segment["decline_rate"], texts),
            Cell(
                texts.number(segment["profit"], 0),
                texts.get("report", "share_of_all").format(share=share),
            ),
            Cell(_up_to(segment["profit_at_risk"], texts)),
            Cell("; ".join(reasons) or MISSING),
        ]
    )


def _rate(figure: Mapping[str, float | None], texts: Texts) -> Cell:
    return _share(figure["value"], figure["low"], figure["high"], texts)


def _share(value: float | None, low: float | None, high: float | None, texts: Texts) -> Cell:
    return Cell(texts.percent(value), _between(texts.percent(low), texts.percent(high)))


def _between(low: str, high: str) -> str:
    return "" if MISSING in (low, high) else f"{low} … {high}"


def _up_to(amount: float, texts: Texts) -> str:
    return texts.get("report", "up_to").format(amount=texts.number(amount, 0))


def _yes_or_no(holds: bool, texts: Texts) -> Cell:
    return Cell(texts.get("report", "holds_yes" if holds else "holds_no"))
