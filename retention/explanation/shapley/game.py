"""What exact methods explain: encoded rows against an encoded background."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True)
class Game:
    """Rows (n, d), whose columns may be replaced by those of each background row (b, d) in turn.

    A player is an original column, and decides on all encoded columns that are made of it: `owner`
    (d,) are the numbers of the columns' players. A player without columns is worth 0.
    """

    rows: Floats
    background: Floats
    owner: Integers
    players: int
