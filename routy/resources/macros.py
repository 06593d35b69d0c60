"""The macros that may stand in URLs and parameter values; clicks/macros.py says what each becomes."""

import re
from collections.abc import Mapping

from routy.errors import Invalid

UTM = ("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content")
SUBS = tuple(f"sub{n}" for n in range(1, 11))
MACROS = (
    *("click_id", *SUBS),
    *("slug", "country", "device", "referrer", "timestamp", "campaign", "source"),
)

_LIKE_A_MACRO = re.compile(r"\{([A-Za-z0-9_]{1,30})\}")


def macros_are_known(texts: Mapping[str, str]) -> None:
    """Invalid, with the list, for each field whose text holds a macro that nobody knows."""
    wrong = {}
    for field, text in texts.items():
        unknown = [name for name in _LIKE_A_MACRO.findall(text) if name not in MACROS]
        if unknown:
            listed = " ".join(f"{{{name}}}" for name in MACROS)
            wrong[field] = f"there is no macro {{{unknown[0]}}}; there are {listed}"
    if wrong:
        raise Invalid(wrong)
