"""Objects in a bucket: webhooks that are too large for a queue or were rejected, and files."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from countersign.adapters.aws.errors import code_of, our_errors
from countersign.errors import PermanentError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

SERVICE = "S3"
NOT_THERE = frozenset({"NoSuchKey", "404"})
"""What S3 answers where there is no such object."""


class Objects:
    """One bucket; the client is made when it is first needed, which is seldom."""

    def __init__(self, client: Callable[[], S3Client], bucket: str) -> None:
        self._make_client = client
        self._client: S3Client | None = None
        self._bucket = bucket

    def put(self, key: str, content: bytes) -> None:
        """Make or replace an object; UnavailableError when S3 cannot answer."""
        with our_errors(SERVICE):
            self._s3().put_object(Bucket=self._bucket, Key=key, Body=content)

    def get(self, key: str) -> bytes | None:
        """What an object holds, or None where there is none."""
        with our_errors(SERVICE):
            try:
                answer = self._s3().get_object(Bucket=self._bucket, Key=key)
            except ClientError as error:
                if code_of(error) not in NOT_THERE:
                    raise
                return None
            return answer["Body"].read()

    def remove(self, key: str) -> None:
        """Delete an object, if it is there."""
        with our_errors(SERVICE):
            self._s3().delete_object(Bucket=self._bucket, Key=key)

    def copy(self, source: str, key: str) -> None:
        """Make or replace an object with the content of another; botocore's errors come through."""
        self._s3().copy_object(
            Bucket=self._bucket, Key=key, CopySource={"Bucket": self._bucket, "Key": source}
        )

    def signed_address(
        self, operation: str, key: str, bound: Mapping[str, Any], seconds: int
    ) -> str:
        """The address of one call that needs no other right, for so many seconds.

        ``bound`` are the operation's further parameters, which the caller has to send as they
        are. No call is made for it.
        """
        with our_errors(SERVICE):
            return self._s3().generate_presigned_url(
                operation,
                Params={"Bucket": self._bucket, "Key": key, **bound},
                ExpiresIn=seconds,
            )

    def keys(self, prefix: str, after: str = "") -> Iterator[str]:
        """The keys that begin so, in alphabetical order; those behind another one, if one is given.

        They are read a thousand at a time, as they are looked at.
        """
        behind: Any = {"StartAfter": after} if after else {}
        with our_errors(SERVICE):
            pages = self._s3().get_paginator("list_objects_v2")
            for page in pages.paginate(Bucket=self._bucket, Prefix=prefix, **behind):
                yield from (entry["Key"] for entry in page.get("Contents", ()))

    def _s3(self) -> S3Client:
        if not self._bucket:
            msg = "the stack has no bucket for this yet; deploy the version that you use"
            raise PermanentError(msg)
        if self._client is None:
            self._client = self._make_client()
        return self._client
