"""What reports can be asked for: the registries and the filters, as GET /reports/schema lists them."""

from typing import Any

from routy.reports.dimensions import DIMENSIONS
from routy.reports.metrics import METRICS
from routy.reports.params import COMPARISONS, DEFAULT_DAYS, DEFAULT_LIMIT, HAVING, MAX_LIMIT
from routy.resource import Field
from routy.resources.clicks import Click


def schema() -> dict[str, Any]:
    """Metrics, dimensions, filters with their operators, and the rest of the grammar."""
    return {
        "metrics": [
            {"name": metric.name, "unit": metric.unit, "additive": metric.additive, "doc": metric.doc}
            for metric in METRICS.values()
        ],
        "dimensions": [
            {"name": dimension.name, "kind": dimension.kind, "doc": dimension.doc, "label": dimension.label or None}
            for dimension in DIMENSIONS.values()
        ],
        "filters": [_filter(field) for field in Click.fields.values() if field.filters],
        "metric_filters": list(HAVING),
        "comparisons": list(COMPARISONS),
        "formats": ["json", "csv", "ndjson", "parquet"],
        "defaults": {"days": DEFAULT_DAYS, "limit": DEFAULT_LIMIT, "class": "human", "metrics": ["clicks"]},
        "most_rows": MAX_LIMIT,
    }


def _filter(field: Field) -> dict[str, Any]:
    choices = {"choices": list(field.choices)} if field.choices else {}
    refs = {"refs": field.refs} if field.refs else {}
    return {"name": field.name, "kind": field.kind, "operators": list(field.operators), "doc": field.doc,
            **choices, **refs}  # fmt: skip
