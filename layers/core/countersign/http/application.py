"""The API: finds a request's subject and route, checks who may call it, and answers.

Only the subject that is asked for is imported: a cold start pays for every import.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from functools import cache
from http import HTTPStatus
from importlib import import_module
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.exceptions import NotFoundError as UnmatchedError
from aws_lambda_powertools.event_handler.openapi.exceptions import (
    RequestValidationError,
    ResponseValidationError,
)
from pydantic_core import to_json

from countersign.errors import CountersignError, NotAllowedError, logged
from countersign.http.call import ApiCall, current, under_way
from countersign.http.callers import Caller, require
from countersign.http.languages import language_of
from countersign.http.once import once_answered
from countersign.http.problems import MEDIA_TYPE, Problem, problem_of
from countersign.http.requests import BASE, ApiRequest, parse_json, request_of
from countersign.http.routes import Endpoint, Routes
from countersign.http.sign_in import PATH as SIGN_IN
from countersign.http.sign_in import SignInView
from countersign.http.validation_errors import errors_of
from countersign.model.person import Language
from countersign.use_cases.services import Services

SUBJECTS: Mapping[str, str] = {
    "audit": "audit",
    "catalogue": "catalogue",
    "connections": "connections",
    "dead-letters": "dead_letters",
    "document-moves": "document_moves",
    "documents": "documents",
    "drafts": "drafts",
    "entitlements": "entitlements",
    "health": "health",
    "held-messages": "held_messages",
    "jobs": "jobs",
    "people": "people",
    "personal-data": "personal_data",
    "pipelines": "pipelines",
    "programs": "programs",
    "rejected-requests": "rejected_requests",
    "runs": "runs",
    "secrets": "secrets",
    "session": "session",
    "statistics": "statistics",
    "tasks": "tasks",
    "troubles": "troubles",
    "upgrade": "upgrade",
}
"""The module in ``subjects`` of each first part of a path."""
DESCRIPTION = f"{BASE}/openapi.json"
"""Where the description of the API is."""
ANSWER_HEADERS: Mapping[str, str] = {
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
}

Event = Mapping[str, Any]
logger = Logger()


class Application:
    """Answers API Gateway's events (payload 2.0)."""

    def __init__(
        self,
        services: Services,
        identify: Callable[[Event], Caller],
        sign_in: SignInView | None = None,
    ) -> None:
        self._services = services
        self._identify = identify
        """Whose the request is; NotSignedInError."""
        self._sign_in = sign_in
        """Where people sign in; None where nobody can."""

    def respond(self, event: Event, context: Any) -> dict[str, Any]:
        """The answer; every failure is one too, as a problem."""
        language = language_of(_header(event, "accept-language"))
        request_id = str(event["requestContext"].get("requestId", ""))
        if (open_to_all := self._open(event)) is not None:
            return _answered(open_to_all, {}, request_id)
        try:
            call, routes, endpoint = self._admit(event, language)
            resolver, below = _resolver(routes.subject), {**event, "rawPath": call.path}
            with under_way(call):
                if endpoint.acts:
                    answer = once_answered(call, lambda: resolver.resolve(below, context))
                else:
                    answer = resolver.resolve(below, context)
        except Problem as problem:
            return _answered(_problem(problem, language, request_id), {}, request_id)
        except CountersignError as error:
            return _answered(_problem(problem_of(error), language, request_id), {}, request_id)
        except Exception as error:
            return _answered(_failure(error, language, request_id), {}, request_id)
        return _answered(_unless_known(answer, call), call.answer_headers, request_id)

    def _open(self, event: Event) -> dict[str, Any] | None:
        """The answer to what anybody may ask: the description of the API, and where to sign in."""
        if event["requestContext"]["http"]["method"] != "GET":
            return None
        path = event.get("rawPath")
        if path == DESCRIPTION:
            from countersign.http.openapi import text

            return _ok(text())
        if path == SIGN_IN and self._sign_in is not None:
            return _ok(self._sign_in.model_dump_json())
        return None

    def _admit(self, event: Event, language: Language) -> tuple[ApiCall, Routes, Endpoint]:
        """The call of a caller who may make it, and the routes and the one that answer it."""
        caller = self._identify(event)
        request = request_of(event)
        routes = _routes(request)
        endpoint = _endpoint(routes, request)
        _check_role(caller, endpoint, language)
        if given := event.get("queryStringParameters"):
            _check_parameters(endpoint, given, language)
        people = self._services.cloud.people if endpoint.confirmed else None
        if people is not None and caller.signed_in_by == "cognito":
            from countersign.use_cases.people import confirm

            confirm(people, caller.id, endpoint.role)
        call = ApiCall(
            services=self._services,
            caller=caller,
            language=language,
            request_id=request.id,
            headers=request.headers,
            method=request.method,
            path=request.path,
            body=request.body,
            source_ip=request.source_ip,
        )
        return call, routes, endpoint


