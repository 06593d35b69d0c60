"""Everything that happens in the background, in one table: name, step, every so many seconds, and what for.

Each step can be called by hand: tests do.
"""

from typing import Protocol

from routy.alerts.looking import Sources, alert_once
from routy.alerts.notices import prune_once as prune_notices_once
from routy.api.last_used import LastUsed
from routy.api.unusual import Habits, Where
from routy.clicks.counters import count_once
from routy.clicks.erasing import erase_once
from routy.clicks.feed import ClickFeed
from routy.clicks.generations import Retention, settle_once
from routy.clicks.loader import Loader
from routy.clicks.redirect import Walk
from routy.clicks.rollups import merge_once
from routy.clicks.salt import Salts
from routy.clicks.spool import Spool
from routy.clicks.telling import expired_once, tell_once, threshold_once
from routy.clock import Clock
from routy.config import Config
from routy.control import Control
from routy.deliveries.dispatch import Dispatcher
from routy.deliveries.queue import forget_once
from routy.exports.clock import schedule_once
from routy.exports.work import Press, expire_once, export_once
from routy.imports import pruning
from routy.imports.work import Intake, import_once
from routy.records.pruning import prune_once, purge_once
from routy.resources import RESOURCES
from routy.store.duck import ClickStore
from routy.store.sqlite import Records
from routy.webhooks.clicked import fan_out_clicks_once
from routy.webhooks.telling import fan_out_once, replay_once
from routy.work.loop import Worker

MINUTE, HOUR = 60.0, 3600.0


class Parts(Protocol):
    """What of the app is worked on."""

    config: Config
    clock: Clock
    records: Records
    clicks: ClickStore
    walk: Walk
    requests: Spool
    loader: Loader
    salts: Salts
    last_used: LastUsed
    habits: Habits
    control: Control
    dispatcher: Dispatcher
    feed: ClickFeed
    press: Press
    intake: Intake
    alerts: Sources

    def backup_once(self) -> bool: ...
    def notify_once(self) -> bool: ...
    def health_once(self) -> bool: ...
    def follow(self) -> bool: ...
    def where(self, ip: str) -> Where: ...


def workers(app: Parts) -> list[Worker]:
    config, clock, records = app.config, app.clock, app.records
    walk, loader, store = app.walk, app.loader, app.clicks
    retention = Retention(config.clicks.human_days, config.clicks.other_days)
    seal = config.clicks.segment_ms / 4000
    sync = config.clicks.sync_ms / 1000
    return [
        Worker("seal clicks", walk.spool.seal_once, seal, "closes a spool segment that is big or old enough"),
        Worker("seal requests", app.requests.seal_once, seal, "the same for the request log"),
        Worker("sync clicks", walk.spool.sync_once, sync, "brings the spool to disk: what a power cut may cost"),
        Worker("sync requests", app.requests.sync_once, 1, "the same for the request log, less often"),
        Worker("load", loader.load_once, seal, "takes sealed segments into the click store"),
        Worker("follow", app.follow, 0.5, "lets redirects see what another process has committed"),
        Worker(
            "counters",
            lambda: count_once(store, records, loader.touched, clock()),
            2,
            "writes beside each link how many clicks it had",
        ),
        Worker(
            "merge", lambda: merge_once(store, clock()), 5 * MINUTE, "merges the roll-ups of hours that are over"
        ),
        Worker(
            "settle",
            lambda: settle_once(store, retention, clock()),
            10 * MINUTE,
            "sorts months that are over, and takes rows whose time is over",
        ),
        Worker("let go", store.let_go_once, 10, "detaches the generations that nobody reads any more"),
        Worker(
            "erase",
            lambda: erase_once(store, records, loader.touched, clock()),
            5,
            "erases clicks for somebody's sake",
        ),
        Worker(
            "tell",
            lambda: tell_once(records, clock, walk.table.caps, walk.passwords),
            1,
            "writes the events that come about on the click walk: a limit reached, a password locked",
        ),
        Worker("thresholds", lambda: threshold_once(records, clock), 2, "tells of links that had so many clicks"),
        Worker("fan out", lambda: fan_out_once(records, clock), 0.2, "puts in deliveries of what happened"),
        Worker(
            "fan out clicks",
            lambda: fan_out_clicks_once(records, clock, app.feed.read_clicks),
            1,
            "puts in deliveries of clicks, while a webhook asks for them",
        ),
        Worker("replay", lambda: replay_once(records, clock), 1, "puts in deliveries of what is to be sent again"),
        Worker("deliver", app.dispatcher.deliver_once, 0.2, "delivers what is due"),
        Worker(
            "forget deliveries",
            lambda: forget_once(records, clock, config.outbound.delivery_days),
            10 * MINUTE,
            "deletes deliveries that were settled long ago",
        ),
        Worker("alerts", lambda: alert_once(app.alerts), 2, "looks at the alerts that are due"),
        Worker("notices", app.notify_once, 2, "tells people of webhooks that were paused, files that are ready"),
        Worker("health", app.health_once, 30, "tells the owner when the server is not well"),
        Worker(
            "forget notices",
            lambda: prune_notices_once(records, clock, config.outbound.delivery_days),
            10 * MINUTE,
            "forgets old notifications and mails",
        ),
        Worker("expiries", lambda: expired_once(records, clock), 2, "tells of links whose time is over"),
        Worker(
            "habits",
            lambda: app.habits.look_once(records, app.where, clock),
            MINUTE,
            "tells of tokens that are used as they never were before",
        ),
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
        Worker("imports", lambda: import_once(app.intake), 1, "takes in the rows of imports, piece by piece"),
        Worker("schedules", lambda: schedule_once(records, clock), 5, "asks for the exports that are due"),
        Worker(
            "import files",
            lambda: pruning.prune_once(app.intake, config.files.import_days),
            10 * MINUTE,
            "deletes the files of imports that nobody needs, and forgets old rows",
        ),
        Worker("exports", lambda: export_once(app.press), 1, "makes the files of exports"),
        Worker("expiry", lambda: expire_once(app.press), MINUTE, "deletes the files of exports whose time is over"),
        Worker("backup", app.backup_once, 10 * MINUTE, "makes backups by the clock, and deletes the oldest"),
        Worker("control", app.control.answer_once, 0, "answers commands of the command line"),
    ]
