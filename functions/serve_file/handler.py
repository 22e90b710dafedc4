"""serve_file: redirects a link in a mail to its file."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools import Logger

from countersign.adapters.lambda_.file_links import answer_of, token_of
from countersign.errors import UnavailableError
from countersign.wiring import functions, stack

logger = Logger()


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer API Gateway (payload 2.0) with a redirect, or with a page that says why not."""
    stack.begin(context)
    try:
        target = functions.file_link_target()(token_of(event))
    except UnavailableError as error:
        logger.warning("file link: the stack does not answer", reason=str(error))
        target = None
    answer = answer_of(target)
    logger.info("file link", status=answer["statusCode"])
    return answer
