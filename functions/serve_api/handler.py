"""serve_api: one call of the API in, its answer out."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools import Logger

from countersign.wiring import functions, stack

logger = Logger()


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer API Gateway (payload 2.0), which has verified the token."""
    stack.begin(context)
    return functions.api().respond(event, context)
