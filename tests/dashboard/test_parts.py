"""The parts of the pages that only compute, asked in the browser that runs them."""

from collections.abc import Iterator
from typing import Any, get_args

import pytest
from playwright.sync_api import Browser as Chromium

from routy.resources.alerts import Alert, Kind
from tests.dashboard.chrome import Person, somebody
from tests.walks.process import Process


@pytest.fixture(scope="module")
def person(chrome: Chromium, server: Process, owner_state: Any) -> Iterator[Person]:
    with somebody(chrome, server.address, owner_state) as person:
        person.go("/app")
        yield person


def run(person: Person, module: str, expression: str) -> Any:
    """What an expression over a module's exports (as `m`) gives."""
    return person.page.evaluate(f"import('/static/js/{module}').then((m) => {expression})")


def test_figures_are_grouped_by_spaces_that_do_not_break(person: Person) -> None:
    numbers = run(person, "text.js", "[m.number(33418), m.number(0.5), m.number(null), m.compact(1200)]")
    assert numbers == ["33\u202f418", "0.5", "–", "1.2\u202fk"]


@pytest.mark.parametrize(
    ("now", "before", "text"),
    [(112, 100, "+12 %"), (50, 100, "−50 %"), (0, 100, "−100 %"), (5000, 100, "×50"), (100, 100, "+0 %")],
)
def test_a_change_is_told_as_a_share_of_what_was(person: Person, now: int, before: int, text: str) -> None:
    assert run(person, "text.js", f"m.change({now}, {before}).text") == text


def test_a_change_from_nothing_is_not_told(person: Person) -> None:
    assert run(person, "text.js", "m.change(5, 0)") is None


@pytest.mark.parametrize(
    "address",
    ["javascript:alert(1)", " javascript:alert(1)", "data:text/html,x", "//evil.example", "mailto:a@b.c", ""],
)
def test_only_addresses_of_the_web_can_be_followed(person: Person, address: str) -> None:
    assert run(person, "text.js", f"m.webAddress({address!r})") is None


def test_a_file_of_values_quotes_what_has_to_be_quoted_and_runs_nothing(person: Person) -> None:
    rows = '[["a,b", "say \\"hi\\""], ["=1+1", -5], ["two\\nlines", null], [{x: 1}, ["y"]]]'
    assert run(person, "lists/files.js", f"m.csv({rows})") == (
        '"a,b","say ""hi"""\r\n\'=1+1,-5\r\n"two\nlines",\r\n"{""x"":1}","[""y""]"\r\n'
    )


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("example.com/page", "https://example.com/page"),
        ("example.com", "https://example.com"),
        ("http://example.com", "http://example.com"),
        ("mailto:ada@acme.example", "mailto:ada@acme.example"),
        ("nonsense", "nonsense"),
    ],
)
def test_an_address_without_a_scheme_means_https(person: Person, typed: str, sent: str) -> None:
    assert run(person, "parts/widgets.js", f"m.withScheme({typed!r})") == sent


def test_days_are_compared_with_as_many_before(person: Person) -> None:
    asked = "m.rangeOf(new URLSearchParams('from=2026-03-01&to=2026-03-31'), 'Europe/Berlin')"
    found = run(person, "reports/range.js", asked)
    assert (found["days"], found["before"]) == (31, {"from": "2026-01-29", "to": "2026-02-28"})
    assert found["like"] == "2026-02-28"


@pytest.mark.parametrize("query", ["from=2026-03-31&to=2026-03-01", "from=x&to=y", "range=nonsense", ""])
def test_days_that_make_no_sense_are_the_last_thirty(person: Person, query: str) -> None:
    assert run(person, "reports/range.js", f"m.rangeOf(new URLSearchParams('{query}'), 'UTC').days") == 30


def test_days_without_clicks_are_zeros_in_their_place(person: Person) -> None:
    rows, days = "[{day: '2026-03-02', clicks: 5}]", "{from: '2026-03-01', to: '2026-03-03'}"
    points = run(person, "reports/ask.js", f"m.filled({rows}, 'clicks', {days})")
    assert [point["y"] for point in points] == [0, 5, 0]


