"""Read files in which random bytes are damaged: `python -m tools.fuzz_reading FOLDER`.

FOLDER holds the files that contract.yaml describes, data/demo by default. Each of 2,000 times one
of them, in one of the formats and encodings that are read, is damaged, and all are read. That ends
with customers or with a refusal of a sentence a line; anything else, and a reading of more than a
minute, ends this command with its traceback. Prints how often which.
"""

import argparse
import faulthandler
import gzip
import random
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pandas as pd
import tqdm

from retention.contract.schema import Repair, Tables, read_contract
from retention.harness.errors import UserError
from retention.intake.source import read_source

ENCODINGS = ("utf-8", "utf-8", "utf-16", "cp1251")
ENDINGS = (".csv", ".csv", ".csv", ".csv.gz", ".xlsx", ".parquet")
CUSTOMERS = 30
HANGS = 60  # seconds
# What means something in a table: more is found by these than by other bytes.
TELLING = (b";", b",", b'"', b"\n", b"\r", b"\t", b"\0", b"=", b"'", b"%", b"-", b".", b"\xff")


def main() -> None:
    """Fuzz, and print the counts."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, nargs="?", default=Path("data/demo"))
    parser.add_argument("--files", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    contract = read_contract()
    ends = fuzz(options.folder, contract.tables, contract.repairs, options.files, options.seed)
    found = Counter(tqdm.tqdm(ends, total=options.files))
    for end, count in sorted(found.items()):
        print(f"{end:14} {count:6,}")


def fuzz(
    folder: Path, tables: Tables, repairs: Sequence[Repair], files: int, seed: int
) -> Iterator[str]:
    """Yield how each reading ends: `read`, `with findings` or `refused`.

    Raises AssertionError for a refusal that isn't a sentence a line, and what else goes wrong.
    """
    draw = random.Random(seed)  # noqa: S311 - no secret
    texts = {
        name: (folder / f"{name}.csv").read_text(encoding="utf-8-sig").strip().split("\n")
        for name in tables
    }
    # A row begins with the id in the shop's files; a few customers are as good as all of them.
    known = {_id(line) for line in next(iter(texts.values()))[: CUSTOMERS + 1]}
    texts = {
        name: [line for n, line in enumerate(lines) if not n or _id(line) in known]
        for name, lines in texts.items()
    }
    for _ in range(files):
        with tempfile.TemporaryDirectory() as target:
            _write(Path(target), texts, draw)
            faulthandler.dump_traceback_later(HANGS, exit=True)
            try:
                source = read_source(Path(target), tables, repairs, {})
            except UserError as error:
                lines = str(error).splitlines()
                wrong = [one for one in lines if not one.endswith(".") or len(one) < HANGS // 3]
                if wrong or not lines:
                    raise AssertionError(f"no sentences: {lines}") from error
                yield "refused"
            else:
                yield "with findings" if source.notes else "read"
            finally:
                faulthandler.cancel_dump_traceback_later()


def _id(line: str) -> str:
    return line.replace(";", ",").partition(",")[0]


def _write(folder: Path, texts: Mapping[str, Sequence[str]], draw: random.Random) -> None:
    damaged = draw.choice(list(texts))
    for name, lines in texts.items():
        text = "\n".join(lines)
        if name != damaged:
            (folder / f"{name}.csv").write_text(text, encoding="utf-8")
            continue
        ending = draw.choice(ENDINGS)
        file = folder / f"{name}{ending}"
        if ending == ".csv" or draw.random() < 0.5:
            encoding = draw.choice(ENCODINGS)
            _frame_or_text(file, text.encode(encoding, errors="ignore"), lines)
            file.write_bytes(_damaged(file.read_bytes(), draw))
        else:
            # Damage of what is inside, which a checksum of the container would tell.
            inside = _damaged(text.encode(), draw).decode(errors="replace")
            _frame_or_text(file, inside.encode(), inside.split("\n"))


def _frame_or_text(file: Path, content: bytes, lines: Sequence[str]) -> None:
    """Write a text, or the same cells as a workbook or a Parquet file."""
    separator = max(",;", key=lines[0].count)
    rows = [line.strip("\r").split(separator) for line in lines]
    width = len(rows[0])
    cells = [(row + [""] * width)[:width] for row in rows]
    table = pd.DataFrame(cells[1:], columns=cells[0])
    match "".join(file.suffixes):
        case ".xlsx":
            table.map(_printable).to_excel(file, index=False, header=[*map(_printable, cells[0])])
        case ".parquet":
            # Parquet has no name twice.
            once = {
                f"{name}{n if name in cells[0][:n] else ''}": n for n, name in enumerate(cells[0])
            }
            table.set_axis(list(once), axis=1).to_parquet(file)
        case ".csv.gz":
            file.write_bytes(gzip.compress(content))
        case _:
            file.write_bytes(content)


def _printable(text: str) -> str:
    return "".join(one for one in text if one.isprintable())


def _damaged(content: bytes, draw: random.Random) -> bytes:
    damaged = bytearray(content)
    for _ in range(draw.choice([1, 1, 2, 5, 20])):
        place = draw.randrange(len(damaged))
        match draw.randrange(6):
            case 0:
                damaged[place] = draw.randrange(256)
            case 1:
                del damaged[place : place + draw.choice([1, 3, 50])]
            case 2:
                damaged[place:place] = damaged[place : place + draw.choice([1, 10, 200])]
            case 3 if draw.random() < 0.1:
                del damaged[place:]
            case _:
                damaged[place:place] = draw.choice(TELLING)
        damaged = damaged or bytearray(b" ")
    return bytes(damaged)


if __name__ == "__main__":
    main()
