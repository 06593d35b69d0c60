"""Mail as a channel of the delivery engine: it takes a mail of the log to the mail server, and writes beside it
what became of that. Sent twice (after a crash between the server's answer and our writing it down) it has the same
Message-ID, by which mail programs know it."""

from dataclasses import dataclass

from routy.deliveries.channel import Delivery, Outcome
from routy.mail import smtp
from routy.mail.letters import CHANNEL, NoAddress, Post, sender
from routy.mail.unsubscribing import has_unsubscribed
from routy.store.sqlite import Records, Transaction

UNSUBSCRIBED = "they have unsubscribed"

_MAIL = """/* mails.to_send */
SELECT id, workspace_id, recipient, topic, subject, message_id, text, html, link, created_at FROM mails WHERE id = ?
"""


@dataclass
class MailChannel:
    records: Records
    post: Post
    seconds: float
    name: str = CHANNEL

    def lane(self, delivery: Delivery) -> str:
        return f"smtp {self.post.settings.host}"

    def send(self, delivery: Delivery) -> Outcome:
        mail = self.records.one(_MAIL, (delivery.target_id,))
        if mail is None:
            return Outcome(False, error="the mail is not in the log any more", final=True)
        if has_unsubscribed(self.records, mail["workspace_id"], mail["recipient"], mail["topic"]):
            return Outcome(False, error=UNSUBSCRIBED, final=True)
        if self.post.missing:
            return Outcome(False, error=self.post.missing, final=True)
        try:
            message, whom = self.post.message(mail), sender(self.post.settings).addr_spec
        except (NoAddress, ValueError) as error:
            return Outcome(False, error=f"no message can be made of it: {error}"[:500], final=True)
        to = message["To"].addresses[0].addr_spec
        return smtp.send(self.post.settings, self.post.host, whom, to, message, self.seconds)

    def holds(self, tx: Transaction, delivery: Delivery) -> bool:
        return False

    def settled(self, tx: Transaction, delivery: Delivery, outcome: Outcome, over: bool) -> None:
        status = "sent" if outcome.ok else _status(outcome) if over else "waiting"
        tx.run(
            "/* mails.settle */ UPDATE mails SET status = ?, error = ?, attempts = ?, sent_at = ? WHERE id = ?",
            (
                status,
                outcome.error or None,
                delivery.attempt,
                tx.now if outcome.ok else None,
                delivery.target_id,
            ),
        )


def _status(outcome: Outcome) -> str:
    return "suppressed" if outcome.error == UNSUBSCRIBED else "failed"
