"""What a campaign brought, in words: a page of Markdown, the verdict first."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from retention.campaign.measurement.learned import Learned
from retention.campaign.measurement.verdict import CANNOT_TELL, DOES_NOT_PAY, PAYS
from retention.texts import MISSING, Texts

SHARES = ("share_kept", "take_up", "harm")
_LEAST_P = 0.001  # p below it is shown as less
_SURELY = 0.05  # p from which on something is said to be more than chance
ADOPT = "cp campaign/learned.yaml offers/learned.yaml"


@dataclass(frozen=True)
class Facts:
    """What the page is about: the campaign's name and date, level of intervals, months counted."""

    campaign: str
    sent: str
    confidence: float
    months: float
    picture: str


def page(
    facts: Facts,
    figures: Mapping[str, Any],
    effects: pd.DataFrame,
    learned: Learned,
    texts: Texts,
) -> str:
    """Return the page.

    Parameters
    ----------
    facts, figures
        What the campaign was, and what measure.json has, nan where it has null.
    effects
        As of `measure.lines`, without rows where there is no control group.
    learned
        What is known after the campaign.
    texts
        Of the reader's language.

    """

    def words(key: str, **gaps: object) -> str:
        given = {"confidence": texts.percent(facts.confidence), "months": facts.months, **gaps}
        text = texts.get("measured", key)
        for name, value in given.items():
            shown = texts.number(value) if isinstance(value, float) else str(value)
            text = text.replace(f"{{{name}}}", shown)
        return text

    parts = [f"# {words('title', campaign=facts.campaign)}"]
    parts.append(words("sent", sent=facts.sent, listed=figures["listed"]))
    if not figures["listed"]:
        return _joined([*parts, f"**{words('nobody')}**"])
    if not figures["learns"]:
        return _joined([*parts, f"**{words('no_control')}**", words("no_control_text")])
    parts += _verdict(figures, words, texts)
    parts += [f"![{words('picture')}]({facts.picture})", words("read")]
    parts += [f"## {words('came_back')}", *_came_back(figures, words, texts)]
    for by in ("offer", "segment"):
        table = _effects(effects[effects["by"] == by], words, texts, 1 - facts.confidence)
        parts += [f"## {words(f'by_{by}')}", table]
        parts += [words("holm")] if by == "offer" else []
    parts += [f"## {words('personal')}", _personal(figures["personal"], words, texts)]
    parts += [f"## {words('learnt')}", words("learnt_text")]
    parts += [_learnt(learned, words, texts)]
    parts += [words("adopt"), f"```\n{ADOPT}\ndvc repro\n```"]
    return _joined(parts)


def _verdict(figures: Mapping[str, Any], words: Any, texts: Texts) -> list[str]:
    decline, money = figures["decline"]["adjusted"], figures["verdict"]
    said = _told(decline) if money is None else money["verdict"]
    kind = "decline_" if money is None else ""
    needed = None if money is None else money["needed"]
    more = words("needed", needed=int(needed)) if needed else ""
    found = [f"**{words(f'{kind}{said}')}** {more}".strip()]
    if money is not None:
        net, contacted = figures["net"]["adjusted"], figures["net"]["adjusted"]["contacted"]
        whole = {key: contacted * net[key] for key in ("value", "low", "high")}
        found.append(
            words(
                "net_text",
                net=_interval(net, texts),
                expected=texts.number(money["expected"]),
                whole=_interval(whole, texts, 0),
                contacted=contacted,
            )
        )
    rates = {name: texts.percent(decline[f"{name}_mean"]) for name in ("contacted", "control")}
    found.append(words("decline_text", points=_points(decline, texts), **rates))
    return found


def _told(decline: Mapping[str, Any]) -> str:
    """Return what the effect on decline alone amounts to: fewer declines are what is paid for."""
    return PAYS if decline["high"] < 0 else DOES_NOT_PAY if decline["low"] > 0 else CANNOT_TELL


