"""Draft a contract for unknown files: `make contract SOURCE=folder`.

Writes contract.draft.yaml, and params.draft.yaml with the columns that a model may see. Everything
in them is guessed from the files: what an owner has to look at stands in `unconfirmed`, and nothing
runs before that list is empty. docs/your-files.md goes on from there. NEXT=folder has the customers
to act on; OUTCOME and ID name a header that can't be guessed.
"""

import argparse
import re
import shlex
import sys
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from retention.contract.columns import CUSTOMER_ID
from retention.contract.schema import IMPUTED, Contract
from retention.harness.errors import UserError
from retention.harness.files import write_bytes
from retention.harness.parameters import validate
from retention.harness.stage import guarded
from retention.harness.yaml12 import read_yaml
from retention.intake.source import read_source
from tools.unknown_files import find_tables, read_texts

CONTRACT, PARAMS = Path("contract.draft.yaml"), Path("params.draft.yaml")
MOST_LABELS = 25  # a column of more different texts is no label
_CYRILLIC = "абвгдеёжзийклмнопрстуфхцчшщъыьэюя"
_LATIN = "a b v g d e e zh z i y k l m n o p r s t u f kh ts ch sh shch _ y _ e yu ya"
_LETTERS = dict(zip(_CYRILLIC, _LATIN.split(" "), strict=True))
# Words that a header of a role often has. What they find is a guess.
_ROLES = {
    "outcome": r"churn|attrit|outcome|activity|active|exited|status|left\b|lapsed|cancel|retain"
    r"|renew|актив|отток|уш[её]л|уход|итог",
    "profit": r"profit|margin|прибыл|маржа",
    "consent": r"consent|opt.?in|subscri|allow|разреш|соглас|рассыл",
    "category": r"categor|категор",
}
_CURRENCY = r"[₽$€£₸₴¥]|руб"
_AROUND_NUMBERS = rf"(?:{_CURRENCY})\.?|[\s'’%]"
_ID = r"(^|[_ ])id\b|id$|code|number|\bno\.?$|код|номер|№"
_MONEY = r"profit|margin|revenue|income|price|charge|amount|spen[dt]|cost|прибыл|маржа|доход"
_MONEY += r"|выручк|цена|сумм|оборот"
_STAYS = r"(?<!in)active|retain|renew|актив"  # a yes under such a header is no decline
_DECLINES = r"^(churn|left|lost|lapsed|cancel|inactive|снизил|ушел|ушёл|ушла|отток)"
_YES = r"^(yes|true|1|y|да)$"
_NO = r"^(no|false|0|n|нет)$"
# Words of periods, the oldest first; what is found first counts.
_AGES = (r"позапрош|препред|before.?(last|prev)", r"прошл|пред|last|prev", r"тек|эт|curr|this|now")
_MONTHS = (
    *("^(jan|янв)", "^(feb|фев)", "^(mar|мар)", "^(apr|апр)", "^(may|ма[йя])", "^(jun|июн)"),
    *("^(jul|июл)", "^(aug|авг)", "^(sep|сен)", "^(oct|окт)", "^(nov|ноя)", "^(dec|дек)"),
)
# The segment and the offer that a draft begins with, as people of a language call them.
_SEGMENT = {"ru": {"at_risk": "Прогноз снижения"}, "en": {"at_risk": "Predicted to decline"}}
_OFFER = {
    language: {"any_offer": {"name": name, "title": name}}
    for language, name in {"ru": "Предложение", "en": "An offer"}.items()
}


@dataclass(frozen=True)
class Guessed:
    """A column: its header, our name, what it seems to hold, and all its texts."""

    header: str
    name: str
    kind: str
    texts: "pd.Series[str]"

    @property
    def labels(self) -> list[str]:
        """The different values, blanks left out, periods with what seems the oldest first."""
        found = [one for one in dict.fromkeys(self.texts) if one]
        return oldest_first(found) if self.kind == "period" else sorted(found)

    def line(self) -> str:
        """Return the line of the contract."""
        about: dict[str, Any] = {"header": self.header, "kind": self.kind}
        if self.kind in ("label", "flag"):
            about["values"] = self.labels
        if self.kind == "period":
            about["periods"] = {period_name(label): label for label in self.labels}
        return f"      {self.name}: {_flow(about)}\n"


@dataclass(frozen=True)
class GuessedTable:
    """A file: its name, its columns that are kept, and the period that repeats customers."""

    name: str
    columns: list[Guessed]
    left_out: list[str]

    def __contains__(self, name: str) -> bool:
        """Whether a column of that name is in the table."""
        return any(one.name == name for one in self.columns)

    @property
    def period(self) -> Guessed | None:
        """The column of periods, if any."""
        return next((one for one in self.columns if one.kind == "period"), None)

    def wide(self, column: Guessed) -> dict[str, str]:
        """Return what a column becomes, and what people call it.

        One a period in a long table, none where it is a key.
        """
        if column.kind in ("id", "period"):
            return {}
        labels = self.period.labels if self.period else []
        return {
            f"{column.name}_{period_name(label)}": f"{column.header}, {label}" for label in labels
        } or {column.name: column.header}


