"""SMS through Amazon SNS, each handed over at most once.

The client must not try again by itself (``client_config.ONCE``).
https://docs.aws.amazon.com/sns/latest/dg/sms_publish-to-phone.html
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from countersign.adapters.aws import errors
from countersign.errors import CountersignError, OutageError, PermanentError
from countersign.model.http import TextMessage

if TYPE_CHECKING:
    from mypy_boto3_sns import SNSClient
    from mypy_boto3_sns.type_defs import MessageAttributeValueTypeDef

SERVICE = "SNS"
PASSING = frozenset({"InternalError", "Throttled"})
_NUMBER = "the number, the sender or the text has to be corrected, or the number's owner does not "
_NUMBER += "want SMS from this account"
MENDED_BY = {
    "InvalidParameter": _NUMBER,
    "InvalidParameterValue": _NUMBER,
    "OptedOut": "the number's owner does not want SMS from this account; only they can change that",
    "ParameterValueInvalid": _NUMBER,
    "UserError": "the administrator of the account must verify the number while SMS are in the "
    "sandbox, or to move them out of it",
    "ValidationError": _NUMBER,
}


class SnsSmsSender:
    """``ports.SmsSender`` over SNS; the client is made when it is first needed."""

    def __init__(self, client: Callable[[], SNSClient]) -> None:
        self._make_client = client

    def send(self, message: TextMessage) -> str:
        try:
            answer = self._make_client().publish(
                PhoneNumber=message.to,
                Message=message.text,
                MessageAttributes=_attributes(message),
            )
        except ClientError as error:
            raise _refusal(error) from error
        except errors.AWS_ERRORS as error:
            raise errors.no_answer(SERVICE, "the SMS may be sent", error) from error
        return answer["MessageId"]


def _attributes(message: TextMessage) -> dict[str, MessageAttributeValueTypeDef]:
    # Transactional: delivered with priority, for what a person waits for.
    named = {"AWS.SNS.SMS.SMSType": "Transactional"}
    if message.sender is not None:
        named["AWS.SNS.SMS.SenderID"] = message.sender
    return {name: {"DataType": "String", "StringValue": value} for name, value in named.items()}


def _refusal(error: ClientError) -> CountersignError:
    text = errors.text_of(error)
    code = errors.code_of(error).removesuffix("Exception")
    if code in PASSING or errors.is_passing(error):
        return OutageError(f"{SERVICE} does not take SMS now: {text}")
    if code in MENDED_BY:
        return PermanentError(f"{SERVICE} refused the SMS: {text}; {MENDED_BY[code]}")
    return errors.our_error(SERVICE, error)
