"""`routy serve --demo` with a year of fewer clicks: how the pages look does not hang on how many there are."""

import sys
from functools import partial

from routy import cli, demo

CLICKS = 40_000

if __name__ == "__main__":
    demo.fill = partial(demo.fill, clicks=CLICKS)
    sys.exit(cli.main())
