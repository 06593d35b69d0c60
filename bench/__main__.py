"""`python -m bench NAME …`: measure some subjects, or `--all`, and say which targets hold."""

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict

from bench import api, click_path, latency, loading, machine, memory, redirect_rate, reports, start, visible
from bench.result import Options, Result

SUBJECTS: dict[str, Callable[[Options], list[Result]]] = {
    "machine": machine.measure,
    "redirect": redirect_rate.measure,
    "click": click_path.measure,
    "api": api.measure,
    "start": start.measure,
    "loading": loading.measure,
    "visible": visible.measure,
    "memory": memory.measure,
    "latency": latency.measure,
    "reports": reports.measure,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """0 when every target that was measured holds."""
    asked = _parser().parse_args(arguments)
    names = list(SUBJECTS) if asked.all else asked.names
    if not names:
        _parser().print_help()
        return 2
    options = Options(asked.seconds, asked.links, asked.clicks, asked.cache)
    results = []
    for name in names:
        for result in SUBJECTS[name](options):
            results.append(result)
            print(_line(result), file=sys.stderr if asked.json else sys.stdout, flush=True)
    if asked.json:
        print(json.dumps({"results": [{**asdict(result), "holds": result.holds} for result in results]}, indent=1))
    return 1 if any(result.holds is False for result in results) else 0


def _line(result: Result) -> str:
    verdict = {True: "holds", False: "MISSED", None: ""}[result.holds]
    return f"{result.name:30}{result.value:10.2f} {result.unit:6}{result.target:>8}  {verdict:7} {result.how}"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="routy.py bench", description="Measure Routy against its targets.")
    parser.add_argument("names", nargs="*", metavar="NAME", choices=[*SUBJECTS, []], help=", ".join(SUBJECTS))
    parser.add_argument("--all", action="store_true", help="everything, which takes some two minutes")
    parser.add_argument("--json", action="store_true", help="print the results as JSON, the table on stderr")
    parser.add_argument("--seconds", type=float, default=2.0, help="the length of a round of load")
    parser.add_argument("--links", type=int, default=100_000, help="the links of the big table in latency")
    parser.add_argument("--clicks", type=int, default=10_000_000, help="the clicks that reports are asked of")
    parser.add_argument("--cache", default=Options.cache, help="where they are kept for the next time")
    return parser


if __name__ == "__main__":
    sys.exit(main())
