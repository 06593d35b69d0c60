"""Roll-ups: the partials that each load leaves are merged once their hour is over.

The sums stay what they are, so readers never see the difference; without it a busy day would leave a row a second
for each link.
"""

from routy.clock import HOUR
from routy.store.duck import ClickStore

_OPEN = """/* rollups.open */
SELECT count(*) > 0 FROM {month}.rollup_partials WHERE quarter < make_timestamp_ms($hour::BIGINT)
"""
_MERGE = """/* rollups.merge */
INSERT INTO rollups
SELECT quarter, workspace_key, domain_key, link_key, class,
  sum(clicks), sum(uniques), sum(new), sum(sent), sum(sent_people)
FROM rollup_partials WHERE quarter < make_timestamp_ms($hour::BIGINT)
GROUP BY ALL ORDER BY ALL
"""
_CLEAR = "/* rollups.clear */ DELETE FROM rollup_partials WHERE quarter < make_timestamp_ms($hour::BIGINT)"


def merge_once(store: ClickStore, now: int) -> bool:
    """Merge the partials of the hours that are over, month by month."""
    hour = {"hour": now // HOUR * HOUR}
    with store.writing() as writer:
        for month in writer.months:
            if writer.column(_OPEN.format(month=month.alias), hour)[0]:
                with writer.transaction(month.name):
                    writer.run(_MERGE, hour)
                    writer.run(_CLEAR, hour)
    return False
