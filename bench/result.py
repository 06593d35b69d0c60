"""What a measurement says, and whether it keeps its target."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Options:
    """What may be chosen on the command line: the seconds of one round of load, the links of the big table, the
    clicks that reports are asked of, and the directory where those are kept for the next time."""

    seconds: float = 2.0
    links: int = 100_000
    clicks: int = 10_000_000
    cache: str = str(Path.home() / ".cache" / "routy-bench")


@dataclass(frozen=True)
class Result:
    """One line of the table. `target` is of the form `≥ 0.70`, or empty; `how` says what was compared with what."""

    name: str
    value: float
    unit: str
    target: str
    how: str

    @property
    def holds(self) -> bool | None:
        """None where nothing is aimed at."""
        if not self.target:
            return None
        sign, bound = self.target.split()
        return {"<": self.value < float(bound), "≤": self.value <= float(bound), "≥": self.value >= float(bound)}[
            sign
        ]
