"""`POST /tokens/{id}/rotation`: a new secret for a token, while the old one goes on for as long as asked."""

from typing import Annotated

from routy.api.call import Answer, Call, Endpoint
from routy.api.writing import conditional, once, written
from routy.clock import MINUTE
from routy.records import read, write
from routy.resource import Field, Form
from routy.resources.tokens import Token, fresh_secret
from routy.store.sqlite import Transaction


class Rotation(Form):
    overlap_minutes: Annotated[
        int,
        Field(
            "Minutes that the old secret still works; 0: it ends now.",
            default=1440,
            least=0,
            most=43_200,
            example=60,
        ),
    ]


def _rotate(call: Call) -> Answer:
    overlap = call.form()["overlap_minutes"] * MINUTE
    version = conditional(call)

    def rotate(tx: Transaction) -> Answer:
        token = read.find(tx, call.actor, Token, call.path["id"])
        old = {"previous_sha256": token["secret_sha256"], "previous_until": call.now + overlap}
        row = write.update(tx, call.actor, Token, token["id"], {**fresh_secret(), **old}, version)
        return written(call, Token, row, 200)

    return once(call, rotate)


ENDPOINTS = [
    Endpoint(
        "POST",
        "/tokens/{id}/rotation",
        "rotate_token",
        "Give a token a new secret, shown in this answer only.",
        _rotate,
        scope="tokens:write",
        tag="tokens",
        resource=Token,
        takes=Rotation.fields,
        input="form",
        shape="record",
        raises=(400, 404, 409, 412, 413, 415),
        conditional=True,
        repeatable=True,
    )
]
