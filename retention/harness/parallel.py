"""The one door for work on several processors at once: who works where is decided here."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from joblib import Parallel, delayed
from tqdm import tqdm

T = TypeVar("T")

# Joblib's name of who does the work: processes of this machine. A cluster's scheduler that is
# registered with joblib can be named instead; nothing else in this repository would change.
BACKEND = "loky"


def parallel(
    work: Callable[..., T], calls: Sequence[tuple[Any, ...]], *, label: str, unit: str
) -> list[T]:
    """Return `work(*arguments)` for each of `calls`, in their order; shows progress.

    Results don't depend on the number of processors. The first error that a call raises is raised.
    """
    jobs = (delayed(work)(*arguments) for arguments in calls)
    results = Parallel(n_jobs=-1, backend=BACKEND, return_as="generator")(jobs)
    return list(tqdm(results, total=len(calls), desc=label, unit=unit))