def our_name(header: str) -> str:
    """Return a header as a name: small Latin letters, figures and `_`."""
    text = re.sub(r"(?<=[a-zа-яё0-9])(?=[A-ZА-ЯЁ])", "_", unicodedata.normalize("NFC", header))
    text = "".join(_LETTERS.get(letter, letter) for letter in text.casefold())
    text = re.sub(r"[^a-z0-9]+", "_", text).strip("_")
    return text if text[:1].isalpha() else f"column_{text}".strip("_")


def oldest_first(periods: Sequence[str]) -> list[str]:
    """Return periods by their figures or by words of time, else as they came.

    `Week 10` comes after `Week 2`; last month after the one before.
    """
    figures = [[int(one) for one in re.findall(r"\d+", period)] for period in periods]
    if all(figures) and len({len(one) for one in figures}) == 1:
        return [period for _, period in sorted(zip(figures, periods, strict=True))]
    for words in (_AGES, _MONTHS):
        places = [
            next((n for n, word in enumerate(words) if re.search(word, period, re.I)), None)
            for period in periods
        ]
        if len({*places} - {None}) == len(periods):
            return [period for _, period in sorted(zip(places, periods, strict=True))]
    return list(periods)


def period_name(label: str) -> str:
    """Return a period as the end of a column's name: `2024-01` as `in_2024_01`."""
    return our_name(label if label[:1].isalpha() else f"in {label}")


def find_id(tables: Mapping[str, pd.DataFrame], told: str = "") -> str:
    """Return the header of the customers' ids: in every table, and in one without repetition.

    Raises UserError where none is, several are alike, or the one that was `told` isn't.
    """
    shared = set.intersection(*(set(table.columns) for table in tables.values()))
    unique = [
        header
        for header in sorted(shared)
        if any(not table[header].duplicated().any() for table in tables.values())
        and all((table[header] != "").all() for table in tables.values())
    ]
    if told:
        if told not in unique:
            raise UserError(
                f"'{told}' can't identify customers: it should be in every file, without a blank, "
                f"and differ from row to row in one of them{_such_as(unique)}."
            )
        return told
    named = [header for header in unique if re.search(_ID, header, re.I)]
    found = named or unique
    if len(found) != 1:
        what = f"several may: {', '.join(found)}" if found else "none is whole and in all files"
        raise UserError(f"which column identifies a customer? {what}. Tell by ID='…', the header.")
    return found[0]


def _such_as(headers: Sequence[str]) -> str:
    return f" (such as {', '.join(headers)})" if headers else ""


def guess_table(name: str, table: pd.DataFrame, identity: str) -> GuessedTable:
    """Return what the columns of a table seem to hold."""
    kept, left_out = [], []
    repeated = table[identity].duplicated().any()
    for header in table.columns:
        texts = table[header]
        kind = "id" if header == identity else _kind(header, texts)
        if (
            kind in ("label", "flag")
            and repeated
            and not table.duplicated([identity, header]).any()
        ):
            kind = "period"
        if kind is None or header.startswith("Unnamed:"):
            left_out.append(header)
        else:
            ours = CUSTOMER_ID if kind == "id" else our_name(header)
            kept.append(Guessed(header, ours, kind, texts))
    if repeated and not any(one.kind == "period" for one in kept):
        raise UserError(
            f"{name} has several rows a customer, and no column tells them apart: leave one row a "
            "customer, or a column of periods."
        )
    return GuessedTable(name, kept, left_out)


def _kind(header: str, texts: "pd.Series[str]") -> str | None:
    filled = texts[texts != ""]
    numbers = pd.to_numeric(filled.str.replace(_AROUND_NUMBERS, "", regex=True), errors="coerce")
    if numbers.isna().any():
        text = filled.str.replace(_AROUND_NUMBERS, "", regex=True).str.replace(",", ".")
        numbers = pd.to_numeric(text, errors="coerce")
    labels = filled.nunique()
    if len(filled) and numbers.notna().all() and labels > 2:
        if re.search(_MONEY, header, re.I) or filled.str.contains(_CURRENCY).any():
            return "money"
        whole = bool((numbers % 1 == 0).all())
        if numbers.between(0, 1).all() or filled.str.endswith("%").any():
            return "share"
        return "count" if whole and (numbers >= 0).all() else "number"
    if labels == 2:
        return "flag"
    return "label" if 1 < labels <= MOST_LABELS else None


