"""Write the demo store's files, those of the month after, and the truth of both."""

from pathlib import Path

from retention.demo.next_month import NextMonth, load_change, simulate_next_month
from retention.demo.store import load_statistics, simulate_store, write_store
from retention.harness.stage import run
from stages.parameters.simulate import Params


def main(params: Params) -> None:
    """Write data/demo/*.csv, and data/demo_next/*.csv, whose market file lacks the outcome."""
    asked = params.simulate
    statistics = load_statistics(Path("retention/demo/store.json"))
    change = load_change(Path("retention/demo/store.json"))
    following = NextMonth(
        asked.next_continuing, asked.next_fresh, asked.next_drift, asked.next_relation
    )
    write_store(simulate_store(asked.customers, asked.seed, statistics), Path("data/demo"))
    write_store(
        simulate_next_month(asked.customers, asked.seed, statistics, following, change),
        Path("data/demo_next"),
    )


if __name__ == "__main__":
    run(main, Params)