def _came_back(figures: Mapping[str, Any], words: Any, texts: Texts) -> list[str]:
    found = figures["compliance"]
    lines = [
        words("measured", measured=found["measured"], listed=found["listed"]),
        words(
            "reached",
            reached=texts.percent(found["reached"]["value"]),
            contaminated=texts.percent(found["contaminated"]["value"]),
        ),
    ]
    missing = [found[f"missing_{arm}"] for arm in ("contact", "control")]
    kind = "missing_uneven" if found["missing_p"] < _SURELY else "missing_even"
    lines.append(words(kind, contact=missing[0], control=missing[1]))
    if found["outside"]:
        lines.append(words("outside", outside=found["outside"]))
    balance = figures["balance_p"]
    lines.append(words("unlike" if balance < _SURELY else "alike", p=texts.number(balance, 2)))
    return ["\n".join(f"- {line}" for line in lines)]


def _effects(part: pd.DataFrame, words: Any, texts: Texts, level: float) -> str:
    """Return a table of parts; of too few customers, an offer has dashes, a segment is left out."""
    by, known = part["by"].iloc[0], set(part["outcome"])
    header = [words(by), words("contacted"), words("control"), words("decline_column"), "p"]
    header += [words("net_column"), "p", words("verdict")] if "net" in known else []
    rows = []
    for name, lines in part.groupby("part", sort=False):
        of: dict[str, Mapping[str, Any]] = {
            line["outcome"]: {str(key): value for key, value in line.items()}
            for line in lines.to_dict("records")
        }
        offer = texts.offer(str(name), "name")
        label = offer if by == "offer" else texts.segment(str(name))
        row = [label, of["decline"]["contacted"], of["decline"]["control"]]
        row += [_points(of["decline"], texts), _p(of["decline"]["p_holm"], texts)]
        if "net" in known:
            net = of["net"]
            sure = net["p_holm"] < level
            said = (PAYS if net["value"] > 0 else DOES_NOT_PAY) if sure else CANNOT_TELL
            row += [_interval(net, texts), _p(net["p_holm"], texts), words(f"short_{said}")]
        if by == "offer" or lines["low"].notna().any():
            rows.append(row)
    return _table(header, rows) if rows else str(words("too_few"))


def _personal(found: Mapping[str, Any], words: Any, texts: Texts) -> str:
    if math.isnan(found["p"]):
        return str(words("too_few"))
    kind = "personal_yes" if found["worth_learning"] else "personal_no"
    size = found["from_customers"]
    more = words("personal_size", customers=int(size)) if size == size else ""
    return f"{words(kind, p=_p(found['p'], texts))} {more}".strip()


def _learnt(learned: Learned, words: Any, texts: Texts) -> str:
    header = [words("offer"), *(words(share) for share in SHARES), words("campaign")]
    rows = []
    for name, offer in learned.offers.items():
        cells = []
        for share in SHARES:
            line = getattr(offer, share)
            after = {"value": line.after, "low": line.low, "high": line.high}
            cells.append(f"{texts.percent(line.before)} → {_percents(after, texts)}")
        rows.append([texts.offer(name, "name"), *cells, f"{offer.campaign}, {offer.date}"])
    return _table(header, rows)


def _p(value: float, texts: Texts) -> str:
    return f"< {texts.number(_LEAST_P, 3)}" if value < _LEAST_P else texts.number(value, 3)


def _interval(found: Mapping[str, Any], texts: Texts, digits: int = 2) -> str:
    return _shown(found, lambda value: texts.number(value, digits), _plus)


def _percents(found: Mapping[str, Any], texts: Texts) -> str:
    return _shown(found, texts.percent)


def _points(found: Mapping[str, Any], texts: Texts) -> str:
    """Return a difference of rates in percentage points."""
    scaled = {key: 100 * found[key] for key in ("value", "low", "high")}
    return _shown(scaled, lambda value: texts.number(value, 1), _plus)


def _shown(found: Mapping[str, Any], number: Any, sign: Any = lambda _: "") -> str:
    value, low, high = (found[key] for key in ("value", "low", "high"))
    if math.isnan(low):
        return MISSING
    return f"{sign(value)}{number(value)} [{sign(low)}{number(low)}; {sign(high)}{number(high)}]"


def _plus(value: float) -> str:
    return "+" if value > 0 else ""


def _table(header: Iterable[object], rows: Iterable[Iterable[object]]) -> str:
    lines = [[str(cell) for cell in row] for row in (header, *rows)]
    lines.insert(1, ["---"] + ["---:"] * (len(lines[0]) - 1))
    return "\n".join("| " + " | ".join(row) + " |" for row in lines)


def _joined(parts: Iterable[str]) -> str:
    return "\n\n".join(parts) + "\n"
