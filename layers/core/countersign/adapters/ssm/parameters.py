"""SSM's SecureString parameters below one path."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from countersign.adapters.aws.errors import code_of, our_errors

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient

SERVICE = "Systems Manager"
KEPT_FOR = timedelta(seconds=60)
"""How long those who read parameters keep them in memory."""
_NOT_THERE = "ParameterNotFound"
_THERE = "ParameterAlreadyExists"


class Parameters:
    """One parameter ``<prefix>/<name>`` each; the client is made when it is first needed."""

    def __init__(self, client: Callable[[], SSMClient], prefix: str) -> None:
        self._make_client = client
        self._client: SSMClient | None = None
        self._prefix = prefix.rstrip("/")

    def name(self, name: str) -> str:
        """The parameter's whole name."""
        return f"{self._prefix}/{name}"

    def read(self, name: str) -> str | None:
        """What it holds, or None where there is none; UnavailableError if SSM cannot answer."""
        with our_errors(SERVICE):
            try:
                answer = self._ssm().get_parameter(Name=self.name(name), WithDecryption=True)
            except ClientError as error:
                if code_of(error) != _NOT_THERE:
                    raise
                return None
        return answer["Parameter"]["Value"]

    def write(self, name: str, value: str) -> None:
        """Make or replace it."""
        with our_errors(SERVICE):
            self._ssm().put_parameter(
                Name=self.name(name), Value=value, Type="SecureString", Overwrite=True
            )

    def add(self, name: str, value: str) -> bool:
        """Make it unless it is there; whether it was made."""
        with our_errors(SERVICE):
            try:
                self._ssm().put_parameter(
                    Name=self.name(name), Value=value, Type="SecureString", Overwrite=False
                )
            except ClientError as error:
                if code_of(error) != _THERE:
                    raise
                return False
        return True

    def remove(self, name: str) -> None:
        """Delete it, if it is there."""
        with our_errors(SERVICE):
            try:
                self._ssm().delete_parameter(Name=self.name(name))
            except ClientError as error:
                if code_of(error) != _NOT_THERE:
                    raise

    def names(self) -> tuple[str, ...]:
        """Those there are, without the path, in alphabetical order."""
        with our_errors(SERVICE):
            pages = self._ssm().get_paginator("get_parameters_by_path").paginate(Path=self._prefix)
            named = [parameter["Name"] for page in pages for parameter in page["Parameters"]]
        return tuple(sorted(name.rpartition("/")[2] for name in named))

    def _ssm(self) -> SSMClient:
        if self._client is None:
            self._client = self._make_client()
        return self._client
