"""Everything that happens in the background, in one table: name, step, every so many seconds, and what for.

Each step can be called by hand: tests do.
"""

from typing import Protocol

from routy.api.last_used import LastUsed
from routy.clicks.loader import Loader
from routy.clicks.redirect import Walk
from routy.clicks.salt import Salts
from routy.clicks.spool import Spool
from routy.clock import Clock
from routy.config import Config
from routy.control import Control
from routy.records.pruning import prune_once, purge_once
from routy.resources import RESOURCES
from routy.store.sqlite import Records
from routy.work.loop import Worker

MINUTE, HOUR = 60.0, 3600.0


class Parts(Protocol):
    """What of the app is worked on."""

    config: Config
    clock: Clock
    records: Records
    walk: Walk
    requests: Spool
    loader: Loader
    salts: Salts
    last_used: LastUsed
    control: Control


def workers(app: Parts) -> list[Worker]:
    config, clock, records = app.config, app.clock, app.records
    walk, loader = app.walk, app.loader
    seal = config.clicks.segment_ms / 4000
    sync = config.clicks.sync_ms / 1000
    return [
        Worker("seal clicks", walk.spool.seal_once, seal, "closes a spool segment that is big or old enough"),
        Worker("seal requests", app.requests.seal_once, seal, "the same for the request log"),
        Worker("sync clicks", walk.spool.sync_once, sync, "brings the spool to disk: what a power cut may cost"),
        Worker("sync requests", app.requests.sync_once, 1, "the same for the request log, less often"),
        Worker("load", loader.load_once, seal, "takes sealed segments into the click store"),
        Worker("follow", walk.table.follow, 0.5, "lets redirects see what another process has committed"),
        Worker("missing slugs", lambda: walk.missing.flush_once(records, clock), 5, "writes down unknown slugs"),
        Worker(
            "last used", lambda: app.last_used.flush_once(records, clock), MINUTE, "writes when tokens were used"
        ),
        Worker(
            "purge",
            lambda: purge_once(records, clock, RESOURCES.values(), config.api.trash_days),
            10 * MINUTE,
            "deletes for good what has been in the trash for long",
        ),
        Worker(
            "prune", lambda: prune_once(records, clock, config.api.event_days), 10 * MINUTE, "forgets old events"
        ),
        Worker(
            "loaded", lambda: loader.prune_once(config.clicks.loaded_hours), 10 * MINUTE, "deletes loaded segments"
        ),
        Worker(
            "salts", lambda: app.salts.prune_once(clock(), loader.oldest_waiting()), HOUR, "forgets visitors' salts"
        ),
        Worker("control", app.control.answer_once, 0, "answers commands of the command line"),
    ]
