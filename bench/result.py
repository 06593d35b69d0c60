"""What a measurement says, and whether it keeps its target."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

SIGNS = {"<": lambda value, bound: value < bound, "≤": lambda value, bound: value <= bound,
         "≥": lambda value, bound: value >= bound, "=": lambda value, bound: value == bound}  # fmt: skip


@dataclass(frozen=True)
class Options:
    """What may be chosen on the command line: the seconds of one round of load, the links of the big table, the
    clicks that reports are asked of, the directory where those are kept for the next time, how often each server is
    killed, and the minutes that memory is watched."""

    seconds: float = 2.0
    links: int = 1_000_000
    clicks: int = 10_000_000
    cache: str = str(Path.home() / ".cache" / "routy-bench")
    kills: int = 3
    soak: float = 1.0


@dataclass(frozen=True)
class Result:
    """One line of the table. `target` is of the form `≥ 0.70`, or empty; `how` says what was compared with what.
    Without a value it was not measured, and `how` says why."""

    name: str
    value: float | None
    unit: str
    target: str
    how: str
    broken: bool = False  # it should have been measured

    @property
    def holds(self) -> bool | None:
        """None where nothing is aimed at, or what it takes is not installed."""
        if self.broken:
            return False
        if self.value is None or not self.target:
            return None
        sign, bound = self.target.split()
        return bool(SIGNS[sign](self.value, float(bound)))

    def shown(self) -> dict[str, Any]:
        """As JSON has it."""
        value = self.value if self.value is None else float(f"{self.value:.6g}")
        return {
            "name": self.name, "value": value, "unit": self.unit, "target": self.target, "holds": self.holds,
            "how": self.how,
        }  # fmt: skip


def of_shown(shown: dict[str, Any]) -> Result:
    """Back from JSON."""
    told = [shown[name] for name in ("name", "value", "unit", "target", "how")]
    return Result(*told, broken=shown["value"] is None and shown["holds"] is False)


def failed(name: str, why: str) -> Result:
    """In the place of what a subject would have found."""
    return Result(name, None, "", "", f"not measured: {why}", broken=True)
