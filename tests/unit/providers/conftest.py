"""A longer search for messages that break a provider: pytest --hypothesis-profile=thorough."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("thorough", max_examples=5_000, deadline=None)
