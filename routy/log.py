"""One line a message on stderr: time, level, logger, text."""

import logging
import sys


def configure(level: int = logging.INFO) -> None:
    logging.basicConfig(
        stream=sys.stderr,
        level=level,
        format="%(asctime)s %(levelname)-7s %(name)s  %(message)s",
        datefmt="%Y-%m-%d %H:%M:%S",
    )
    logging.getLogger("waitress").setLevel(logging.ERROR)
