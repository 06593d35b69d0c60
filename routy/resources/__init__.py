"""All resources, in one table: one file a kind."""

from routy.resource import Resource
from routy.resources import link_rules  # noqa: F401 (the rules of links mark themselves)
from routy.resources.alerts import Alert
from routy.resources.api_requests import ApiRequest
from routy.resources.audit_entries import AuditEntry
from routy.resources.clicks import Click
from routy.resources.deliveries import Delivery
from routy.resources.domains import Domain
from routy.resources.erasures import Erasure
from routy.resources.events import Event
from routy.resources.exports import Export
from routy.resources.folders import Folder
from routy.resources.imports import Import
from routy.resources.links import Link
from routy.resources.mails import Mail
from routy.resources.memberships import Membership
from routy.resources.missing_slugs import MissingSlug
from routy.resources.notifications import Notification
from routy.resources.saved_reports import SavedReport
from routy.resources.schedules import Schedule
from routy.resources.shares import Share
from routy.resources.tags import Tag
from routy.resources.tokens import Token
from routy.resources.users import User
from routy.resources.webhooks import Webhook
from routy.resources.workspaces import Workspace

RESOURCES: dict[str, type[Resource]] = {
    resource.plural: resource
    for resource in (
        *(Workspace, User, Membership, Token),
        *(Domain, Link, Tag, Folder),
        *(Click, MissingSlug, Erasure),
        *(SavedReport, Share),
        *(Webhook, Delivery),
        *(Export, Schedule, Import),
        *(Alert, Notification, Mail),
        *(Event, AuditEntry, ApiRequest),
    )
}
