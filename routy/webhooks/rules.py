"""What a webhook may ask for: these rules mark themselves, and need what no resource may know."""

from routy.errors import Invalid
from routy.records.catalogue import EVENTS
from routy.records.kinds import expect_readable, unknown, wanted
from routy.resource import Actor, Row, Tx, check
from routy.resources.webhooks import Webhook
from routy.webhooks import conditions

CHOSEN = ("url", "events", "subject_id", "condition")


@check(Webhook)
def its_events_exist(tx: Tx, actor: Actor, before: Row | None, after: Row | None) -> None:
    if after is None or (before and before["events"] == after["events"]):
        return
    strange = unknown(after["events"])
    if strange or not after["events"]:
        named = f"{', '.join(one[:40] for one in strange[:5])} is none of them" if strange else "name at least one"
        raise Invalid({"events": f"{named}; there are *, link.* and so on, and {', '.join(EVENTS)}"})


@check(Webhook)
def its_condition_can_be_asked(tx: Tx, actor: Actor, before: Row | None, after: Row | None) -> None:
    if after is None or after["condition"] is None:
        return
    if before and (before["condition"], before["events"]) == (after["condition"], after["events"]):
        return
    try:
        conditions.parse(after["condition"], dict.fromkeys(wanted(after["events"]).values()))
    except ValueError as error:
        raise Invalid({"condition": str(error)}) from None


@check(Webhook)
def nobody_is_told_what_they_may_not_read(tx: Tx, actor: Actor, before: Row | None, after: Row | None) -> None:
    """Whoever chooses what goes where could else read by post what the API refuses them."""
    if after is None or (before and all(before[name] == after[name] for name in CHOSEN)):
        return
    expect_readable(after["events"], actor)
