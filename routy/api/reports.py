"""`GET /reports`: numbers by dimensions. reports/ does the work; this is its door."""

from typing import Annotated, Any

from routy.api.call import Answer, Call, Endpoint
from routy.resource import Field, Form


class ReportQuery(Form):
    """Beside filters; reports/params reads them all, this describes them."""

    metrics: Annotated[
        str, Field("What to count, comma-separated.", example="clicks,uniques", default="clicks,uniques")
    ]
    dimensions: Annotated[str | None, Field("By what to split, comma-separated.", example="day,country")]
    from_: Annotated[str | None, Field("From this day or moment on.", example="2026-11-01")]
    to: Annotated[str | None, Field("Up to before this moment; a plain date is included.", example="2026-11-30")]
    timezone: Annotated[str | None, Field("An IANA zone; left out: the workspace's.", example="Europe/Berlin")]
    sort: Annotated[str | None, Field("Metrics or dimensions, - for descending.", example="-clicks")]
    limit: Annotated[int | None, Field("Rows; the rest is added up in `other`.", least=1, most=10_000, example=100)]


class Report(Form):
    rows: Annotated[list[dict[str, Any]], Field("A row for each combination of the dimensions.")]
    totals: Annotated[dict[str, Any], Field("The metrics without any dimension.")]
    other: Annotated[dict[str, Any] | None, Field("What lies beyond the limit.")]
    watermark: Annotated[str, Field("The last click that is in it.")]
    complete: Annotated[bool, Field("Whether nothing of the time asked for is still waiting to be loaded.")]
    timezone: Annotated[str, Field("The zone of its days.", example="Europe/Berlin")]


def _report(call: Call) -> Answer:
    return Answer(data=call.services.reporting.report(call.actor, call.request.query))


class ReportSchema(Form):
    metrics: Annotated[list[dict[str, Any]], Field("Each with name, unit, whether it adds up, and doc.")]
    dimensions: Annotated[list[dict[str, Any]], Field("Each with name and doc.")]


def _schema(call: Call) -> Answer:
    return Answer(data=call.services.reporting.schema())


ENDPOINTS = [
    Endpoint("GET", "/reports", "get_report", "Count clicks and uniques, split by dimensions, filtered.", _report,
             scope="reports:read", tag="reports", gives=Report.fields, free_parameters=True, raises=(400, 503)),
    Endpoint("GET", "/reports/schema", "get_report_schema", "What can be counted, and by what split.", _schema,
             scope="reports:read", tag="reports", gives=ReportSchema.fields),
]  # fmt: skip
