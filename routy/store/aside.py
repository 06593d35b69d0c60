"""Threads that step back: what is heavy happens in them, and whoever is quick goes first.

A redirect needs a core for a tenth of a millisecond, several times; a report wants all cores for seconds. The
kernel gives both the same share unless it is told otherwise. Only statements run aside, in threads of their own,
because nobody may take back a step without being privileged; their results become Python objects in the thread that
asked, so that none holds the interpreter while it waits for a core.
"""

import os
import sys
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import ParamSpec, TypeVar

NICE = 10
TASKS = Path("/proc/self/task")

P = ParamSpec("P")
T = TypeVar("T")


class Aside:
    """`run` a function in one of a few threads that have stepped back, and wait for it."""

    def __init__(self, threads: int) -> None:
        self._pool = ThreadPoolExecutor(threads, "aside", lambda: step_back([threading.get_native_id()]))

    def run(self, function: Callable[P, T], /, *arguments: P.args, **named: P.kwargs) -> T:
        return self._pool.submit(function, *arguments, **named).result()


def at_once(function: Callable[P, T], /, *arguments: P.args, **named: P.kwargs) -> T:
    """For what is quick: where we are."""
    return function(*arguments, **named)


def threads_of_libraries() -> set[int]:
    """The threads of this process that are none of Python's; where the kernel tells."""
    if not TASKS.is_dir():
        return set()
    return {int(task.name) for task in TASKS.iterdir()} - {each.native_id or 0 for each in threading.enumerate()}


def step_back(threads: Iterable[int]) -> None:
    """Linux gives each thread a niceness of its own."""
    for each in threads if sys.platform == "linux" else ():
        with suppress(OSError):  # it has ended
            os.setpriority(os.PRIO_PROCESS, each, max(NICE, os.getpriority(os.PRIO_PROCESS, each)))
