"""A process that closes a range is killed while it does: here it kills itself."""

import os
import signal
from datetime import date

from arrears.adapters.forking import ForkingEngine
from arrears.app.ports_runs import Asked
from arrears.app.running import RangeTask


def close_one(_task: RangeTask) -> None:
    """Not come to an end."""
    os.kill(os.getpid(), signal.SIGKILL)


task = RangeTask(
    run_id="close-2026-01-07",
    business_on=date(2026, 1, 7),
    slots=range(2048, 4096),
    asked=Asked.DUE,
)
with ForkingEngine(1, lambda: close_one) as engine:
    list(engine.close_ranges([task]))
