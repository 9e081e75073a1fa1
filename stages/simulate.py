"""Write the four files of the demo store, and the truth that only a simulation knows."""

from pathlib import Path

from retention.demo.store import load_statistics, simulate_store, write_store
from retention.harness.stage import run
from stages.parameters.simulate import Params


def main(params: Params) -> None:
    """Write data/demo/*.csv."""
    statistics = load_statistics(Path("retention/demo/store.json"))
    store = simulate_store(params.simulate.customers, params.simulate.seed, statistics)
    write_store(store, Path("data/demo"))


if __name__ == "__main__":
    run(main, Params)
