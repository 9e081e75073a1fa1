"""From the bytes of a file to its text: which encoding it is in, and Cyrillic that was broken.

An encoding is taken where the header, and most words that the contract knows, are there in it
alone. Text that was saved through a wrong encoding is mended where that is exact: where the whole
file, taken back through one way of breaking it, is a text with the header. A file of which only a
part is broken was put together from several, and is refused.
"""

import gzip
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import ftfy.bad_codecs

from retention.contract.schema import Table
from retention.intake.headers import header_among, separators_that_fit
from retention.intake.problems import FILE, Note, Patch, Problem, Refused
from retention.intake.signatures import GZIP, refuse_other
from retention.intake.values import labels

ftfy.bad_codecs.ok()  # registers the codecs that keep bytes which an encoding doesn't use

# Where a text isn't UTF-8. Each letter of Cyrillic is another one in any other of them.
_ENCODINGS = ("cp1251", "koi8-r", "cp866", "cp1252", "latin-1", "utf-16-le", "utf-16-be")
_BOMS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
# How text is broken: what was written in one of _WRITTEN was read as one of _READ.
_READ = (
    "sloppy-windows-1252",
    "latin-1",
    "sloppy-windows-1251",
    "koi8-r",
    "cp866",
    "cp437",
    "macroman",
)
_WRITTEN = ("utf-8", "cp1251", "koi8-r", "cp866")
_SAMPLE = 1 << 20  # bytes, or characters, that an encoding is judged by
_AGAIN = "save it again as CSV UTF-8"


@dataclass(frozen=True)
class Text:
    """A file as UTF-8 with LF alone and plain blanks.

    `unsure` has the encodings that it may as well be in: then what isn't ASCII isn't known.
    """

    content: bytes
    notes: list[Note]
    unsure: tuple[str, ...] = ()


def read_bytes(file: Path, name: str) -> bytes:
    """Return what a file of text holds, decompressed. Raises Refused."""
    raw = file.read_bytes()
    if file.suffix == ".gz":
        refuse_other(file, raw, name, GZIP)
        try:
            return gzip.decompress(raw)
        except (OSError, EOFError, zlib.error) as error:
            wrong = " isn't a whole gzip file"
            raise Refused(Problem(file, wrong, "compress it again", table=name)) from error
    return raw


def decode(file: Path, raw: bytes, name: str, table: Table) -> Text:
    """Return the text of the table `name`. Raises Refused where its encoding isn't certain."""
    refuse_other(file, raw, name)
    reader = _Reader(file, name, table)
    text = reader.declared(raw) if table.encoding else reader.found(raw)
    content = text.content.removeprefix("\ufeff".encode())
    if b"\0" in content:
        raise Refused(Problem(file, " isn't a text", _AGAIN, table=name))
    for blank in ("\u00a0", "\u202f", "\u2007", "\u2009"):
        content = content.replace(blank.encode(), b" ")
    content = content.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    content = content.removesuffix(b"\x1a")  # the end of a file, as DOS marked it
    return Text(content, text.notes, text.unsure)


