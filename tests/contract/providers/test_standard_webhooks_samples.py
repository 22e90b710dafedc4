"""The samples of Standard Webhooks, where present."""

from __future__ import annotations

from typing import ClassVar

from tests.contract.providers.samples import Expected, Fact, SampleSuite


class TestStandardWebhooksSamples(SampleSuite):
    name = "standard_webhooks"
    table: ClassVar[dict[str, Expected]] = {
        # The official vector has a signature, and a body without a type.
        "official_vector.json": ("signed", None),
        # The specification shows a signature of which it keeps the secret to itself.
        "spec_contact_created.json": (
            None,
            (
                Fact(
                    "other",
                    "1f81eb52-5198-4599-803e-771906343485",
                    None,
                    "2022-11-03T20:26:10.344522+00:00",
                ),
            ),
        ),
    }
