"""Many visitors at once: what they received is what the report says, class by class."""

from tests.walks.process import THREADS, Process, Visitors, until

LINKS = 1_000
VISITS = 10_000


def test_the_report_counts_every_redirect_in_its_class(process: Process) -> None:
    visitors = Visitors(process.address, process.make_links(LINKS), VISITS // THREADS)
    visitors.start()
    visitors.join()
    assert (visitors.strange.total(), visitors.broken, visitors.received.total()) == (0, 0, VISITS)

    until(lambda: process.clicks_by_class().total() >= VISITS, "the report to show all visits")
    assert process.clicks_by_class() == visitors.received

    books = process.call("GET", "/health")["inside"]["books"]
    assert books["holds"]
    assert books["answered"] == VISITS
    assert books["answered"] == books["stored"] + books["spooled"] + sum(books["refused"].values())
