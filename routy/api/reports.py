"""`/reports`: numbers by dimensions, one at a time or many at once. reports/ does the work; this is its door."""

from collections.abc import Sequence
from typing import Annotated, Any, cast

from routy.api.bulk import describe
from routy.api.call import Answer, Call, Endpoint, Given
from routy.api.media import MEDIA, chosen, download
from routy.resource import Field, Form
from routy.store.cursors import Format

FRESH = ("Cache-Control", "private, no-cache")  # keep it, and ask whether it still holds


class ReportQuery(Form):
    """Beside filters; reports/params reads them all, this describes them."""

    metrics: Annotated[
        str | None, Field("What to count, comma-separated; left out: clicks.", example="clicks,uniques")
    ]
    dimensions: Annotated[str | None, Field("By what to split, comma-separated.", example="day,country")]
    from_: Annotated[
        str | None,
        Field("From this day or moment on; left out: 30 days, the last one included.", example="2026-11-01"),
    ]
    to: Annotated[
        str | None,
        Field("Up to before this moment; a plain date is included; left out: now.", example="2026-11-30"),
    ]
    timezone: Annotated[str | None, Field("An IANA zone; left out: the workspace's.", example="Europe/Berlin")]
    class_: Annotated[
        str | None, Field("Classes of clicks, or any; left out: human, or any where it is a dimension.")
    ]
    sort: Annotated[str | None, Field("Metrics or dimensions, - for descending.", example="-clicks")]
    limit: Annotated[
        int | None,
        Field("Rows, 100 unless it says so; the rest is added up in `other`.", least=1, most=10_000, example=100),
    ]
    other: Annotated[bool | None, Field("false leaves `other` out, which saves time.")]
    fill: Annotated[
        bool | None, Field("Rows of zeros where nothing was; true for one dimension of time, alone.", example=True)
    ]
    compare: Annotated[
        str | None,
        Field("`previous` or `year`: beside the time before it, or a year before.", example="previous"),
    ]
    format: Annotated[str | None, Field("json, csv, ndjson or parquet, instead of Accept.", example="csv")]


class Report(Form):
    rows: Annotated[list[dict[str, Any]], Field("A row for each combination of the dimensions.")]
    totals: Annotated[dict[str, Any], Field("The metrics without any dimension.")]
    other: Annotated[dict[str, Any] | None, Field("What lies beyond the limit: how many rows, and their metrics.")]
    has_more: Annotated[bool, Field("Whether there are more rows than the limit.")]
    compare: Annotated[
        dict[str, Any] | None, Field("Of the time that it is compared with: from, to, totals with differences.")
    ]
    watermark: Annotated[str, Field("The moment up to which all clicks are in the store.")]
    complete: Annotated[bool, Field("Whether nothing of the time asked for is still waiting to be loaded.")]
    detail_from: Annotated[
        str | None, Field("Since when single clicks are there, where retention has taken some of those asked for.")
    ]
    from_: Annotated[str, Field("The first moment that is in it.")]
    to: Annotated[str, Field("The first moment that is not.")]
    timezone: Annotated[str, Field("The zone of its days.", example="Europe/Berlin")]


def _get(call: Call) -> Answer:
    return _answer(call, [pair for pair in call.request.query if pair[0] != "format"])


def _post(call: Call) -> Answer:
    return _answer(call, call.services.reporting.given(call.json()))


def _answer(call: Call, given: Given) -> Answer:
    """Only if it has changed since the client asked last; as a file where something else than JSON is wanted."""
    asked, form = call.services.reporting, chosen(call)
    etag = f'W/"{asked.version(call.actor, given, form)}"'
    headers = (("ETag", etag), FRESH)
    if call.request.method != "POST" and _known(call, etag):
        return Answer(status=304, headers=(*headers, ("Vary", "Accept")))
    if form != "json":
        return download(call, asked.report_file(call.actor, given, cast(Format, form)), form, "report", headers)
    return Answer(data=asked.report(call.actor, given), headers=(*headers, ("Vary", "Accept")))