def guess_roles(tables: Sequence[GuessedTable], told: str = "") -> dict[str, Any]:
    """Return the likely roles; `told` is the header of the outcome, where somebody says so.

    Raises UserError where no column may be the outcome.
    """
    columns = [one for table in tables if table.period is None for one in table.columns]
    found: dict[str, Any] = {}
    for role, words in _ROLES.items():
        kinds = {"outcome": ("flag",), "consent": ("flag",), "category": ("label",)}
        fitting = [one for one in columns if one.kind in kinds.get(role, ("money", "number"))]
        named = [one for one in fitting if re.search(words, one.header, re.I)]
        if role == "outcome" and told:
            named = [one for one in fitting if one.header == told]
        found[role] = named[0] if named else None
    outcome = found["outcome"]
    if outcome is None:
        flags = [one.header for one in columns if one.kind == "flag"]
        wrong = f"'{told}' isn't one of them" if told else "none is called churn, left or the like"
        raise UserError(
            f"which column is the outcome? {wrong}: tell by OUTCOME='…' which of those with two "
            f"values it is ({', '.join(flags) or 'there is none'})."
        )
    roles: dict[str, Any] = {
        "outcome": {"column": outcome.name, "decline": _decline(outcome)},
        "profit": None,
        "consent": None,
        "category": found["category"].name if found["category"] else None,
    }
    if found["profit"]:
        roles["profit"] = {"column": found["profit"].name, "months": 1}
    if found["consent"]:
        yes = [label for label in found["consent"].labels if re.search(_YES, label, re.I)]
        roles["consent"] = {"column": found["consent"].name, "yes": (yes or ["?"])[0]}
    roles["series"] = dict(_series(tables))
    return roles


def _decline(outcome: Guessed) -> str:
    """Return the label of the outcome that is likely to be the decline."""
    answer = _NO if re.search(_STAYS, outcome.header, re.I) else _YES
    for words in (_DECLINES, answer):
        for label in outcome.labels:
            if re.search(words, label, re.I):
                return label
    return outcome.labels[0]


def _series(tables: Sequence[GuessedTable]) -> Iterator[tuple[str, list[str]]]:
    for table in tables:
        if table.period:
            for one in table.columns:
                if one.kind not in ("id", "period", "label", "flag"):
                    yield one.name, list(table.wide(one))


def contract_text(tables: Sequence[GuessedTable], roles: dict[str, Any]) -> str:
    """Return contract.draft.yaml."""
    unconfirmed = [f"roles.{role}" for role, bound in roles.items() if bound]
    unconfirmed += [
        f"tables.{table.name}.columns.{table.period.name}.periods (the oldest first)"
        for table in tables
        if table.period
    ]
    if roles["profit"]:
        unconfirmed.append("titles.money (the unit of the profit, as people read it)")
    lines = [
        "# Drafted from the files: every line is a guess. Correct what is wrong, take each entry\n",
        "# out of `unconfirmed` when you have looked at it; rename it to contract.yaml.\n",
        "unconfirmed:\n",
        *(f"- {_flow(entry)}\n" for entry in unconfirmed),
        "tables:\n",
    ]
    for table in tables:
        key = [CUSTOMER_ID, *([table.period.name] if table.period else [])]
        lines += [f"  {table.name}:\n", f"    key: {_flow(key)}\n", "    columns:\n"]
        lines += [one.line() for one in table.columns]
        if table.left_out:
            lines.append(f"      # Left out, with too many or too few values: {table.left_out}\n")
    # The outcome is never filled: who has none would pass for one who stayed.
    blank = [
        name
        for table in tables
        for one in table.columns
        if (one.texts == "").any() and one.name != roles["outcome"]["column"]
        for name in table.wide(one)
    ]
    lines += ["repairs: []\n", "exclusions: {}\n", "checks: {}\n"]
    lines += ["groups:\n", f"  imputed: {_flow(blank)}\n", "  behavioural: []\n", "derived: {}\n"]
    lines += ["roles:\n", *(f"  {role}: {_flow(bound)}\n" for role, bound in roles.items())]
    lines += ["titles:\n", *_titles(tables)]
    return "".join(lines)


def _titles(tables: Sequence[GuessedTable]) -> Iterator[str]:
    titles: dict[str, str] = {}
    for table in tables:
        for one in table.columns:
            if table.period and one.kind not in ("id", "period"):
                titles[one.name] = one.header  # of the quantity over all periods
            titles.update(table.wide(one))
    for language in _OFFER:
        yield f"  {language}:\n    shop: ''\n    money: ''\n    columns:\n"
        yield from (f"      {name}: {_flow(header)}\n" for name, header in titles.items())
        yield "    values: {}\n    reasons: {}\n"
        yield f"    segments: {_flow(_SEGMENT[language])}\n"
        yield f"    offers: {_flow(_OFFER[language])}\n    caveats: []\n"


