"""How a subject declares its routes: each with the role that it needs, and what it answers with."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Literal, NamedTuple, TypeVar

from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter

from countersign.model.person import Role

Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
Handler = TypeVar("Handler", bound=Callable[..., Any])


class Endpoint(NamedTuple):
    """A method of a path, and the least role that may call it."""

    method: Method
    path: str
    """With ``<name>`` for each part that varies."""
    role: Role
    confirmed: bool = False
    """Whether the pool is asked if the person still has the role: for what hurts."""


class Routes:
    """The routes of one subject."""

    def __init__(self, subject: str) -> None:
        self.subject = subject
        self.endpoints: list[Endpoint] = []
        self.router = APIGatewayHttpRouter()  # type: ignore[no-untyped-call]

    def get(self, path: str, *, role: Role = "viewer", **more: Any) -> Callable[[Handler], Handler]:
        """A route that reads."""
        return self.route("GET", path, role=role, **more)

    def post(self, path: str, *, role: Role, **more: Any) -> Callable[[Handler], Handler]:
        """A route that makes something, or has something done."""
        return self.route("POST", path, role=role, **more)

    def put(self, path: str, *, role: Role, **more: Any) -> Callable[[Handler], Handler]:
        """A route that makes or replaces something."""
        return self.route("PUT", path, role=role, **more)

    def patch(self, path: str, *, role: Role, **more: Any) -> Callable[[Handler], Handler]:
        """A route that changes something."""
        return self.route("PATCH", path, role=role, **more)

    def delete(self, path: str, *, role: Role, **more: Any) -> Callable[[Handler], Handler]:
        """A route that removes something."""
        return self.route("DELETE", path, role=role, **more)

    def route(
        self,
        method: Method,
        path: str,
        *,
        role: Role,
        status: int = 200,
        versioned: bool = False,
        confirmed: bool = False,
    ) -> Callable[[Handler], Handler]:
        """Register a route; its summary and description are the handler's docstring.

        ``status``: of its answer; ``versioned``: whether it needs If-Match; ``confirmed``: whether
        the pool is asked if the person still has the role.
        """

        def register(handler: Handler) -> Handler:
            summary, _, description = (handler.__doc__ or "").strip().partition("\n\n")
            self.endpoints.append(Endpoint(method, path, role, confirmed))
            made = self.router.route(
                path,
                method,
                summary=" ".join(summary.split()),
                description=_unindented(description) or None,
                tags=[self.subject],
                operation_id=handler.__name__,
                openapi_extensions={"x-role": role, "x-versioned": versioned},
                status_code=status,
            )
            return made(handler)

        return register


def _unindented(text: str) -> str:
    return "\n".join(line.strip() for line in text.strip().splitlines())


class Match(NamedTuple):
    """What a path of a request matches."""

    endpoint: Endpoint | None
    """None where the path has other methods alone."""
    methods: tuple[str, ...]
    """All methods of the path; none where nothing has it."""


def match(endpoints: Sequence[Endpoint], method: str, path: str) -> Match:
    """The endpoint that the method and path mean."""
    parts = path.split("/")
    found = list(_with_path(endpoints, parts))
    endpoint = next((one for one in found if one.method == method), None)
    return Match(endpoint, tuple(dict.fromkeys(one.method for one in found)))


def _with_path(endpoints: Sequence[Endpoint], parts: Sequence[str]) -> Iterator[Endpoint]:
    """Those whose path has these parts; where some say a part in so many words, those alone."""
    fitting = [one for one in endpoints if _fits(one.path.split("/"), parts)]
    least = min((one.path.count("<") for one in fitting), default=0)
    return (one for one in fitting if one.path.count("<") == least)


def _fits(template: Sequence[str], parts: Sequence[str]) -> bool:
    return len(template) == len(parts) and all(
        wanted == part or (wanted.startswith("<") and part != "")
        for wanted, part in zip(template, parts, strict=True)
    )