def _known(call: Call, etag: str) -> bool:
    """Whether If-None-Match names it; weakly, as such comparisons are (RFC 9110, 13.1.2)."""
    named = [text.strip().removeprefix("W/") for text in call.request.headers.get("if-none-match", "").split(",")]
    return etag.removeprefix("W/") in named or "*" in named


class Batch(Form):
    panels: Annotated[
        list[dict[str, Any]],
        Field(
            "Up to 50 reports, each with parameters of its own over those that stand beside `panels`.",
            example=[{"dimensions": ["day"]}, {"dimensions": ["country"], "limit": 10, "other": False}],
        ),
    ]


class Panel(Form):
    index: Annotated[int, Field("Its place among the panels.")]
    status: Annotated[int, Field("The HTTP status that it would have had alone.")]
    data: Annotated[dict[str, Any] | None, Field("The report.")]
    error: Annotated[dict[str, Any] | None, Field("What was wrong with it.")]


def _batch(call: Call) -> Answer:
    return Answer(data=_results(call.services.reporting.batch(call.actor, call.json())))


def _results(made: Sequence[Any]) -> list[dict[str, Any]]:
    return [
        {"index": index, "status": 200, "data": one}
        if isinstance(one, dict)
        else {"index": index, "status": one.status, "error": describe(one)}
        for index, one in enumerate(made)
    ]


class ReportSchema(Form):
    metrics: Annotated[list[dict[str, Any]], Field("Each with name, unit, whether it adds up, and doc.")]
    dimensions: Annotated[list[dict[str, Any]], Field("Each with name, kind, doc, and what else is shown of it.")]
    filters: Annotated[list[dict[str, Any]], Field("Each with name, kind, operators and doc.")]
    metric_filters: Annotated[list[str], Field("The operators by which a metric picks rows: `clicks[gte]=10`.")]
    comparisons: Annotated[list[str], Field("What `compare` takes.")]
    formats: Annotated[list[str], Field("In what a report can be had.")]
    defaults: Annotated[dict[str, Any], Field("What holds where nothing is said.")]
    most_rows: Annotated[int, Field("The highest `limit` of JSON; files have none.")]


def _schema(call: Call) -> Answer:
    return Answer(data=call.services.reporting.schema())


MORE = (
    "Every filter of the list of clicks can be used, and metrics pick rows: `clicks[gte]=10`. CSV, NDJSON and"
    " Parquet (by Accept, or `format`) hold all rows. If-None-Match saves what has not changed."
)
LONG = "For long ones: the same names as fields of a JSON object, lists where a URL has commas. It changes nothing."

ENDPOINTS = [
    Endpoint("GET", "/reports", "get_report", "Count clicks and uniques, split by dimensions, filtered.", _get,
             scope="reports:read", tag="reports", gives=Report.fields, parameters=ReportQuery.fields,
             free_parameters=True, raises=(400, 406, 503), media=MEDIA, more=MORE),
    Endpoint("POST", "/reports", "ask_report", "The same, asked with a body.", _post,
             scope="reports:read", tag="reports", gives=Report.fields, takes=ReportQuery.fields, input="form",
             free_parameters=True, raises=(400, 406, 413, 415, 503), media=MEDIA, more=LONG),
    Endpoint("POST", "/reports/batch", "ask_reports", "Up to 50 reports of one moment.", _batch,
             scope="reports:read", tag="reports", gives=Panel.fields, takes=Batch.fields, input="form",
             shape="batch", free_parameters=True, raises=(400, 413, 415, 503),
             more="What several of them need is counted once."),
    Endpoint("GET", "/reports/schema", "get_report_schema", "What can be counted, and by what split.", _schema,
             scope="reports:read", tag="reports", gives=ReportSchema.fields),
]  # fmt: skip
