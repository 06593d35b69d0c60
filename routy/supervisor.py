"""Two processes: one that holds the listening socket and watches, and one that does all the work.

The supervisor opens no store and holds no lock. A worker that is killed is followed by another; those who connect
meanwhile wait in the socket's queue. A worker whose supervisor is gone is killed by the kernel at once: an orphan
would keep the data directory from its successor, and a click that was answered is in the spool already.
"""

import ctypes
import logging
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

log = logging.getLogger("routy.supervisor")

SIGNALS = (signal.SIGTERM, signal.SIGINT)
SHORT_LIFE, SHORT_LIVES, PAUSE = 10.0, 5, 0.5
_PR_SET_PDEATHSIG = 1


def supervise(patience: float) -> None:
    """Returns in the worker; in the supervisor it ends by SystemExit with the worker's last status.

    A signal to stop is passed on, and the worker is killed when it has not ended after so many seconds. A worker
    that ends with a status other than 0 has said why, and none follows it.
    """
    short = 0
    while True:
        began = time.monotonic()
        pid = _fork()
        if not pid:
            return
        status, asked = _watch(pid, patience)
        if asked or status > 0:
            raise SystemExit(status % 256)
        short = short + 1 if time.monotonic() < began + SHORT_LIFE else 0
        if short == SHORT_LIVES:
            log.error("the worker ended %d times in a row: giving up", short)
            raise SystemExit(1)
        log.error("the worker %s: another one begins", _how(status))
        time.sleep(PAUSE if short else 0)


def _fork() -> int:
    """As os.fork; signals to stop wait until somebody can tell what to do with them, also between two workers."""
    signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    supervisor, pid = os.getpid(), os.fork()
    if not pid:
        _die_with(supervisor)
        for number in SIGNALS:
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
    return pid


def _die_with(parent: int) -> None:
    """The kernel kills this process when that one ends; it may have ended already."""
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)


def _watch(pid: int, patience: float) -> tuple[int, bool]:
    """How the worker ended (the status, or minus the signal), and whether it had been asked to."""
    with _passing_on(pid, patience) as asked:
        _, status = os.waitpid(pid, 0)
    return os.waitstatus_to_exitcode(status), bool(asked)


@contextmanager
def _passing_on(pid: int, patience: float) -> Iterator[list[int]]:
    """Signals to stop go to the worker; what is yielded holds those that came."""
    asked: list[int] = []

    def pass_on(number: int, frame: object) -> None:
        asked.append(number)
        signal.setitimer(signal.ITIMER_REAL, patience)
        with suppress(ProcessLookupError):  # it has just ended
            os.kill(pid, signal.SIGTERM)

    def give_up(number: int, frame: object) -> None:
        log.error("the worker does not end: it is killed")
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)

    for number in SIGNALS:
        signal.signal(number, pass_on)
    signal.signal(signal.SIGALRM, give_up)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
    try:
        yield asked
    finally:
        signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
        signal.setitimer(signal.ITIMER_REAL, 0)


def _how(status: int) -> str:
    return f"was killed by {signal.Signals(-status).name}" if status < 0 else "ended"
