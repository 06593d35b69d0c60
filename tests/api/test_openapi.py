"""The OpenAPI document is the contract: valid, whole, committed, kept; and clients made from it work."""

import copy
import json
import subprocess
import sys
from pathlib import Path

from openapi_spec_validator import validate

from routy.api.endpoints import ENDPOINTS, description
from routy.api.promises import broken, promises
from tests.house import House
from tests.serving import serving

ROOT = Path(__file__).resolve().parents[2]
PROMISES = Path(__file__).parent / "v1_promises.txt"


def test_the_document_is_valid_openapi_3_1() -> None:
    assert description()["openapi"] == "3.1.0"
    validate(description())


def test_the_committed_document_is_the_generated_one() -> None:
    committed = json.loads((ROOT / "openapi.json").read_text())
    assert committed == description(), "write it anew: python3 routy.py openapi > openapi.json"


def test_the_server_shows_the_document(shared_house: House) -> None:
    assert shared_house.call("GET", "/openapi.json", as_=None).json == description()


def test_every_endpoint_is_described_with_a_summary_and_an_example_of_every_input() -> None:
    for endpoint in ENDPOINTS:
        operation = description()["paths"][endpoint.path][endpoint.method.lower()]
        assert operation["summary"], endpoint.path
        for parameter in operation["parameters"]:
            assert parameter["schema"], parameter["name"]
    for name, schema in description()["components"]["schemas"].items():
        for field, described in schema["properties"].items() if name.endswith(("Create", "Patch")) else ():
            assert described.get("description"), f"{name}.{field}"


def test_nothing_that_v1_promises_is_broken() -> None:
    assert broken(PROMISES.read_text().splitlines(), description()) == []


def test_every_promise_is_written_down() -> None:
    unwritten = set(promises(description())) - set(PROMISES.read_text().splitlines())
    assert not unwritten, "write them down: python3 routy.py openapi --promises > tests/api/v1_promises.txt"


def test_a_removed_path_field_or_value_and_a_new_required_input_are_breaking() -> None:
    changed = copy.deepcopy(description())
    del changed["paths"]["/tags/{id}"]
    del changed["components"]["schemas"]["Link"]["properties"]["title"]
    changed["components"]["schemas"]["Link"]["properties"]["status"]["enum"].remove("archived")
    changed["components"]["schemas"]["LinkCreate"]["required"].append("slug")
    found = broken(promises(description()), changed)
    assert "gone: GET /tags/{id}" in found
    assert "gone: schema Link.title" in found
    assert "gone: schema Link.status may be archived" in found
    assert "newly required: schema LinkCreate needs slug" in found


def test_a_new_field_breaks_nobody() -> None:
    grown = copy.deepcopy(description())
    grown["components"]["schemas"]["Link"]["properties"]["mood"] = {"type": "string"}
    assert broken(promises(description()), grown) == []


CLIENT_CALL = """
import sys
from routy_client import AuthenticatedClient
from routy_client.api.links import create_link, list_links
from routy_client.models import LinkCreate
client = AuthenticatedClient(base_url=sys.argv[1] + "/api/v1", token=sys.argv[2])
made = create_link.sync(client=client, body=LinkCreate(destination="https://shop.example/", slug="generated"))
print(made.data.short_url, len(list_links.sync(client=client, limit=10).data))
"""


def test_a_generated_python_client_makes_calls(house: House, tmp_path: Path) -> None:
    document = tmp_path / "openapi.json"
    document.write_text(json.dumps(description()))
    settings = tmp_path / "settings.yml"
    settings.write_text("package_name_override: routy_client\npost_hooks: []\n")
    generator = Path(sys.executable).parent / "openapi-python-client"
    arguments = ["generate", "--path", document, "--output-path", tmp_path / "client", "--config", settings]
    subprocess.run([generator, *arguments], check=True, capture_output=True)
    with serving(house) as address:
        call = [sys.executable, "-c", CLIENT_CALL, address, house.owner.token]
        done = subprocess.run(call, cwd=tmp_path / "client", capture_output=True, text=True, check=False)
    assert done.stdout.split() == ["http://go.example/generated", "1"], done.stderr
