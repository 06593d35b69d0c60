"""Results as lines of text, and as the table that docs/performance.md shows."""

from collections.abc import Sequence

from bench.result import Result

VERDICTS = {True: "holds", False: "MISSED", None: ""}


def line(result: Result) -> str:
    value = "–" if result.value is None else f"{result.value:.2f}"
    verdict = VERDICTS[result.holds]
    return f"{result.name:34}{value:>10} {result.unit:6}{result.target:>8}  {verdict:7} {result.how}"


def markdown(results: Sequence[Result]) -> str:
    rows = [f"| {result.name} | {_value(result)} | {result.target} | {_verdict(result)} |" for result in results]
    notes = [f"- **{result.name}**: {result.how}" for result in results]
    head = ["| what | measured | target | |", "|---|---|---|---|"]
    return "\n".join([*head, *rows, "", *notes])


def _value(result: Result) -> str:
    return "–" if result.value is None else f"{result.value:.3g} {result.unit}"


def _verdict(result: Result) -> str:
    return "**missed**" if result.holds is False else VERDICTS[result.holds]
