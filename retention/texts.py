"""Labels and sentences for people, in the language of `report.language`: texts/<language>.yaml."""

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from retention.contract.columns import LEVELS
from retention.contract.schema import OfferTitles, Titles
from retention.harness.errors import UserError
from retention.harness.yaml12 import read_yaml

FOLDER = Path("texts")
MISSING = "–"


class Texts:
    """The texts of one language: ours, and the titles that contract.yaml gives the shop's own.

    What has no title is called by its name. `{money}` in a text is the unit of the shop's profit.
    """

    def __init__(self, content: dict[str, Any], file: Path, titles: Titles) -> None:
        self._content, self._file, self._titles = content, file, titles

    def get(self, *keys: str) -> str:
        """Return a text by its keys. Raises UserError when it is missing."""
        return str(self._find(keys)).replace("{money}", self._titles.money)

    def items(self, *keys: str) -> list[str]:
        """Return a list of texts by its keys. Raises UserError when it is missing."""
        return [str(item) for item in self._find(keys)]

    def _find(self, keys: tuple[str, ...]) -> Any:
        value: Any = self._content
        for key in keys:
            if not isinstance(value, dict) or key not in value:
                raise UserError(f"{self._file} lacks the text '{'.'.join(keys)}': add it.")
            value = value[key]
        return value

    def column(self, name: str) -> str:
        """Return the label of a column: ours, the shop's, or of a derived one."""
        ours = self._content["columns"]
        return self.get("columns", name) if name in ours else self._titles.columns.get(name, name)

    def columns(self, names: Any) -> list[str]:
        """Return the labels of several columns."""
        return [self.column(name) for name in names]

    def segment(self, name: str) -> str:
        """Return the label of a segment; "" is that of none."""
        if not name:
            return self.get("segments", "none")
        return str(self._titles.segments.get(name, name))

    def channel(self, name: str) -> str:
        """Return the label of a channel, or the shop's own name of it."""
        return self.get("channels", name) if name in self._content["channels"] else name

    def offer(self, name: str, part: str) -> str:
        """Return the `name`, `title` or `why` of an offer; without a `why` that is ""."""
        titles = self._titles.offers.get(name, OfferTitles(name=name, title=name))
        return str(getattr(titles, part))

    def assumption(self, name: str) -> str:
        """Return what an assumption is called, by its dotted name: `offers.premium.harm`."""
        match name.split("."):
            case ["offers", offer, part]:
                return f"{self.offer(offer, 'name')}: {self.get('assumptions', part)}"
            case ["channels", channel, part]:
                return f"{self.channel(channel)}: {self.get('assumptions', f'channel_{part}')}"
            case _:
                return self.get("assumptions", name)

    def reason(self, column: str, level: str) -> str:
        """Return the sentence of a reason: of a number's level, or of a value of other columns."""
        own = self._titles.reasons.get(column, {})
        if level in own or "value" in own:
            return own.get(level) or own["value"]
        kind = level if level in LEVELS else "value"
        return self.get("reasons", kind).replace("{label}", self.column(column))

    @property
    def caveats(self) -> list[str]:
        """What the shop's data don't say."""
        return list(self._titles.caveats)

    @property
    def shop(self) -> str:
        """What the shop is called."""
        return self._titles.shop

    def number(self, value: float | None, digits: int = 2) -> str:
        """Return a number in the reader's notation, without needless zeros; a missing one: a dash.

        Missing is nan, or None as in JSON.
        """
        if value is None or math.isnan(value):
            return MISSING
        text = f"{value:.{digits}f}"
        text = text.rstrip("0").rstrip(".") if "." in text else text
        text = "0" if text == "-0" else text
        return text.replace(".", self.get("format", "decimal"))

    def percent(self, share: float | None) -> str:
        """Return a share as a percentage with one decimal; a missing one: a dash."""
        if share is None or math.isnan(share):
            return MISSING
        return f"{self.number(100 * share, 1)}\u202f%"

    def value(self, value: object) -> str:
        """Return a value of the shop's data in the reader's language, itself if none is given.

        A blank one, which tables on disk have as nan, is a dash.
        """
        if not isinstance(value, str) or not value:
            return MISSING
        return self._titles.values.get(value, value)


def read_texts(language: Literal["ru", "en"], titles: Mapping[str, Any]) -> Texts:
    """Read the texts of a language, `ru` or `en`, and take its `titles` of the contract's.

    These by language, as types or as data/check/titles.json has them.
    """
    file = FOLDER / f"{language}.yaml"
    return Texts(read_yaml(file), file, Titles.model_validate(titles[language]))
