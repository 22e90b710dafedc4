"""The OpenAPI description of the API, made once and served as a file.

``python -m countersign.http.openapi`` writes it; a test says when it is out of date.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("openapi.json")
VERSION = "1"
DESCRIPTION = " ".join(
    (
        "Everything that people and programs do with Countersign without AWS credentials. Lists",
        "come in pages: `next` is the `cursor` of the next page, and belongs to that query",
        "alone. What can be edited has an `ETag`; its change needs it in `If-Match`, and is",
        "answered 412 where somebody else was first. `Idempotency-Key` makes a POST safe to",
        "send again for a day. Errors are problem details (RFC 9457) in the language of",
        "`Accept-Language`, English or German; programs decide by `type`. API Gateway itself",
        'answers 401, 403, 404 and 429 with `{"message": …}`. Members may be added to answers',
        "at any time; none is removed or changes its meaning within `/api/v1`.",
    )
)
PROBLEM: Mapping[str, Any] = {
    "type": "object",
    "title": "Problem",
    "description": "What kept a request from being carried out (RFC 9457).",
    "required": ["type", "title", "status"],
    "properties": {
        "type": {"type": "string", "description": "Which problem; stable."},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What was found, and what is expected."},
        "request_id": {"type": "string", "description": "As in the log."},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["detail"],
                "properties": {
                    "pointer": {
                        "type": "string",
                        "description": "Where in the body (RFC 6901).",
                    },
                    "parameter": {"type": "string", "description": "Which parameter."},
                    "detail": {"type": "string"},
                },
            },
        },
        "present": {"type": "string", "description": "The present version, where another was met."},
        "role": {"type": "string", "description": "The role that is needed."},
    },
}
NAMES = ((r"PageOf_(\w+?)(?:View)?_(?=\W)", r"\1Page"), (r"(?<=[/\"])(\w+)View(?=\")", r"\1"))
"""How the schemas are called there: a page of documents ``DocumentPage``, a view without the word.
"""
ALWAYS = (400, 401, 403, 404, 405, 413, 415, 422, 429, 500, 503)
"""Statuses that any route may be answered with."""
IF_MATCH: Mapping[str, Any] = {
    "name": "If-Match",
    "in": "header",
    "required": True,
    "description": "The ETag of what is changed, or *.",
    "schema": {"type": "string"},
}
IF_NONE_MATCH: Mapping[str, Any] = {
    "name": "If-None-Match",
    "in": "header",
    "required": False,
    "description": "ETags of what the caller has; weak ones alone are compared.",
    "schema": {"type": "string"},
}
IDEMPOTENCY_KEY: Mapping[str, Any] = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "Chosen by the caller; the same key makes nothing a second time for a day.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255},
}


def main() -> None:
    """Write the file anew."""
    FILE.write_text(json.dumps(described(), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


@cache
def text() -> str:
    """The description as it is served."""
    return FILE.read_text(encoding="utf-8")


def described() -> dict[str, Any]:
    """The description, made of all routes."""
    from aws_lambda_powertools.event_handler import APIGatewayHttpResolver

    from countersign.http.application import SUBJECTS, routes_of
    from countersign.http.requests import BASE
    from countersign.http.sign_in import OPERATION, SignInView
    from countersign.http.sign_in import PATH as SIGN_IN

    resolver = APIGatewayHttpResolver(enable_validation=True)
    for subject in SUBJECTS:
        resolver.include_router(routes_of(subject).router)
    made = json.loads(
        resolver.get_openapi_json_schema(
            title="Countersign",
            version=VERSION,
            openapi_version="3.1.0",
            description=DESCRIPTION,
        )
    )
    made["servers"] = [{"url": BASE}]
    for operation in _operations(made):
        _complete(operation)
    components = made["components"]
    made["paths"][SIGN_IN.removeprefix(BASE)] = {"get": dict(OPERATION)}
    components["schemas"]["SignInView"] = SignInView.model_json_schema(mode="serialization")
    _describe(components["schemas"])
    components["schemas"] = {
        name: schema
        for name, schema in components["schemas"].items()
        if not name.endswith("ValidationError")
    } | {"Problem": PROBLEM}
    components["responses"] = {
        "Problem": {
            "description": "A problem.",
            "content": {
                "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}
            },
        }
    }
    components["securitySchemes"] = {
        "people": {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "JWT",
            "description": "The access token of a person, whose groups are roles.",
        },
        "programs": {
            "type": "oauth2",
            "description": "The access token of a program.",
            "flows": {
                "clientCredentials": {
                    "tokenUrl": "/oauth2/token",
                    "scopes": {
                        f"countersign/{role}": f"What a {role} may do."
                        for role in ("viewer", "operator", "administrator")
                    },
                }
            },
        },
    }
    views = {name for name in components["schemas"] if name.endswith("View")}
    taken = {name.removesuffix("View") for name in views} & components["schemas"].keys()
    if taken:
        raise ValueError(f"two schemas would be called {', '.join(sorted(taken))}")
    text = json.dumps(_sorted_paths(made))
    for pattern, name in NAMES:
        text = re.sub(pattern, name, text)
    description: dict[str, Any] = json.loads(text)
    return description


def _describe(schemas: Mapping[str, Any]) -> None:
    """Say of each member what the source says of it."""
    from pydantic import BaseModel

    from countersign.http.views.base import Body, View
    from countersign.use_cases.queries.catalogue.field_docs import field_docs

    pending: list[type[BaseModel]] = [View, Body]
    while pending:
        model = pending.pop()
        pending += model.__subclasses__()
        schema = schemas.get(model.__name__, {})
        docs = field_docs(model)
        for name, member in schema.get("properties", {}).items():
            member.pop("title", None)
            if name in docs:
                member["description"] = docs[name]


def _operations(made: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path in made["paths"].values():
        yield from path.items()


def _complete(named_operation: tuple[str, dict[str, Any]]) -> None:
    """What every operation has: problems, and the headers that it takes and gives."""
    method, operation = named_operation
    versioned = operation.pop("x-versioned", False)
    operation["security"] = [
        {"people": []},
        {"programs": [f"countersign/{operation['x-role']}"]},
    ]
    parameters = operation.setdefault("parameters", [])
    if versioned:
        parameters.append(IF_MATCH)
    if method == "post":
        parameters.append(IDEMPOTENCY_KEY)
    responses = operation["responses"]
    responses.pop("422", None)
    if method == "get":
        parameters.append(IF_NONE_MATCH)
        responses["304"] = {"description": "What the caller has is what there is; without a body."}
    if "204" in responses:
        responses["204"].pop("content", None)
    statuses = (*ALWAYS, 409, *((412, 428) if versioned else (412,))) if method != "get" else ALWAYS
    for status in sorted(statuses):
        responses[str(status)] = {"$ref": "#/components/responses/Problem"}


def _sorted_paths(made: dict[str, Any]) -> dict[str, Any]:
    return {**made, "paths": dict(sorted(made["paths"].items()))}


if __name__ == "__main__":
    main()
