"""What a file is that isn't a table of the format that its name says, by how it begins."""

import re
from pathlib import Path

from retention.intake.problems import Problem, Refused

ZIP, GZIP, PARQUET = b"PK\x03\x04", b"\x1f\x8b", b"PAR1"
_OTHER_FILES = {
    ZIP: ("an Excel workbook, or a ZIP, but its name doesn't say so", "give it the ending .xlsx"),
    b"\xd0\xcf\x11\xe0": (
        "an old or encrypted Excel workbook",
        "save it as .xlsx without a password",
    ),
    PARQUET: ("a Parquet file, but its name doesn't say so", "give it the ending .parquet"),
    GZIP: ("compressed, but its name doesn't say so", "give it the ending .csv.gz"),
    b"version https://git-lfs": (
        "a pointer of Git LFS, not the file",
        "fetch it with git lfs pull",
    ),
    b"outs:\n- md5": ("a pointer of DVC, not the file", "fetch it with dvc pull"),
    b"<!doctype html": ("a web page, not a table", "export the table again"),
    b"<html": ("a web page, not a table", "export the table again"),
    b"<table": ("a web page, not a table", "export the table again"),
    b"<meta": ("a web page, not a table", "export the table again"),
    b"<?xml": ("XML, not a table", "export the table as CSV"),
    b"%pdf": ("a PDF, not a table", "export the table as CSV"),
    b"{\\rtf": ("a document, not a table", "export the table as CSV"),
}
_JSON = re.compile(rb'^\s*[\[{]\s*["\[{]')


def refuse_other(file: Path, raw: bytes, name: str, own: bytes = b"") -> None:
    """Raise Refused for what begins as something else than its own format does."""
    if own and raw.startswith(own):
        return
    begin = raw[:64].removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    for start, (what, advice) in _OTHER_FILES.items():
        if begin.startswith(start.lower()):
            raise Refused(Problem(file, f" is {what}", advice, table=name))
    if _JSON.match(begin):
        advice = "export the table as CSV"
        raise Refused(Problem(file, " is JSON, not a table", advice, table=name))
