"""Documents' files in S3: ``documents/<document>/<id>``, and uploads apart from them."""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING
from urllib.parse import quote

from botocore.exceptions import ClientError

from countersign.adapters.aws.errors import code_of, our_errors
from countersign.adapters.s3.objects import NOT_THERE, SERVICE, Objects
from countersign.errors import NotFoundError, PermanentError
from countersign.model.stored_file import BEGINNING, media_type

if TYPE_CHECKING:
    from countersign.model.file_transfer import UploadAddress, UploadedContent
    from countersign.model.stored_file import NewFile, StoredFile

KEPT = "documents"
UPLOADS = "uploads"
"""The bucket forgets what lies here after a day."""
UPLOAD_SECONDS = 900


class S3FileStore:
    """``ports.FileStore`` over a bucket that nobody else can read."""

    def __init__(self, objects: Objects) -> None:
        self._objects = objects

    def upload_address(self, document: str, upload: str, file: NewFile) -> UploadAddress:
        """A presigned PUT that is bound to size, type and hash, which S3 checks.

        https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html
        """
        from countersign.model.file_transfer import UploadAddress

        digest = base64.b64encode(bytes.fromhex(file.sha256)).decode()
        bound = {
            "ContentLength": file.size,
            "ContentType": media_type(file.name),
            "ChecksumSHA256": digest,
        }
        url = self._objects.signed_address(
            "put_object", _upload_key(document, upload), bound, UPLOAD_SECONDS
        )
        headers = {
            "content-length": str(file.size),
            "content-type": media_type(file.name),
            "x-amz-checksum-sha256": digest,
        }
        return UploadAddress(url=url, headers=headers)

    def uploaded(self, document: str, upload: str) -> UploadedContent | None:
        from countersign.model.file_transfer import UploadedContent

        # Read whole: what S3 says of a checksum is what the sender claimed, where it has checked.
        content = self._objects.get(_upload_key(document, upload))
        if content is None:
            return None
        return UploadedContent(
            size=len(content),
            sha256=hashlib.sha256(content).hexdigest(),
            beginning=content[:BEGINNING],
        )

    def keep_upload(self, document: str, upload: str, file: str) -> None:
        source = _upload_key(document, upload)
        with our_errors(SERVICE):
            try:
                self._objects.copy(source, _key(document, file))
            except ClientError as error:
                if code_of(error) not in NOT_THERE:
                    raise
                msg = "the upload is not there any more; send the file again"
                raise NotFoundError(msg) from None

    def put(self, document: str, file: str, content: bytes) -> None:
        self._objects.put(_key(document, file), content)

    def get(self, document: str, file: StoredFile) -> bytes | None:
        content = self._objects.get(_key(document, file.id))
        if content is not None and hashlib.sha256(content).hexdigest() != file.sha256:
            msg = f"{file.name}: the bucket has other bytes than those that were added"
            raise PermanentError(msg)
        return content

    def download_address(self, document: str, file: StoredFile, seconds: int) -> str:
        # Names are quoted as RFC 6266 and 8187 have it; browsers save the file under it.
        shown = f"attachment; filename*=UTF-8''{quote(file.name, safe='')}"
        bound = {"ResponseContentDisposition": shown, "ResponseContentType": file.media_type}
        return self._objects.signed_address("get_object", _key(document, file.id), bound, seconds)

    def remove(self, document: str, file: str) -> None:
        self._objects.remove(_key(document, file))

    def remove_all(self, document: str) -> None:
        for folder in (KEPT, UPLOADS):
            for key in list(self._objects.keys(f"{folder}/{_part(document)}/")):
                self._objects.remove(key)


def _key(document: str, file: str) -> str:
    return f"{KEPT}/{_part(document)}/{_part(file)}"


def _upload_key(document: str, upload: str) -> str:
    return f"{UPLOADS}/{_part(document)}/{_part(upload)}"


def _part(text: str) -> str:
    """An id as one part of a key, whatever it holds."""
    return quote(text, safe="")
