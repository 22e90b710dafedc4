"""The request under way: who calls, with what, and what goes into the answer's headers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from countersign.http.callers import Caller
from countersign.http.problems import Problem
from countersign.model.actor import Actor
from countersign.model.person import Language, includes

if TYPE_CHECKING:
    from countersign.model.request_key import RequestKey
    from countersign.use_cases.auditor import Auditor
    from countersign.use_cases.services import Services


@dataclass(slots=True, kw_only=True)
class ApiCall:
    """One request of one caller."""

    services: Services
    caller: Caller
    language: Language
    request_id: str
    headers: Mapping[str, str]
    """Of the request, by their names in lower case."""
    method: str = ""
    path: str = ""
    """Below ``/api/v1``."""
    body: str = ""
    source_ip: str | None = None
    """The address that the request came from."""
    answer_headers: dict[str, str] = field(default_factory=dict)
    keeps_key: bool = False
    """Whether its route keeps the idempotency key itself, to show again what it made."""
    known_key: RequestKey | None = None
    """What the idempotency key had made before; None where nothing has it."""

    @property
    def actor(self) -> Actor:
        """The caller, as timelines and the audit trail have it."""
        caller = self.caller
        return Actor(
            kind="user",
            name=caller.name,
            as_operator=includes(caller.role, "operator"),
            id=caller.id,
            roles=caller.roles,
            signed_in_by=caller.signed_in_by,
        )

    @property
    def auditor(self) -> Auditor:
        """Records what the caller changes of the configuration."""
        from countersign.model.audit import AuditSource

        source = AuditSource(channel="api", ip=self.source_ip)
        return self.services.auditor_of(self.actor, source)

    def tag(self, version: object) -> None:
        """Say in the answer which version it shows."""
        self.answer_headers["etag"] = etag(version)

    def locate(self, path: str) -> None:
        """Say in the answer where what was made is found."""
        self.answer_headers["location"] = f"/api/v1{path}"

    def expected_version(self, present: object) -> None:
        """Refuse a change that was not made to the present version.

        Problem ``version-required`` without If-Match, ``stale-version`` with another version's.
        https://www.rfc-editor.org/rfc/rfc9110#field.if-match
        """
        given = self.headers.get("if-match")
        if given is None:
            detail = "send the ETag of what you read in the header If-Match"
            raise Problem(name="version-required", detail=detail)
        self.expected_version_if_given(present)

    def expected_version_if_given(self, present: object) -> None:
        """The same where If-Match is not required."""
        given = self.headers.get("if-match", "*").strip()
        if given == "*" or etag(present) in (tag.strip() for tag in given.split(",")):
            return
        raise Problem(
            name="stale-version",
            detail=f"If-Match is {given}; the present version is {etag(present)}",
            members={"present": etag(present)},
            headers={"etag": etag(present)},
        )


def etag(version: object) -> str:
    """The version as an ETag."""
    return f'"{version}"'


_CURRENT: ContextVar[ApiCall] = ContextVar("call")


@contextmanager
def under_way(call: ApiCall) -> Iterator[None]:
    """The request is the one under way until it is answered."""
    before = _CURRENT.set(call)
    try:
        yield
    finally:
        _CURRENT.reset(before)


def current() -> ApiCall:
    """The request under way."""
    return _CURRENT.get()


def language_of_call() -> Language:
    """The language of the request under way; English where there is none."""
    call = _CURRENT.get(None)
    return "en" if call is None else call.language
