"""The README's curl tour, run as it stands there, against a server started as it says."""

import os
import re
import subprocess
from pathlib import Path

from tests.walks.process import Process

ROOT = Path(__file__).resolve().parents[2]


def tour() -> str:
    """The one block of shell in the README."""
    blocks = re.findall(r"^```sh\n(.*?)^```", (ROOT / "README.md").read_text(), re.M | re.S)
    assert len(blocks) == 1
    return str(blocks[0])


def test_the_tour_goes_from_setup_to_report(tmp_path: Path) -> None:
    process = Process(tmp_path)
    process.start()
    try:
        secret = re.findall(r"/setup\?token=(\S+)", process.log())[-1]
        told = {"ROUTY": process.address, "SETUP": secret, "ROUTY_DATA": str(process.data)}
        script = tour().replace("summer.svg", str(tmp_path / "summer.svg"))
        done = subprocess.run(
            ["bash", "-eu", "-c", script],
            cwd=ROOT,
            env={**os.environ, **told},
            capture_output=True,
            text=True,
            check=False,
        )
    finally:
        process.close()
    assert done.returncode == 0, done.stderr
    for expected in (
        '"role":"owner"',
        '"slug":"summer"',
        "302 Found",
        "https://example.com/sale?color=green&utm_source=newsletter",
        '"class":"human","clicks":1,"uniques":1',
        '"class":"bot","clicks":1,"uniques":0',
        '"utm_source":"newsletter"',
    ):
        assert expected in done.stdout, f"{expected} is not in {done.stdout}"
    assert (tmp_path / "summer.svg").read_text().startswith("<?xml")
