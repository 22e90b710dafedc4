"""Tells scripts and curl where everything is, while it runs: .local/endpoints.json."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from countersign.local.cloud import LocalCloud
from countersign.local.deploy import STACK, Stack
from countersign.local.people import LocalPeople
from countersign.local.project import Project


@contextmanager
def endpoints_file(
    project: Project,
    cloud: LocalCloud,
    stack: Stack,
    people: LocalPeople,
    connections: Mapping[str, Mapping[str, str]],
) -> Iterator[Path]:
    """The file with all addresses, passwords and the demo connections' secrets; gone at the end.

    `connections` are the demo connections by id: each with its address and its secrets.
    """
    path = project.local / "endpoints.json"
    path.touch(mode=0o600)
    endpoints = {
        "webhooks": stack.webhooks,
        "api": stack.api,
        "console": people.console,
        "sign_in": people.sign_in,
        "token_endpoint": people.token_endpoint,
        "console_client_id": people.client_id,
        "people": {role: asdict(sign_in) for role, sign_in in people.people.items()},
        "programs": {role: asdict(credentials) for role, credentials in people.programs.items()},
        "mailbox": cloud.mailbox,
        "aws_endpoint": cloud.endpoint,
        "region": cloud.region,
        "stack": STACK,
        "outputs": stack.outputs,
        "connections": connections,
    }
    path.write_text(json.dumps(endpoints, indent=2) + "\n")
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)
