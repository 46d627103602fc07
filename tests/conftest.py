"""How long the searches of every test are."""

from __future__ import annotations

import os
import signal

from hypothesis import HealthCheck, settings

# `CHUNKSCOPE_PROFILE` picks one: `make quick` runs quick, `make test` default, `make test-full` full.
_EXAMPLES = {"quick": 10, "default": 60, "full": 2_000}

for _name, _examples in _EXAMPLES.items():
    settings.register_profile(
        _name,
        max_examples=_examples,
        deadline=None,  # a loaded machine is no failure
        # a run of the tests tells of the change, a long search of what else there is
        derandomize=_name != "full",
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
settings.load_profile(os.environ.get("CHUNKSCOPE_PROFILE", "default"))

# A shell that starts the tests in the background has SIGINT ignored, and no task could be interrupted.
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
