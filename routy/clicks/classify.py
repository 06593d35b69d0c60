"""What a click is, as far as its agent tells.

A click has one class. Its agent alone makes it human, preview, scanner or bot; method, headers, network, pace and
repetition are judged where they are known (clicks/click.py on the redirect, store/duck/judge.sql in the
loader). resources/explained.py says in plain words what each class and reason means.
"""

from functools import lru_cache

from routy.clicks.agent import kind

RULES_VERSION = 2  # of the lists and rules; it stands on every row that they judged
REMEMBERED = 16_384


@lru_cache(maxsize=REMEMBERED)
def judge_agent(agent: str) -> tuple[str, str]:
    """Class (human · preview · scanner · bot) and reason by the agent alone; the reason of a human is empty."""
    return kind(agent) if agent.strip() else ("bot", "none")