def params_text(
    params: dict[str, Any],
    tables: Sequence[GuessedTable],
    roles: dict[str, Any],
    source: str,
    coming: str,
) -> str:
    """Return params.draft.yaml: what names columns of another shop is replaced."""
    hidden = [CUSTOMER_ID, roles["outcome"]["column"], (roles["profit"] or {}).get("column")]
    numbers: list[str] = []
    labels: list[str] = []
    for table in tables:
        for one in table.columns:
            if one.name not in hidden:
                (labels if one.kind in ("label", "flag") else numbers).extend(table.wide(one))
    params["data"] = {"source": source, "next": coming}
    headers = "".join(one.header for table in tables for one in table.columns)
    params["report"]["language"] = "en" if headers.isascii() else "ru"
    params["prepare"] = {}
    params["features"] = {"numbers": numbers, "categories": labels}
    params["split"]["same_customer"] = []
    first = numbers[0] if numbers else None
    rule = f"{first} > mean({first})" if first else "always"
    params["cut"]["reference"] = {"above_mean": rule}
    params["phrase"]["controllable"] = {}
    params["segment"]["within_categories"] = None
    params["segment"]["rules"] = {"at_risk": "predicted_decline"}
    params["decide"]["lists"] = []
    params["offer"]["tired"] = None
    offer = next(one for one in params["offer"]["catalogue"].values() if one["when"] == "always")
    params["offer"]["catalogue"] = {"any_offer": offer}
    return yaml.safe_dump(params, allow_unicode=True, sort_keys=False)


def _flow(value: object) -> str:
    text = yaml.safe_dump(
        value, default_flow_style=True, allow_unicode=True, width=10_000, sort_keys=False
    )
    return text.removesuffix("...\n").strip()


def draft(source: Path, coming: Path, *, outcome: str = "", identity: str = "") -> tuple[str, str]:
    """Return contract and parameters for the files of a folder, as texts.

    Raises UserError for what can't be read or guessed, and for files whose names no table can have.
    """
    files = find_tables(source)
    renamed = {file: our_name(stem) for stem, file in files.items() if our_name(stem) != stem}
    if renamed:
        moves = " && ".join(
            shlex.join(["mv", str(file), str(file.with_name(name + file.name[len(stem) :]))])
            for stem, file in files.items()
            if (name := renamed.get(file))
        )
        raise UserError(
            f"a table is called like its file, in small Latin letters, figures and '_': {moves}"
        )
    texts = {name: read_texts(file) for name, file in files.items()}
    identity = find_id(texts, identity)
    tables = [guess_table(name, table, identity) for name, table in texts.items()]
    # One row a customer first, the outcome's before all: its customers are the shop's.
    tables.sort(key=lambda table: table.period is not None)
    roles = guess_roles(tables, outcome)
    tables.sort(
        key=lambda table: (table.period is not None, roles["outcome"]["column"] not in table)
    )
    params = params_text(
        read_yaml(Path("params.yaml")), tables, roles, source.as_posix(), coming.as_posix()
    )
    return contract_text(tables, roles), params


def how_it_reads(source: Path, text: str) -> str:
    """Return what a run would say of the files by a drafted contract as it stands."""
    contract = validate(Contract, yaml.safe_load(text), str(CONTRACT))
    try:
        read = read_source(
            source,
            contract.tables,
            contract.repairs,
            contract.checks,
            outcome=contract.roles.outcome.column,
            blank=contract.groups[IMPUTED],
        )
    except UserError as error:
        return f"Read by the draft as it stands, the files are refused:\n{error}\n"
    findings = f"{len(read.notes)} finding{'s' * (len(read.notes) != 1)}"
    return f"The draft reads {len(read.customers):,} customers with {findings}.\n"


def main() -> None:
    """Write the drafts, and tell what to do next."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("source", type=Path, help="folder with the shop's files")
    parser.add_argument("--next", type=Path, help="folder of the customers to act on")
    parser.add_argument("--outcome", default="", help="header of the outcome")
    parser.add_argument("--id", default="", help="header of the customers' ids")
    told = parser.parse_args()
    there = [target for target in (CONTRACT, PARAMS) if target.exists()]
    if there:
        raise UserError(f"{there[0]} is there already: go on with it, or remove it.")
    contract, params = draft(
        told.source, told.next or told.source, outcome=told.outcome, identity=told.id
    )
    write_bytes(CONTRACT, contract.encode("utf-8"))
    write_bytes(PARAMS, params.encode("utf-8"))
    sys.stdout.write(
        f"{CONTRACT} and {PARAMS} are drafts: look at each guess, empty `unconfirmed`, and rename\n"
        "them to contract.yaml and params.yaml. docs/your-files.md tells how.\n"
    )
    sys.stdout.write(how_it_reads(told.source, contract))


if __name__ == "__main__":
    guarded(main)
