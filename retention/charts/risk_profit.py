"""Picture of customers by bands of risk and profit."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import pandas as pd

from retention.charts.heat import heat_map
from retention.charts.style import save, style, title
from retention.texts import Texts


def matrix(path: Path, table: pd.DataFrame, confidence: float, texts: Texts) -> None:
    """Draw the table of `retention.segments.bands`: high risk on top, high profit right.

    The colour is the profit at risk.
    """
    risks, profits = list(table["risk"].unique())[::-1], list(table["profit_quantile"].unique())
    rows = {(row["risk"], row["profit_quantile"]): row for row in table.to_dict("records")}
    values = table.pivot(index="risk", columns="profit_quantile", values="profit_at_risk")
    shown = values.loc[risks, profits].to_numpy()
    cells = [[_cell(rows[risk, profit], texts) for profit in profits] for risk in risks]
    with style():
        figure, axes = plt.subplots(figsize=(2.2 * len(profits) + 2, 1.05 * len(risks) + 1.5))
        heat_map(
            axes,
            shown,
            cells,
            colours="Reds",
            low=0,
            high=max(shown.max(), 1e-9),
            size=8,
            label=texts.get("charts", "profit_at_risk"),
            texts=texts,
        )
        axes.set_yticks(range(len(risks)), [_band(risk, texts) for risk in risks])
        labels = [_profits(rows[risks[0], profit], texts) for profit in profits]
        axes.set_xticks(range(len(profits)), labels)
        axes.set_ylabel(texts.column("probability"))
        axes.set_xlabel(texts.get("charts", "profit_bands"))
        title(figure, texts.get("charts", "matrix").format(confidence=texts.percent(confidence)))
        save(path, figure)


def _cell(row: Mapping[Any, Any], texts: Texts) -> str:
    if not row["customers"]:
        return texts.get("charts", "matrix_empty")
    rate, low, high = (texts.number(100 * row[key], 0) for key in ("decline_rate", "low", "high"))
    return texts.get("charts", "matrix_cell").format(
        customers=row["customers"],
        rate=rate,
        low=low,
        high=high,
        at_risk=texts.number(row["profit_at_risk"], 0),
    )


def _band(band: str, texts: Texts) -> str:
    return " – ".join(texts.number(float(limit)) for limit in band.split(".."))


def _profits(row: Mapping[Any, Any], texts: Texts) -> str:
    return f"{texts.number(row['profit_from'])} – {texts.number(row['profit_to'])}"
