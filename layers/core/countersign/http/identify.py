"""Who calls, by the address that timelines and tasks have, and that somebody was here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from countersign.http.callers import Caller, Clients, caller_of
from countersign.use_cases.people import PeopleNames, note_sign_in
from countersign.use_cases.services import Services


def identifier(services: Services, clients: Clients) -> Callable[[Mapping[str, Any]], Caller]:
    """What says of an event of payload 2.0 who calls; it raises NotSignedInError.

    A person's address is asked of the pool once in 15 minutes, and a sign-in noted once, in each
    process. Where the pool does not answer, or no longer knows the person, the id is the name.
    """
    names: list[PeopleNames] = []

    def name_of(caller: Caller) -> str:
        people = services.cloud.people
        if caller.signed_in_by != "cognito" or people is None:
            return caller.name
        if not names:
            names.append(PeopleNames(people, services.now))
        return names[0].email(caller.id)

    def identify(event: Mapping[str, Any]) -> Caller:
        caller = caller_of(event, clients)
        note_sign_in(services.cloud.heartbeats, caller.id, caller.signed_in_at)
        return replace(caller, name=name_of(caller))

    return identify