def test_a_turned_report_has_the_figures_of_its_rows(person: Person) -> None:
    rows = (
        "[{country: 'DE', device: 'mobile', clicks: 3}, {country: 'DE', device: 'desktop', clicks: 2},"
        " {country: 'FR', device: 'mobile', clicks: 7}]"
    )
    turned = run(person, "reports/pivot.js", f"m.pivoted({rows}, ['country'], 'device', 'clicks')")
    assert [row["device"] for row in turned["across"]] == ["mobile", "desktop"]
    assert [(line["row"]["country"], line["cells"], line["total"]) for line in turned["lines"]] == [
        ("FR", [7, None], 7),
        ("DE", [3, 2], 5),
    ]


def test_a_turned_report_with_many_columns_still_adds_up(person: Person) -> None:
    rows = "Array.from({length: 12}, (_, n) => ({country: 'DE', browser: `b${n}`, clicks: n + 1}))"
    turned = run(person, "reports/pivot.js", f"m.pivoted({rows}, ['country'], 'browser', 'clicks')")
    assert (len(turned["across"]), turned["rest"], turned["lines"][0]["total"]) == (8, True, 78)


def test_a_call_is_quoted_so_that_a_shell_takes_it_as_it_is(person: Person) -> None:
    readable = run(
        person, "router.js", "m.readable(new URLSearchParams([['created_at[gte]', 'a,b'], ['q', \"it's\"]]))"
    )
    assert readable == "created_at[gte]=a,b&q=it%27s"


@pytest.mark.parametrize(
    ("bytes_", "text"),
    [(0, "0 B"), (999, "999 B"), (1000, "1 kB"), (1_440, "1.4 kB"), (193_703, "194 kB"), (5_400_000, "5.4 MB")],
)
def test_sizes_are_told_in_the_unit_that_suits(person: Person, bytes_: int, text: str) -> None:
    assert run(person, "parts/sizes.js", f"m.size({bytes_})") == text


@pytest.mark.parametrize(
    ("ms", "text"),
    [(340, "340 ms"), (12_000, "12 s"), (90_000, "1.5 min"), (7_200_000, "2 h"), (86_400_000, "1 day")],
)
def test_durations_are_told_in_the_unit_that_suits(person: Person, ms: int, text: str) -> None:
    assert run(person, "parts/sizes.js", f"m.duration({ms})") == text


def test_a_body_is_given_room_where_it_is_json_and_left_alone_where_it_is_not(person: Person) -> None:
    shown = run(person, "parts/exchange.js", """[m.pretty('{"a":1}'), m.pretty('{broken'), m.pretty(null)]""")
    assert shown == ['{\n  "a": 1\n}', "{broken", ""]


@pytest.mark.parametrize(
    ("alert", "sentence"),
    [
        ("{kind: 'threshold', operator: 'lt', value: 400}", "clicks in 1 hour: less than 400"),
        ("{kind: 'threshold', metric: 'uniques', window_minutes: 1440}", "uniques in 1 day: more than 0"),
        ("{kind: 'change', direction: 'down'}", "clicks in 1 hour: down by 50 % or more, against the usual"),
        ("{kind: 'silence', window_minutes: 360}", "no clicks in 6 hours, where 20 or more are usual"),
        ("{kind: 'link_limit', percent: 75}", "75 % of a click limit is used"),
        ("{kind: 'spool_lag'}", "clicks wait for more than 300 s"),
    ],
)
def test_an_alert_is_told_as_one_sentence(person: Person, alert: str, sentence: str) -> None:
    assert run(person, "alerts/kinds.js", f"m.sentenceOf({alert})") == sentence


def test_every_kind_of_alert_has_a_form_of_fields_that_there_are(person: Person) -> None:
    kinds = run(person, "alerts/kinds.js", "m.KINDS.map((kind) => [kind.name, m.alertFit({kind: kind.name}).only])")
    assert sorted(name for name, _ in kinds) == sorted(get_args(Kind))
    taken = {field.name for field in Alert.fields.values() if field.taken} | {"external_id", "metadata"}
    assert all(set(fields) <= taken for _, fields in kinds)
