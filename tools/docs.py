"""Write the figures in the READMEs and in docs/: `python -m tools.docs`, after `dvc repro`.

What stands between the marks <!-- name --> and <!-- /name --> of a document is made from metrics/,
plots/ and docs/models/, so that no figure is typed by hand.
"""

from collections.abc import Callable, Mapping
from functools import partial

from retention.harness.files import write_bytes
from tools import campaign, evaluation, example, experiments, models, next_month, readme
from tools.tables import ROOT

Blocks = Mapping[str, Callable[[], str]]

DOCUMENTS: dict[str, Blocks] = {
    **{name: {"figures": partial(readme.figures, words)} for name, words in readme.WORDS.items()},
    "docs/audit.md": {"audit": evaluation.audit},
    "docs/campaign.md": campaign.BLOCKS,
    "docs/evaluation.md": evaluation.BLOCKS,
    "docs/experiments.md": experiments.BLOCKS,
    "docs/next-month.md": next_month.BLOCKS,
    "examples/telco/README.md": {"figures": partial(example.kept, example.TELCO)},
    "docs/models.md": {name: partial(models.measured, name) for name in models.TABLES},
}


def renewed(text: str, blocks: Blocks) -> str:
    """Return a document with its blocks made anew. Raises ValueError for a block without marks."""
    for name, make in blocks.items():
        start, end = f"<!-- {name} -->\n", f"<!-- /{name} -->"
        if start not in text or end not in text:
            raise ValueError(f"the marks of {name!r} are missing")
        before, rest = text.split(start, 1)
        text = before + start + make().rstrip() + "\n" + end + rest.split(end, 1)[1]
    return text


def main() -> None:
    """Renew every document."""
    for name, blocks in DOCUMENTS.items():
        file = ROOT / name
        write_bytes(file, renewed(file.read_text(encoding="utf-8"), blocks).encode("utf-8"))


if __name__ == "__main__":
    main()
