"""Shorter searches for laws whose every example computes several values."""

from __future__ import annotations

from hypothesis import settings

short = settings(max_examples=max(8, settings().max_examples // 3))
