"""`python -m bench NAME …`: measure some subjects, or `--all`, and say which targets hold."""

import argparse
import json
import sys
import traceback
from collections.abc import Iterator, Sequence
from typing import TextIO

from bench import tables
from bench.apart import measure_apart
from bench.result import Options, Result, failed
from bench.subjects import SUBJECTS

UNITS = {"k": 10**3, "m": 10**6}


def main(arguments: Sequence[str] | None = None) -> int:
    """0 when every target that was measured holds."""
    asked = _parser().parse_args(arguments)
    if not asked.all and not asked.names:
        _parser().print_help()
        return 2
    options = Options(asked.seconds, asked.links, asked.rows, asked.cache, asked.kills, asked.soak)
    out = sys.stderr if asked.json or asked.markdown else sys.stdout
    results = _told(_all(options) if asked.all else _some(asked.names, options), out)
    if asked.json:
        print(json.dumps({"results": [result.shown() for result in results]}, indent=1))
    if asked.markdown:
        print(tables.markdown(results))
    return 1 if any(result.holds is False for result in results) else 0


def _some(names: Sequence[str], options: Options) -> Iterator[Result]:
    """What a subject had found before it failed stays."""
    for name in names:
        try:
            yield from SUBJECTS[name](options)
        except Exception as error:  # noqa: BLE001 (whatever it is, the others are measured)
            traceback.print_exc()
            yield failed(name, f"{type(error).__name__}: {error}")


def _all(options: Options) -> Iterator[Result]:
    """Each in a process of its own: what fails, hangs or grows takes nothing else with it."""
    for name in SUBJECTS:
        yield from measure_apart(name, options)


def _told(results: Iterator[Result], out: TextIO) -> list[Result]:
    """All of them; each is printed when it is known."""
    known = []
    for result in results:
        known.append(result)
        print(tables.line(result), file=out, flush=True)
    return known


def _number(text: str) -> int:
    """`100m` or `2_000`."""
    unit = UNITS.get(text[-1:].lower())
    return round(float(text[:-1]) * unit) if unit else int(text)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="routy.py bench", description="Measure Routy against its targets.")
    parser.add_argument("names", nargs="*", metavar="NAME", choices=[*SUBJECTS, []], help=", ".join(SUBJECTS))
    parser.add_argument("--all", action="store_true", help="everything, which takes some ten minutes")
    parser.add_argument("--json", action="store_true", help="print the results as JSON, the table on stderr")
    parser.add_argument("--markdown", action="store_true", help="print them as docs/performance.md has them")
    parser.add_argument("--seconds", type=float, default=Options.seconds, help="the length of a round of load")
    parser.add_argument("--links", type=_number, default=Options.links, help="the links of the big table")
    parser.add_argument("--rows", "--clicks", type=_number, default=Options.clicks, metavar="ROWS",
                        help="the clicks that reports are asked of, such as 100m (12 GB of disk)")  # fmt: skip
    parser.add_argument("--cache", default=Options.cache, help="where they are kept for the next time")
    parser.add_argument("--kills", type=int, default=Options.kills, help="how often each server is killed")
    parser.add_argument("--soak", type=float, default=Options.soak, help="the minutes that memory is watched")
    return parser


if __name__ == "__main__":
    sys.exit(main())
