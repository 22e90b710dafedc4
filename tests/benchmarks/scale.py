"""How much 1,000 webhooks a second take of the quotas of AWS: counted and multiplied, not measured.

``python -m tests.benchmarks.scale`` without a file prints the tables of docs/scale.md.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.benchmarks.figures import Figure, shown, write_figures
from tests.benchmarks.scale_load import Load, contracts
from tests.benchmarks.scale_model import (
    STORED_GB,
    Target,
    Use,
    Webhook,
    costs,
    counted,
    first_met,
    stored,
    uses,
)
from tests.benchmarks.scene import ROOT
from tests.template_file import read_template

DOCUMENTS = 20
"""That are lived; what they cost does not depend on how many there are."""
TARGET = Target(webhooks=1_000, documents=10e6, scheduled=100e6, connections=100)
MONTH = 30 * 86_400


def main(output: Path | None) -> None:
    """Count, and keep the figures or print the tables."""
    load = Load(contracts())
    load.live(DOCUMENTS)
    webhook = counted(load)
    found = uses(webhook, TARGET, read_template(ROOT / "template.yaml"))
    gigabytes = stored(load.table, DOCUMENTS) * TARGET.documents / 1e9
    if output is None:
        print(*tables(webhook, found, gigabytes), sep="\n")
    else:
        write_figures(output, figures(found, gigabytes, webhook))


def figures(found: Sequence[Use], gigabytes: float, webhook: Webhook) -> list[Figure]:
    """Each quota with what is needed of it, the fullest first."""
    met, rate = first_met(found, TARGET)
    made = [
        Figure(name=use.name, value=use.needed, unit=use.unit, target=use.quota) for use in found
    ]
    return [
        *made,
        Figure(name=f"met first: {met.name}", value=rate, unit="a second"),
        Figure(name="stored for 10 million documents", value=gigabytes, unit="GB"),
        Figure(name="a million webhooks", value=sum(costs(webhook).values()), unit="USD"),
    ]


def tables(webhook: Webhook, found: Sequence[Use], gigabytes: float) -> Iterator[str]:
    """The tables of docs/scale.md."""
    yield "| a webhook, with what follows from it | |\n| --- | --- |"
    for index, units in sorted(webhook.writes.items()):
        yield f"| write units, {f'index {index}' if index else 'table'} | {units:.2f} |"
    for name in ("reads", "stream_records", "queued", "scheduled", "mails", "reports"):
        yield f"| {name.replace('_', ' ')} | {getattr(webhook, name):.2f} |"
    yield "\n| quota | needed | there is | full | raised by | source |"
    yield "| --- | --- | --- | --- | --- | --- |"
    for use in found:
        source = f"[source]({use.source})" if use.source.startswith("http") else f"`{use.source}`"
        needed = f"{shown(round(use.needed, 2))} {use.unit}"
        yield (
            f"| {use.name} | {needed} | {shown(use.quota)} | {use.share:,.1%} | {use.raised} "
            f"| {source} |"
        )
    yield "\n| for a million webhooks | US dollars |\n| --- | --- |"
    for name, dollars in sorted(costs(webhook).items(), key=lambda one: -one[1]):
        yield f"| {name} | {dollars:.2f} |"
    total = sum(costs(webhook).values())
    yield f"| together | {total:.2f} |"
    monthly = total * TARGET.webhooks * MONTH / 1e6
    yield f"\nA month of 1,000 a second: {monthly:,.0f} dollars."
    yield f"Stored: {gigabytes:,.0f} GB, {gigabytes * STORED_GB:,.0f} dollars a month."


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else None)
