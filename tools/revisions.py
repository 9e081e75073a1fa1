"""What git has of a revision: a branch, a tag, a commit, an experiment of DVC, or the workspace.

Nothing is checked out, and DVC isn't asked: it takes a second to start, and its cache may be
empty. Customers and contacts, which git doesn't have, are read where the workspace or DVC's cache
has them.
"""

import configparser
import io
import json
import subprocess
from pathlib import Path
from typing import Any

import pandas as pd

from retention.contract.columns import CUSTOMER_ID
from retention.evaluation.kept import read_kept
from retention.harness.errors import UserError
from retention.harness.yaml12 import parse_scalar
from retention.revisions.compared import Revision

WORKSPACE = "workspace"
METRICS = ("decide", "evaluate", "headline", "prepare", "segment")
CUSTOMERS, CONTACTS = "data/customers.parquet", "offers/contact_list.csv"


def revision(name: str) -> Revision:
    """Return what git, or the workspace, has of a revision; paths are relative to here.

    Raises UserError where the folder is no clone, or nothing is called so.
    """
    commit = "" if name == WORKSPACE else resolve(name)
    read = Reader(commit)
    lock = read.yaml("dvc.lock").get("stages", {})
    customers = read.output(CUSTOMERS, lock)
    contacts = read.output(CONTACTS, lock)
    kept = read.csv("plots/evaluate/outer.csv", row=str)
    return Revision(
        name,
        commit,
        params=read.yaml("params.yaml"),
        contract=read.yaml("contract.yaml"),
        lock=lock,
        requirements=(read.content("requirements.txt") or b"").decode("utf-8"),
        metrics={one: read.json(f"metrics/{one}.json") for one in METRICS},
        kept=None if kept is None else read_kept(kept),
        families=read.csv("plots/evaluate/families.csv"),
        customers=None if customers is None else pd.read_parquet(io.BytesIO(customers)),
        contacts=None if contacts is None else _ids(contacts),
    )


def resolve(name: str) -> str:
    """Return the commit that a branch (of `origin`, too), tag, commit or experiment names.

    Raises UserError as `revision` does.
    """
    _git("rev-parse", "--git-dir")
    for candidate in (name, f"origin/{name}"):
        if not candidate.startswith("-"):
            found = _git("rev-parse", "--verify", "--quiet", f"{candidate}^{{commit}}", check=False)
            if found:
                return str(found.decode("ascii").strip())
    experiments = experiment_commits()
    if name in experiments:
        return experiments[name]
    raise UserError(
        f"'{name}' is no branch, tag, commit or experiment here: `git branch --all` and "
        "`dvc exp list --all-commits` list them, and a clone of some commits only gets the others "
        "by `git fetch --unshallow`."
    )


def experiment_commits() -> dict[str, str]:
    """Return experiment → its commit; where a name was used twice, the newer one."""
    listed = _git(
        "for-each-ref", "--sort=committerdate", "--format=%(refname) %(objectname)", "refs/exps"
    )
    found = {}
    for line in listed.decode("utf-8").splitlines():
        ref, commit = line.rsplit(" ", 1)
        parts = ref.split("/")  # refs/exps/<2 digits>/<38 digits of the baseline>/<name>
        if len(parts) == 5 and len(parts[3]) == 38:
            found[parts[4]] = commit
    return found


class Reader:
    """Reads files of a commit, or of the workspace when it is empty."""

    def __init__(self, commit: str) -> None:
        self.commit = commit

    def content(self, path: str) -> bytes | None:
        """Return a file's content; None when the revision has no such file."""
        if not self.commit:
            file = Path(path)
            return file.read_bytes() if file.is_file() else None
        found: bytes | None = _git("cat-file", "blob", f"{self.commit}:{path}", check=False)
        return found

    def yaml(self, path: str) -> Any:
        """Return a file's content; {} when it isn't there."""
        text = (self.content(path) or b"").decode("utf-8")
        return parse_scalar(text) if text else {}

    def json(self, path: str) -> Any:
        """Return a file's content; {} when it isn't there."""
        return json.loads(self.content(path) or b"{}")

    def csv(self, path: str, **types: type) -> pd.DataFrame | None:
        """Return a table, None when it isn't there; `types` are those of some of its columns."""
        content = self.content(path)
        return None if content is None else pd.read_csv(io.BytesIO(content), dtype=types)

    def output(self, path: str, lock: dict[str, Any]) -> bytes | None:
        """Return an output that git ignores, from the workspace or from DVC's cache."""
        if not self.commit:
            return self.content(path)
        outs = [out for entry in lock.values() for out in entry.get("outs", [])]
        digests = [str(out["md5"]) for out in outs if out["path"] == path and "md5" in out]
        for digest in digests:
            file = _cache() / digest[:2] / digest[2:]
            if file.is_file():
                return file.read_bytes()
        return None


def _cache() -> Path:
    """Return the folder of DVC's cache for files, as its config says."""
    config = configparser.ConfigParser()
    config.read([".dvc/config", ".dvc/config.local"], encoding="utf-8")
    folder = Path(config.get("cache", "dir", fallback="cache"))
    return (folder if folder.is_absolute() else Path(".dvc") / folder) / "files" / "md5"


def _ids(contacts: bytes) -> list[object]:
    table = pd.read_csv(io.BytesIO(contacts), dtype=str)
    return list(table[CUSTOMER_ID]) if CUSTOMER_ID in table else []


def _git(*arguments: str, check: bool = True) -> Any:
    """Return what git prints, as bytes; None where it fails and that is no error."""
    try:
        found = subprocess.run(["git", *arguments], capture_output=True, check=False)  # noqa: S607
    except FileNotFoundError as error:
        raise UserError("git isn't installed: revisions are compared by what it has.") from error
    if found.returncode and check:
        raise UserError(
            f"{Path.cwd()} is no clone of a repository (a ZIP has no history): get one by "
            "`git clone`."
        )
    return None if found.returncode else found.stdout
