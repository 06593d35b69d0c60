"""Who came first goes first, also where another comes again at once."""

import threading
import time

import pytest

from routy.store.turns import Turns


def test_no_more_than_so_many_are_inside() -> None:
    turns, inside, most = Turns(3), 0, 0
    lock = threading.Lock()

    def visit() -> None:
        nonlocal inside, most
        for _ in range(50):
            with turns.turn(10):
                with lock:
                    inside += 1
                    most = max(most, inside)
                time.sleep(0.0002)
                with lock:
                    inside -= 1

    visitors = [threading.Thread(target=visit) for _ in range(8)]
    for each in visitors:
        each.start()
    for each in visitors:
        each.join()
    assert (inside, most) == (0, 3)
    with turns.turn(0), turns.turn(0), turns.turn(0):  # each has given its place back
        pass


def test_one_that_comes_again_at_once_passes_nobody() -> None:
    turns, order = Turns(1), list[str]()

    def wait() -> None:
        with turns.turn(10):
            order.append("first")

    with turns.turn(1):
        other = threading.Thread(target=wait)
        other.start()
        while not turns._waiting:
            time.sleep(0.001)
    with turns.turn(10):
        order.append("again")
    other.join()
    assert order == ["first", "again"]


def test_who_has_waited_too_long_is_told_and_takes_no_place() -> None:
    turns = Turns(1)
    with turns.turn(1), pytest.raises(TimeoutError), turns.turn(0.01):
        pass
    with turns.turn(0):
        pass


def test_a_fault_inside_gives_the_place_back() -> None:
    turns = Turns(1)
    with pytest.raises(ZeroDivisionError), turns.turn(1):
        raise ZeroDivisionError
    with turns.turn(0):
        pass
