"""Mails through Amazon SES, each handed over at most once.

The client must not try again by itself (``client_config.MAIL``). A mail travels as raw MIME, for
which a role needs ``ses:SendRawEmail`` besides ``ses:SendEmail``.
https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from countersign.adapters.aws.errors import (
    AWS_ERRORS,
    AwsError,
    code_of,
    is_passing,
    no_answer,
    our_error,
    text_of,
)
from countersign.adapters.ses.mime import addressed, mime
from countersign.errors import (
    CountersignError,
    OutageError,
    PermanentError,
    QuotaError,
    ThrottledError,
)
from countersign.model.message import Email, Notice
from countersign.model.run import RunKey

if TYPE_CHECKING:
    from mypy_boto3_sesv2 import SESV2Client

SERVICE = "SES"
MENDED_BY = {
    "MessageRejected": "the administrator of the SES account must verify the address or domain "
    "named here, or to move the account out of the sandbox; or the text must be corrected",
    "MailFromDomainNotVerifiedException": "the administrator of the SES account must verify the "
    "MAIL FROM domain",
    "AccountSuspendedException": "the administrator of the SES account must settle it with AWS",
    "NotFoundException": "the configuration set is not deployed",
    "BadRequestException": "the rule's addresses or text must be corrected",
}
PASSING = frozenset({"SendingPausedException", "LimitExceededException"})
THROTTLED = frozenset({"Throttling", "ThrottlingException", "TooManyRequestsException"})
"""More mails than the account may send, in a second (``Maximum sending rate exceeded``) or in any
24 hours (``Daily message quota exceeded``).
https://docs.aws.amazon.com/ses/latest/dg/manage-sending-quotas-errors.html"""
_TAG = re.compile(r"[A-Za-z0-9_-]{1,256}")


class SesMailer:
    """``ports.Mailer`` over SES; the run is written into the mail's tags.

    A configuration set decides which of SES's reports on the mail are published, if any;
    ``tracking`` is the one for mails whose opens and clicks are wanted, for which SES puts a
    picture into the mail and leads its links through itself.
    https://docs.aws.amazon.com/ses/latest/dg/faqs-metrics.html
    """

    def __init__(
        self,
        client: SESV2Client,
        configuration_set: str | None = None,
        tracking: str | None = None,
    ) -> None:
        self._client = client
        self._plain, self._tracking = configuration_set, tracking

    def send(self, email: Email) -> str:
        configured = self._tracking if email.track else self._plain
        more = {"ConfigurationSetName": configured} if configured else {}
        return self._hand_over(email, EmailTags=tags(email.run, email.mail, email.pipeline), **more)

    def notify(self, notice: Notice) -> str:
        return self._hand_over(notice)

    def _hand_over(self, email: Notice, **more: Any) -> str:
        addresses = addressed(email)
        request: dict[str, Any] = {
            "FromEmailAddress": str(addresses.sender),
            "Destination": {
                "ToAddresses": [address.spec for address in addresses.to],
                "CcAddresses": [address.spec for address in addresses.cc],
                "BccAddresses": [address.spec for address in addresses.bcc],
            },
            "Content": {"Raw": {"Data": mime(email, addresses)}},
            **more,
        }
        try:
            return self._client.send_email(**request)["MessageId"]
        except AWS_ERRORS as error:
            raise _outcome(error) from error


def tags(run: RunKey, mail: int | None = None, pipeline: str | None = None) -> list[dict[str, str]]:
    """The run as message tags, by which reports find it: ``document``, ``entry`` and ``rule``.

    And ``repeat`` where the run is repeated, ``mail`` where it is one of several mails of the run,
    ``pipeline`` where it is known.
    """
    named = {"document": run.document, "entry": str(run.entry), "rule": run.rule}
    if run.repeat > 0:
        named["repeat"] = str(run.repeat)
    if mail is not None:
        named["mail"] = str(mail)
    if pipeline is not None:
        named["pipeline"] = pipeline
    for name, value in named.items():
        if not _TAG.fullmatch(value):
            msg = f'the {name} "{value[:80]}" cannot be a tag of a mail'
            raise PermanentError(f'{msg}; SES takes letters, digits, "-" and "_", at most 256')
    return [{"Name": name, "Value": value} for name, value in named.items()]


def _outcome(error: AwsError) -> CountersignError:
    if isinstance(error, ClientError):
        return _refusal(error)
    return no_answer(SERVICE, "the mail may be sent", error)


def _refusal(error: ClientError) -> CountersignError:
    code = code_of(error)
    if code in PASSING or is_passing(error):
        text = f"{SERVICE} does not take mails now: {text_of(error)}"
        # The daily quota has the same code as the rate; only the text tells them apart.
        if "daily" in text.lower() and "quota" in text.lower():
            return QuotaError(text)
        return ThrottledError(text) if code in THROTTLED else OutageError(text)
    if code in MENDED_BY:
        return PermanentError(f"{SERVICE} refused the mail: {text_of(error)}; {MENDED_BY[code]}")
    return our_error(SERVICE, error)
