"""How a subject declares its routes: each with the role that it needs, and what it answers with."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from inspect import signature
from typing import Any, Literal, NamedTuple, TypedDict, TypeVar, Unpack

from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter

from countersign.model.person import Role

Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
_PART = re.compile(r"<\w+>")
Handler = TypeVar("Handler", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A method of a path, and the least role that may call it."""

    method: Method
    path: str
    """With ``<name>`` for each part that varies."""
    role: Role
    confirmed: bool = False
    """Whether the pool is asked if the person still has the role: for what hurts."""
    reads: bool = False
    """Whether it changes nothing, though it is a POST: it is carried out as often as it is asked.
    """
    handler: Callable[..., Any] = field(default=lambda: None, repr=False, compare=False)

    @property
    def acts(self) -> bool:
        """Whether an idempotency key keeps it from being carried out twice."""
        return self.method == "POST" and not self.reads

    @property
    def parameters(self) -> frozenset[str]:
        """The names that a query may have, and some that it need not have."""
        return frozenset(signature(self.handler).parameters)


class Match(NamedTuple):
    """What a path of a request matches."""

    endpoint: Endpoint | None
    """None where the path has other methods alone."""
    methods: tuple[str, ...]
    """All methods of the path; none where nothing has it."""


class RouteOptions(TypedDict, total=False):
    """What a route may have besides its path and role."""

    status: int
    """Of its answer; 200 if left out."""
    versioned: bool
    """Whether it needs If-Match."""
    confirmed: bool
    """Whether the pool is asked if the person still has the role."""
    reads: bool
    """Whether a POST changes nothing."""


class Routes:
    """The routes of one subject."""

    def __init__(self, subject: str) -> None:
        self.subject = subject
        self.endpoints: list[Endpoint] = []
        self._by_shape: dict[str, dict[str, Endpoint]] = {}
        self.router = APIGatewayHttpRouter()  # type: ignore[no-untyped-call]

    def get(
        self, path: str, *, role: Role = "viewer", **options: Unpack[RouteOptions]
    ) -> Callable[[Handler], Handler]:
        """A route that reads."""
        return self.route("GET", path, role, **options)

    def post(
        self, path: str, *, role: Role, **options: Unpack[RouteOptions]
    ) -> Callable[[Handler], Handler]:
        """A route that makes something, or has something done."""
        return self.route("POST", path, role, **options)

    def put(
        self, path: str, *, role: Role, **options: Unpack[RouteOptions]
    ) -> Callable[[Handler], Handler]:
        """A route that makes or replaces something."""
        return self.route("PUT", path, role, **options)

    def patch(
        self, path: str, *, role: Role, **options: Unpack[RouteOptions]
    ) -> Callable[[Handler], Handler]:
        """A route that changes something."""
        return self.route("PATCH", path, role, **options)

    def delete(
        self, path: str, *, role: Role, **options: Unpack[RouteOptions]
    ) -> Callable[[Handler], Handler]:
        """A route that removes something."""
        return self.route("DELETE", path, role, **options)

    def route(
        self, method: Method, path: str, role: Role, **options: Unpack[RouteOptions]
    ) -> Callable[[Handler], Handler]:
        """Register a route; its summary and description are the handler's docstring.

        Where a handler takes nothing there is nothing to validate, and its view was validated when
        it was made: such a route is answered without the resolver's validation.
        """
        versioned, confirmed = options.get("versioned", False), options.get("confirmed", False)
        reads = options.get("reads", False)

        def register(handler: Handler) -> Handler:
            summary, _, description = (handler.__doc__ or "").strip().partition("\n\n")
            endpoint = Endpoint(method, path, role, confirmed, reads, handler)
            self.endpoints.append(endpoint)
            shape = _PART.sub("<>", path)
            self._by_shape.setdefault(shape, {})[method] = endpoint
            made = self.router.route(
                path,
                method,
                summary=" ".join(summary.split()),
                description=_unindented(description) or None,
                tags=[self.subject],
                operation_id=handler.__name__,
                openapi_extensions={"x-role": role, "x-versioned": versioned},
                status_code=options.get("status", 200),
                enable_validation=None if endpoint.parameters else False,
            )
            return made(handler)

        return register

    def match(self, method: str, path: str) -> Match:
        """The endpoint that the method and path mean."""
        endpoints = self._by_shape.get(path) or self._with_parts(path.split("/"))
        return Match(endpoints.get(method), tuple(endpoints))

    def _with_parts(self, parts: Sequence[str]) -> Mapping[str, Endpoint]:
        """The methods of the path with these parts; of those that fit, the least general one."""
        fitting = [shape for shape in self._by_shape if _fits(shape.split("/"), parts)]
        fitting.sort(key=lambda shape: shape.count("<"))
        return self._by_shape[fitting[0]] if fitting else {}


def _unindented(text: str) -> str:
    return "\n".join(line.strip() for line in text.strip().splitlines())


def _fits(template: Sequence[str], parts: Sequence[str]) -> bool:
    return len(template) == len(parts) and all(
        wanted == part or (wanted == "<>" and part != "")
        for wanted, part in zip(template, parts, strict=True)
    )