class _Reader:
    """Finds the encoding of one file."""

    def __init__(self, file: Path, name: str, table: Table) -> None:
        self.file, self.name, self.table = file, name, table
        self.headers = [column.header for column in table.columns.values()]
        words = [*self.headers, *(one for c in table.columns.values() for one in labels(c))]
        self.words = {word for word in words if not word.isascii()}

    def declared(self, raw: bytes) -> Text:
        encoding = str(self.table.encoding)
        try:
            text = raw.decode(encoding)
        except (UnicodeDecodeError, LookupError) as error:
            raise Refused(self._problem(f" isn't in the declared encoding {encoding}")) from error
        return Text(text.encode(), [])

    def found(self, raw: bytes) -> Text:
        boms = [encoding for bom, encoding in _BOMS.items() if raw.startswith(bom)]
        try:
            text = raw.decode(boms[0] if boms else "utf-8")
        except UnicodeDecodeError as error:
            if boms:
                raise Refused(self._problem(" is cut off or broken")) from error
            return self._in_other_encoding(raw, raw[: error.start].count(b"\n") + 1)
        if "\0" in text and not boms:
            return self._in_other_encoding(raw, 1)
        if self.words and not any(word in text for word in self.words) and not text.isascii():
            mended = self._mended(text)
            if mended is not None:
                return mended
        return Text(text.encode() if boms else raw, [])

    def _in_other_encoding(self, raw: bytes, line: int) -> Text:
        """Return the text in the encoding that alone makes sense; `line` isn't UTF-8."""
        known = {}
        for encoding in _ENCODINGS:
            sample = raw[:_SAMPLE]
            if len(raw) > _SAMPLE:
                sample = sample[: sample.rfind(b"\n") + 1 or None]
                sample = sample[: len(sample) // 2 * 2] if "16" in encoding else sample
            try:
                text = sample.decode(encoding)
            except UnicodeDecodeError:
                continue
            if self._has_header(text):
                known[encoding] = self._known(text)
        best = [one for one, count in known.items() if count == max(known.values())]
        if not best:
            raise Refused(self._problem(" is not UTF-8", line))
        text = self._whole(raw, best[0], line)
        if len(best) == 1:
            why = "the header and words of the contract are there in no other"
            done = "read in this encoding"
            note = Note(self.file, None, "", best[0], done, why, table=self.name)
            return Text(text.encode(), [note])
        # Whatever it is: not one word of the contract tells. What is ASCII reads the same in all.
        return Text(text.encode(), [], tuple(best))

    def _whole(self, raw: bytes, encoding: str, line: int) -> str:
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError as error:
            raise Refused(self._problem(" is not UTF-8", line)) from error

    def _has_header(self, text: str) -> bool:
        if self.table.separator:
            return header_among(text, self.headers, self.table.separator) is not None
        return bool(separators_that_fit(text, self.headers))

    def _known(self, text: str) -> int:
        return sum(word in text for word in self.words)

    def _mended(self, text: str) -> Text | None:
        """Return the text as it was before it went through a wrong encoding, where one fits."""
        sample = text[:_SAMPLE]
        sample = sample[: sample.rfind("\n") + 1] if len(text) > _SAMPLE else sample
        known: dict[str, int] = {}
        ways: dict[str, list[tuple[str, str]]] = {}
        for way, mended in _ways_back(sample):
            if mended not in ways and self._has_header(mended.removeprefix("\ufeff")):
                ways[mended], known[mended] = way, self._known(mended)
        best = [one for one, count in known.items() if count == max(known.values()) and count]
        if len(best) != 1:
            return None
        whole, way = text, ways[best[0]]
        try:
            for read, written in way:
                whole = whole.encode(read).decode(written)
        except UnicodeError:
            return None
        broken = " and ".join(
            f"{written} that was read as {read.removeprefix('sloppy-')}"
            for read, written in reversed(way)
        )
        done, why = "its broken Cyrillic is mended", "taken back, the whole file is a text again"
        note = Note(self.file, None, "", broken, done, why, "warning", table=self.name)
        return Text(whole.encode(), [note])

    def _problem(self, wrong: str, line: int | None = None) -> Problem:
        place = f"tables.{self.name}"
        known = [f"encoding: {self.table.encoding}"] if self.table.encoding else []
        advice = f"{_AGAIN}, or remove '{known[0]}' of {place}" if known else _AGAIN
        return Problem(self.file, wrong, advice, FILE, line, table=self.name)


def _ways_back(text: str) -> Iterator[tuple[list[tuple[str, str]], str]]:
    """Yield what a text may have been before it was read in a wrong encoding, once or twice.

    Encoding and decoding refuse what they don't know, so each of them can be undone: it is exact.
    """
    once = list(_one_way_back(text))
    for step, before in once:
        yield [step], before
    for step, before in once:
        if step[1] == "utf-8":
            for earlier, first in _one_way_back(before):
                if earlier[1] == "utf-8":
                    yield [step, earlier], first


def _one_way_back(text: str) -> Iterator[tuple[tuple[str, str], str]]:
    for read in _READ:
        for written in _WRITTEN:
            try:
                before = text.encode(read).decode(written)
            except UnicodeError:
                continue
            if before != text:
                yield (read, written), before


def how_broken(text: str, known: set[str]) -> str:
    """Return how a value became broken, where some way back leads to a known one, or nothing."""
    for way, before in _ways_back(text):
        if before in known:
            return " and ".join(
                f"{written} that was read as {read.removeprefix('sloppy-')}"
                for read, written in reversed(way)
            )
    return ""


def unsure(text: Text, file: Path, name: str) -> Problem:
    """Return the problem of a text that makes sense in several encodings."""
    patches = tuple(Patch(f"tables.{name}", f"encoding: {one}") for one in text.unsure[:2])
    wrong = f" is not UTF-8, and may be {' or '.join(text.unsure)}"
    return Problem(file, wrong, _AGAIN, FILE, table=name, patches=patches)
