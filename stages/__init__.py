"""The stages of dvc.yaml, a script each, run as `python -m stages.<name>`.

Parallelism is by processes (joblib). Linear algebra on several threads inside each of them makes
a search several times slower, so threads are set to one here, before numpy is imported.
"""

import os
import sys
from types import TracebackType

for _variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_variable, "1")


def _quietly(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Leave Ctrl-C to the one line that DVC says of it; imports take long enough to be hit."""
    if not issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)


sys.excepthook = _quietly
