"""Where the shop's files lie, and the folders of the demo store that `simulate` makes."""

from pathlib import Path

from retention.harness.parameters import Section

DEMO, DEMO_NEXT = Path("data/demo"), Path("data/demo_next")


class Data(Section):
    """`data`."""

    source: str
    next: str

    @property
    def to_act_on(self) -> str:
        """The folder of the customers to act on.

        The demo's next month belongs to the demo alone: with a shop's own files in `source`, they
        are taken, until `next` names another folder.
        """
        own = Path(self.source) != DEMO
        return self.source if own and Path(self.next) in (DEMO, DEMO_NEXT) else self.next
