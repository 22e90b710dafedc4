"""AWS's errors in our words: retry, or fix what the text names."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionError,
    HTTPClientError,
    ParamValidationError,
    SSLError,
)
from botocore.parsers import ResponseParserError

from countersign.errors import (
    CountersignError,
    InDoubtError,
    NotAllowedError,
    OutageError,
    PermanentError,
    TooLargeError,
    UnavailableError,
)

AwsError = ClientError | BotoCoreError | ResponseParserError
AWS_ERRORS = (ClientError, BotoCoreError, ResponseParserError)
"""Everything that a call of a client may raise."""

PASSING = frozenset(
    {
        "BandwidthLimitExceeded",
        "InternalFailure",
        "InternalServerError",
        "InternalServerException",
        "KmsThrottled",
        "LimitExceededException",
        "OverLimit",
        "PriorRequestNotComplete",
        "ProvisionedThroughputExceededException",
        "ReplicatedWriteConflictException",
        "RequestExpired",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestTimeTooSkewed",
        "RequestTimeout",
        "RequestTimeoutException",
        "ServiceQuotaExceededException",
        "ServiceUnavailable",
        "ServiceUnavailableException",
        "SlowDown",
        "ThrottledException",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
        "TransactionConflictException",
        "TransactionInProgressException",
        "ExpiredToken",
        "ExpiredTokenException",
    }
)
"""Codes of faults that pass without anybody's doing: throttled, in the way of another write, or
signed too long ago.
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html
https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/CommonErrors.html"""

DENIED = frozenset(
    {
        "AccessDenied",
        "AccessDeniedException",
        "AuthorizationError",
        "InvalidClientTokenId",
        "NotAuthorized",
        "UnauthorizedOperation",
        "UnrecognizedClientException",
    }
)
"""Codes of refusals for want of rights: a policy, or the credentials themselves."""


def code_of(error: ClientError) -> str:
    """The service's code of the error, such as ``ThrottlingException``."""
    return str(error.response.get("Error", {}).get("Code", ""))


def text_of(error: ClientError) -> str:
    """The service's own words."""
    detail = error.response.get("Error", {})
    return f"{code_of(error)}: {detail.get('Message', '')}"


def is_passing(error: ClientError) -> bool:
    """Whether trying the same again later may help: throttled, or a fault inside the service."""
    status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
    return status >= 500 or code_of(error) in PASSING


def our_error(service: str, error: AwsError) -> CountersignError:
    """``UnavailableError`` where the service cannot answer now, ``NotAllowedError`` where rights
    are missing, otherwise ``PermanentError``."""
    if isinstance(error, ClientError):
        if is_passing(error):
            return UnavailableError(f"{service} cannot answer now: {text_of(error)}")
        if code_of(error) == "ValidationException" and "size" in text_of(error).lower():
            return TooLargeError(f"{service} refused {error.operation_name}: {text_of(error)}")
        refusal = NotAllowedError if code_of(error) in DENIED else PermanentError
        return refusal(
            f"{service} refused {error.operation_name}: {text_of(error)}; "
            "this is a bug or a misconfigured deployment"
        )
    if isinstance(error, ParamValidationError):
        return PermanentError(f"{service} rejected the request as invalid: {error}")
    return UnavailableError(f"{service} gave no answer: {error}")


def no_answer(service: str, doubt: str, error: AwsError) -> CountersignError:
    """What an error other than the service's own answer means: nothing was sent, or ``doubt``."""
    if isinstance(error, ConnectionError) and not isinstance(error, SSLError):
        return OutageError(f"{service} could not be reached; nothing was sent: {error}")
    if isinstance(error, (HTTPClientError, SSLError, ResponseParserError)):
        return InDoubtError(f"{service} gave no answer; {doubt}: {error}")
    return our_error(service, error)  # raised before anything is sent: no credentials, say


@contextmanager
def our_errors(service: str) -> Iterator[None]:
    """Run calls of a service; whatever they raise comes out as one of our errors."""
    try:
        yield
    except AWS_ERRORS as error:
        raise our_error(service, error) from error
