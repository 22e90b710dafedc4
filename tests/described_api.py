"""The API's description, and what every answer is held against."""

from __future__ import annotations

import json

import schemathesis
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from schemathesis.specs.openapi.schemas import OpenApiSchema

from countersign.http import openapi

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]


def described_api() -> OpenApiSchema:
    """The description as requests of every sort are made of it."""
    return schemathesis.openapi.from_dict(json.loads(openapi.text()))