def _unless_known(answer: dict[str, Any], call: ApiCall) -> dict[str, Any]:
    """What was read, without its body where the caller has that already.

    What can be edited is always given whole: its ETag is that of its version, and beside that it
    shows what has none. All else has a weak ETag of its body.
    https://www.rfc-editor.org/rfc/rfc9110#field.if-none-match
    """
    read = call.method == "GET" and answer["statusCode"] == HTTPStatus.OK
    if not read or "etag" in call.answer_headers:
        return answer
    digest = hashlib.sha256(f"{call.language} {answer['body']}".encode()).hexdigest()
    tag = call.answer_headers["etag"] = f'W/"{digest[:32]}"'
    if tag not in (
        entity_tag.strip() for entity_tag in call.headers.get("if-none-match", "").split(",")
    ):
        return answer
    return {**answer, "statusCode": HTTPStatus.NOT_MODIFIED.value, "headers": {}, "body": ""}


def _ok(body: str) -> dict[str, Any]:
    return {
        "statusCode": 200,
        "headers": {"content-type": "application/json"},
        "body": body,
        "isBase64Encoded": False,
    }


def _header(event: Event, name: str) -> str | None:
    value = (event.get("headers") or {}).get(name)
    return None if value is None else str(value)


def _routes(request: ApiRequest) -> Routes:
    subject = request.path.split("/")[1] if request.path else ""
    if subject not in SUBJECTS:
        raise Problem(name="not-found", detail=f"there is nothing at {request.path or '/'}")
    return routes_of(subject)


@cache
def routes_of(subject: str) -> Routes:
    """The routes whose paths begin with the subject."""
    module = import_module(f"countersign.http.subjects.{SUBJECTS[subject]}")
    routes: Routes = module.routes
    return routes


def _endpoint(routes: Routes, request: ApiRequest) -> Endpoint:
    endpoint, methods = routes.match(request.method, request.path)
    if endpoint is not None:
        return endpoint
    if not methods:
        raise Problem(name="not-found", detail=f"there is nothing at {request.path}")
    allowed = ", ".join(methods)
    detail = f"{request.path} has the methods {allowed}, not {request.method}"
    raise Problem(name="method-not-allowed", detail=detail, headers={"allow": allowed})


def _check_role(caller: Caller, endpoint: Endpoint, language: Language) -> None:
    try:
        require(caller, endpoint.role, language)
    except NotAllowedError as error:
        role = {"role": endpoint.role}
        raise Problem(name="not-allowed", detail=str(error), members=role) from error


@cache
def _resolver(subject: str) -> APIGatewayHttpResolver:
    resolver = APIGatewayHttpResolver(
        enable_validation=True,
        json_body_deserializer=parse_json,
        serializer=_json,
        response_validation_error_http_code=500,
    )
    resolver.include_router(routes_of(subject).router)
    resolver.exception_handler(Exception)(_problem_of)
    return resolver


def _check_parameters(endpoint: Endpoint, given: Mapping[str, str], language: Language) -> None:
    """A parameter that is misspelled must not be ignored: its filter would be."""
    known = endpoint.parameters
    unknown = [
        {"type": "extra_forbidden", "loc": ("query", name)} for name in given if name not in known
    ]
    if unknown:
        raise Problem(name="invalid", errors=tuple(errors_of(unknown, language)))


def _problem_of(error: Exception) -> Response[str]:
    call = current()
    match error:
        case Problem():
            return _response(error, call)
        case RequestValidationError():
            errors = tuple(errors_of(error.errors(), call.language))
            return _response(Problem(name="invalid", errors=errors), call)
        case ResponseValidationError():
            logger.error("the answer does not fit its model", errors=str(error.errors()))
            return _response(Problem(name="internal"), call)
        case CountersignError():
            return _response(problem_of(error), call)
        case UnmatchedError():  # letters that the resolver does not take for part of a path
            detail = f"there is nothing at {call.path}"
            return _response(Problem(name="not-found", detail=detail), call)
    logger.error("request failed", error=logged(error), exc_info=error)
    return _response(Problem(name="internal"), call)


def _response(problem: Problem, call: ApiCall) -> Response[str]:
    call.answer_headers.clear()
    call.answer_headers.update(problem.headers)
    document = problem.document(call.language, call.request_id)
    return Response(problem.status, MEDIA_TYPE, _json(document))


def _problem(problem: Problem, language: Language, request_id: str) -> dict[str, Any]:
    return {
        "statusCode": problem.status,
        "headers": {"content-type": MEDIA_TYPE, **problem.headers},
        "body": _json(problem.document(language, request_id)),
        "isBase64Encoded": False,
    }


def _failure(error: Exception, language: Language, request_id: str) -> dict[str, Any]:
    logger.error("request failed", error=logged(error), exc_info=error)
    return _problem(Problem(name="internal"), language, request_id)


def _answered(
    answer: dict[str, Any], headers: Mapping[str, str], request_id: str
) -> dict[str, Any]:
    """The answer with the headers that every one has."""
    given = {**ANSWER_HEADERS, "x-request-id": request_id, **headers}
    for name, value in answer["headers"].items():
        given[name.lower()] = value
    return {**answer, "headers": given}


def _json(value: Any) -> str:
    return to_json(value).decode()
