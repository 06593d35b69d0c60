"""Disks that are full, read-only or slow: visitors are redirected, health says what was not kept, to the click."""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from routy.work.loop import LONGEST_PAUSE
from tests.torture.conftest import Begin
from tests.walks.process import ROUTY, Process, Received, Visitors, expect_all_stored, until, until_loaded, visiting

MEBIBYTE = 2**20
# root may write wherever it likes, unless this is taken from it
UNPRIVILEGED = ("setpriv", "--bounding-set=-dac_override,-dac_read_search", *ROUTY) if os.geteuid() == 0 else ROUTY


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 48 MiB in memory. Where none may be mounted, test_kill.py limits files instead."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=48m", "tmpfs", str(place)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("no file system can be mounted here")
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=True)


def fill(file: Path) -> None:
    """Take all that is left of the disk."""
    with file.open("ab", buffering=0) as ballast:
        for size in (MEBIBYTE, 4096, 1):
            try:
                while True:
                    ballast.write(b"\0" * size)
            except OSError:
                continue


def refused(visitors: Visitors, before: int) -> bool:
    return visitors.received.total() > before + 500


def test_what_a_full_disk_costs_is_what_health_says_it_cost(begin: Begin, small_disk: Path, torture: bool) -> None:
    process = begin("granian" if torture else "waitress", small_disk)
    slugs, received = process.make_links(20), Received()
    visitors = visiting(process, slugs)
    fill(small_disk / "ballast")
    until(lambda: process.health()["books"]["refused"], "clicks to be refused")
    time.sleep(30 if torture else 0)
    before = visitors.received.total()
    until(lambda: refused(visitors, before), "redirects to go on")
    assert any("were not recorded: disk_full" in one for one in process.health()["problems"])
    (small_disk / "ballast").unlink()
    until(lambda: not process.health()["spool"]["waiting"]["clicks"], "the loader to go on", LONGEST_PAUSE + 30)
    before = visitors.received.total()
    until(lambda: refused(visitors, before), "redirects to go on")
    visitors.stop()
    received.add(visitors)
    books = until_loaded(process)["books"]
    lost = sum(books["refused"].values())
    assert received.broken == 0
    assert books["answered"] == received.redirects
    assert process.clicks_by_class().total() == received.redirects - lost
    received.redirects -= lost
    expect_all_stored(process, received)


def sealing_fails(process: Process) -> bool:
    """Whether health tells of it; the loader, which cannot put segments away, may be the first to complain."""
    return any(one.startswith("seal clicks: PermissionError") for one in process.health()["problems"])


def test_a_spool_that_is_read_only_costs_no_click_and_is_told(begin: Begin) -> None:
    if os.geteuid() == 0 and not shutil.which("setpriv"):
        pytest.skip("root may write everywhere")
    process = begin(command=UNPRIVILEGED)
    slugs, received = process.make_links(20), Received()
    spool = process.data / "spool/clicks"
    visitors = visiting(process, slugs)
    spool.chmod(0o500)
    until(lambda: sealing_fails(process), "health to say so")
    before = visitors.received.total()
    until(lambda: refused(visitors, before), "redirects to go on")
    spool.chmod(0o700)
    until(lambda: not process.health()["problems"], "health to be green again")
    visitors.stop()
    received.add(visitors)
    assert until_loaded(process)["books"]["refused"] == {}
    expect_all_stored(process, received)
