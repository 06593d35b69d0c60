"""Step four of the click walk: the row of a visit, as the values of its line in the spool.

The id of a click is `clk_` and a ULID; its two halves, the moment and 80 random bits, are kept apart because
numbers take a third of the room and the moment is a column anyway.
"""

import os
from collections import deque
from functools import lru_cache

from routy.clicks.agent import crawler
from routy.clicks.lookup import Domain, Link
from routy.clicks.rules import Choice
from routy.clicks.visit import Visit

CLASSES = ("human", "bot", "prefetch", "preview", "head")
LONGEST_QUERY = 2048
POOLED = 1024

_pool: deque[str] = deque()  # its pop is one step: threads need no lock


def line(run: str, visit: Visit, domain: Domain, link: Link, choice: Choice) -> tuple[str, ...]:
    """The values of CLICKS, in its order, without the last."""
    return (
        str(visit.now),
        _random20(),
        run,
        str(domain.workspace_key),
        str(domain.key),
        str(link.key),
        class_at_answer(visit),
        visit.method,
        str(choice.status),
        choice.branch,
        choice.reason,
        visit.source,
        visit.ip,
        visit.agent,
        visit.referrer,
        visit.language,
        visit.query[:LONGEST_QUERY],
    )


def _random20() -> str:
    """80 random bits as hex, drawn a thousand at a time: each draw lets other threads go first, and a redirect
    under load waits for its turn again."""
    try:
        return _pool.pop()
    except IndexError:
        text = os.urandom(10 * POOLED).hex()
        _pool.extend([text[at : at + 20] for at in range(20, len(text), 20)])
        return text[:20]


def class_at_answer(visit: Visit) -> str:
    """The first judgement, from method, headers and agent alone; the loader may know better."""
    if visit.method == "HEAD":
        return "head"
    if visit.prefetch:
        return "prefetch"
    return class_of_agent(visit.agent)


@lru_cache(maxsize=8192)
def class_of_agent(agent: str) -> str:
    """`preview` for those that unfurl links in chats and posts, `bot` for all other programs, no agent included."""
    category = crawler(agent) if agent else "none"
    if category == "social-preview":
        return "preview"
    return "bot" if category else "human"
