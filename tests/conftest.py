"""How long the searches of every test are."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

_CALM = [HealthCheck.too_slow, HealthCheck.data_too_large]

# `CHUNKSCOPE_PROFILE` picks one: `make quick` runs quick, `make test` default, `make test-full` full.
settings.register_profile("quick", max_examples=10, deadline=None, suppress_health_check=_CALM, derandomize=True)
settings.register_profile("default", max_examples=60, deadline=None, suppress_health_check=_CALM)
settings.register_profile("full", max_examples=2_000, deadline=None, suppress_health_check=_CALM)
settings.load_profile(os.environ.get("CHUNKSCOPE_PROFILE", "default"))
