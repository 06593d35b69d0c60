"""What can be measured, by name, in the order of `--all`."""

from collections.abc import Callable, Iterable

from bench import (
    api,
    click_path,
    company,
    deliveries,
    files,
    kills,
    latency,
    loading,
    machine,
    memory,
    redirect_rate,
    reports,
    soak,
    start,
    upgrade,
    visible,
)
from bench.result import Options, Result

SUBJECTS: dict[str, Callable[[Options], Iterable[Result]]] = {
    "machine": machine.measure,
    "redirect": redirect_rate.measure,
    "click": click_path.measure,
    "company": company.measure,
    "deliveries": deliveries.measure,
    "files": files.measure,
    "kills": kills.measure,
    "loading": loading.measure,
    "visible": visible.measure,
    "reports": reports.measure,
    "latency": latency.measure,
    "memory": memory.measure,
    "soak": soak.measure,
    "start": start.measure,
    "api": api.measure,
    "upgrade": upgrade.measure,
}
