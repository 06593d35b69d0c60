"""The corpus that the judgement of agents is held against, and the tables of docs/classes.md made of it."""

from collections import Counter
from functools import cache
from pathlib import Path
from typing import NamedTuple

from routy.clicks.classify import judge_agent

CORPUS = Path(__file__).parent / "corpus"
HELD_OUT = (
    "crawlers/device-detector",
    "browsers/device-detector",
    "browsers/user-agents",
    "browsers/top-user-agents",
)
CLASSES = ("human", "bot", "preview", "scanner")


class Row(NamedTuple):
    label: str  # crawlers or browsers, as its list has it
    list: str
    agent: str
    aside: str  # why it is not counted, else empty


@cache
def corpus() -> tuple[Row, ...]:
    lines = (line.split("\t", 2) for line in (CORPUS / "set_aside.tsv").read_text().splitlines()[1:])
    aside = {(name, agent): reason for name, reason, agent in lines}
    rows = []
    for file in sorted(CORPUS.glob("*/*.txt")):
        name = f"{file.parent.name}/{file.stem}"
        for agent in file.read_text().splitlines():
            rows.append(Row(file.parent.name, file.stem, agent, aside.get((name, agent), "")))
    return tuple(rows)


def counted(label: str, held_out: bool | None = None) -> list[Row]:
    wanted = (row for row in corpus() if row.label == label and not row.aside)
    return [row for row in wanted if held_out is None or (f"{label}/{row.list}" in HELD_OUT) == held_out]


def wrong(rows: list[Row]) -> list[Row]:
    """Crawlers that pass for people, browsers that do not."""
    return [row for row in rows if (judge_agent(row.agent)[0] == "human") != (row.label == "browsers")]


def share(rows: list[Row]) -> float:
    return len(wrong(rows)) / len(rows)


# ---- the tables of docs/classes.md


def tables() -> list[str]:
    """Markdown: label by class, then list by list."""
    return ["\n".join(_confusion()), "\n".join(_lists())]


def _confusion() -> list[str]:
    lines = ["| of these | rows | human | bot | preview | scanner | wrong |", "|---|--:|--:|--:|--:|--:|--:|"]
    for label in ("crawlers", "browsers"):
        others = {row.agent for row in counted(label, held_out=False)}
        groups = {
            "": counted(label),
            ", held out": counted(label, held_out=True),
            ", held out and in no other list": [row for row in counted(label, True) if row.agent not in others],
            ", nothing set aside": [row for row in corpus() if row.label == label],
        }
        lines += [_line(label + name, rows) for name, rows in groups.items()]
    return lines


def _line(name: str, rows: list[Row]) -> str:
    found = Counter(judge_agent(row.agent)[0] for row in rows)
    cells = " | ".join(f"{found[each]:,}" for each in CLASSES)
    return f"| {name} | {len(rows):,} | {cells} | {share(rows):.2%} |"


def _lists() -> list[str]:
    lines = ["| list | rows | set aside | judged | wrong | |", "|---|--:|--:|--:|--:|---|"]
    for name in dict.fromkeys(f"{row.label}/{row.list}" for row in corpus()):
        rows = [row for row in corpus() if f"{row.label}/{row.list}" == name]
        judged = [row for row in rows if not row.aside]
        seen = "held out" if name in HELD_OUT else "used for the rules"
        figures = f"{len(rows):,} | {len(rows) - len(judged):,} | {len(judged):,} | {len(wrong(judged)):,}"
        lines.append(f"| {name} | {figures} | {seen} |")
    return lines
