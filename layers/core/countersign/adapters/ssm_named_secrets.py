"""Secrets that rules use by name, in SSM SecureString parameters, kept in memory for a minute."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from countersign.adapters.aws_errors import code_of, our_errors
from countersign.adapters.checks import check_identifier, is_identifier

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient

SERVICE = "Systems Manager"
KEPT_FOR = timedelta(seconds=60)


class SsmNamedSecrets:
    """``ports.NamedSecrets`` over SSM: one parameter ``<prefix>/<name>`` each.

    The client is made when it is first needed; ``now`` tells the time.
    """

    def __init__(
        self, client: Callable[[], SSMClient], prefix: str, *, now: Callable[[], datetime]
    ) -> None:
        self._make_client = client
        self._client: SSMClient | None = None
        self._prefix = prefix.rstrip("/")
        self._now = now
        self._kept: dict[str, tuple[datetime, str]] = {}

    def get(self, name: str) -> str | None:
        if not is_identifier(name):
            return None
        now = self._now()
        kept = self._kept.get(name)
        if kept is not None and now - kept[0] < KEPT_FOR:
            return kept[1]
        with our_errors(SERVICE):
            try:
                answer = self._ssm().get_parameter(Name=self._name(name), WithDecryption=True)
            except ClientError as error:
                if code_of(error) != "ParameterNotFound":
                    raise
                return None
        value = answer["Parameter"]["Value"]
        self._kept[name] = now, value
        return value

    def put(self, name: str, value: str) -> None:
        check_identifier(name)
        with our_errors(SERVICE):
            self._ssm().put_parameter(
                Name=self._name(name), Value=value, Type="SecureString", Overwrite=True
            )
        self._kept[name] = self._now(), value

    def remove(self, name: str) -> None:
        if not is_identifier(name):
            return
        with our_errors(SERVICE):
            try:
                self._ssm().delete_parameter(Name=self._name(name))
            except ClientError as error:
                if code_of(error) != "ParameterNotFound":
                    raise
        self._kept.pop(name, None)

    def list(self) -> tuple[str, ...]:
        with our_errors(SERVICE):
            pages = self._ssm().get_paginator("get_parameters_by_path").paginate(Path=self._prefix)
            named = [one["Name"] for page in pages for one in page["Parameters"]]
        return tuple(sorted(name.rpartition("/")[2] for name in named))

    def _name(self, name: str) -> str:
        return f"{self._prefix}/{name}"

    def _ssm(self) -> SSMClient:
        if self._client is None:
            self._client = self._make_client()
        return self._client
