"""schemathesis over the whole document, against a real server: no 5xx, no answer outside its schema."""

import subprocess
import sys
from pathlib import Path

import pytest

from routy.resources import RESOURCES
from routy.resources.links import Link
from routy.resources.tokens import Token
from tests.house import House
from tests.serving import serving

CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"

# They would end the session under which the run is made; the contract tests go through them.
SPARED = "^(delete|update|rotate)_(token|user|membership)s?$|^(put|create)_memberships?$|^delete_workspaces?$"

# Written by the same code for all resources: one of them stands for all where every case is gone through.
NAMES = "|".join(
    name
    for kind in RESOURCES.values()
    if kind is not Link
    for name in (kind.singular, kind.plural.replace("-", "_"))
)
ALIKE = f"^(list|get|create|update|put|delete|restore)_({NAMES})$"


@pytest.mark.parametrize("phases", ["examples,fuzzing,stateful", "coverage"])
def test_no_input_leads_to_a_fault_or_to_an_answer_outside_its_schema(
    house: House, tmp_path: Path, torture: bool, phases: str
) -> None:
    """The long form goes through every case of each resource."""
    house.link("summer")
    house.make(Token, name="spare", scopes=["read-only"])
    spared = SPARED if torture or phases != "coverage" else f"{SPARED}|{ALIKE}"
    with serving(house) as address:
        done = subprocess.run(
            [
                *(Path(sys.executable).parent / "schemathesis", "run", f"{address}/api/v1/openapi.json"),
                *("--url", f"{address}/api/v1", "--header", f"Authorization: Bearer {house.owner.token}"),
                *("--checks", CHECKS, "--max-examples", "5", "--seed", "1", "--workers", "1"),
                *("--phases", phases, "--generation-database", "none"),
                *("--exclude-path", "/metrics", "--exclude-path", "/healthz", "--exclude-path", "/firehose"),
                *("--exclude-operation-id-regex", spared, "--suppress-health-check", "all", "--no-color"),
            ],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 0, _faults(done.stdout)


def _faults(said: str) -> str:
    """What went wrong, without the list of warnings behind it."""
    return said.partition("WARNINGS")[0][-6000:]
