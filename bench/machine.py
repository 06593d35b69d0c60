"""How fast this machine is at this moment: a fixed loop, with which figures in microseconds are compared."""

import time

from bench.result import Options, Result

USUAL = 0.5  # seconds of the loop on the machine that targets speak of


def fixed_loop() -> float:
    """Seconds of `for i in range(10**7): x += i`, run as a script would."""
    began = time.perf_counter()
    exec("x = 0\nfor i in range(10**7): x += i", {})
    return time.perf_counter() - began


def measure(options: Options) -> list[Result]:
    loops = sorted(fixed_loop() for _ in range(5))
    spread = f"{loops[0]:.2f} to {loops[-1]:.2f} s in five runs: the wider, the noisier the machine"
    return [Result("machine", loops[2], "s", "", f"a fixed loop; {spread}")]
