"""Step four of the click walk: the row of a visit, as the values of its line in the spool.

The id of a click is `clk_` and a ULID; its two halves, the moment and 80 random bits, are kept apart because
numbers take a third of the room and the moment is a column anyway.
"""

import os
from functools import lru_cache

from routy.clicks.agent import crawler
from routy.clicks.lookup import Domain, Link
from routy.clicks.rules import Choice
from routy.clicks.visit import Visit

CLASSES = ("human", "bot", "prefetch", "preview", "head")
LONGEST_QUERY = 2048


def line(run: str, visit: Visit, domain: Domain, link: Link, choice: Choice) -> tuple[str, ...]:
    """The values of CLICKS, in its order, without the last."""
    return (
        str(visit.now),
        os.urandom(10).hex(),
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
