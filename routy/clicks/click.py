"""Steps three and five of the click walk: a click begins, and becomes the values of its line in the spool.

The id of a click is `clk_` and a ULID; its two halves, the moment and 80 random bits, are kept apart because
numbers take a third of the room and the moment is a column anyway. The random half and the class are there before
the choice is made, as macros and limits ask for them.
"""

import os
from collections import deque
from collections.abc import Callable

from routy.clicks import geo
from routy.clicks.classify import judge_agent
from routy.clicks.lookup import Domain, Link
from routy.clicks.rules import Choice
from routy.clicks.visit import Visit, take_sub_id

CLASSES = ("human", "bot", "prefetch", "preview", "scanner", "head")
LONGEST_QUERY = 2048
POOLED = 1024

_pool: deque[str] = deque()  # its pop is one step: threads need no lock


def begin(visit: Visit, link: Link, country_of: Callable[[str], str] = geo.country) -> None:
    """Give the visit what it needs to become a click of this link."""
    visit.random, visit.class_, visit.country_of = _random20(), class_at_answer(visit), country_of
    sub_id = link.options.sub_id
    if visit.query and sub_id and sub_id in visit.query:
        take_sub_id(visit, sub_id)


def _random20() -> str:
    """80 random bits as hex, drawn a thousand at a time: each draw lets other threads go first, and a redirect
    under load waits for its turn again."""
    try:
        return _pool.pop()
    except IndexError:
        text = os.urandom(10 * POOLED).hex()
        _pool.extend([text[at : at + 20] for at in range(20, len(text), 20)])
        return text[:20]


def line(
    run: str, visit: Visit, domain: Domain, link: Link, choice: Choice, private: bool = False
) -> tuple[str, ...]:
    """The values of CLICKS, in its order, without the last. `private`: the loader keeps no trace of the visitor."""
    return (
        str(visit.now),
        visit.random,
        run,
        str(domain.workspace_key),
        str(domain.key),
        str(link.key),
        visit.class_,
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
        choice.own[:LONGEST_QUERY],
        visit.sub_id,
        "1" if private else "",
    )


def class_at_answer(visit: Visit) -> str:
    """The first judgement, from method, headers and agent alone; the loader may know better."""
    if visit.method == "HEAD":
        return "head"
    if visit.prefetch:
        return "prefetch"
    return class_of_agent(visit.agent)


def class_of_agent(agent: str) -> str:
    """human, preview for those that unfurl links in chats and posts, scanner for mail's guards, bot for all others
    that are no browser, no agent included."""
    return judge_agent(agent)[0]
