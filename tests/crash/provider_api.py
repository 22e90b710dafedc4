"""The API of signing providers, which is asked for files; it prints a file anew for each who asks.

By https://developers.signwell.com (getCompletedPdf) and https://www.docuseal.com/docs/api
(getSubmissionDocuments, getSubmission).
"""

from __future__ import annotations

import hashlib
import json
from datetime import datetime, timedelta

from countersign.errors import InDoubtError
from countersign.model.http import WebAnswer, WebRequest
from tests.crash.filing import KEY
from tests.crash.kernel import Kernel

LONGEST = timedelta(hours=2)
"""How long a provider makes a file."""
PDF = {"content-type": "application/pdf"}
PAGE = WebAnswer(status=200, headers={"content-type": "text/html"}, body=b"<html>")
FILES = "https://files.provider.example"


class ProviderApi:
    """``ports.HttpClient``: what a provider answers that is asked for the files of envelopes."""

    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel
        self._printed = 0
        self._ready: dict[str, datetime] = {}
        self.given: dict[str, tuple[str, str]] = {}
        """The envelope and the kind of each file that was given, by its hash."""
        self.refused = False
        """Whether somebody was refused for good, or given what is no file."""

    def call(self, request: WebRequest) -> WebAnswer:
        """Answer, as chance has it."""
        kernel = self._kernel
        if kernel.outages.over("signing provider", kernel.now):
            kernel.faults["outage"] += 1
            return self._away()
        where = request.url.partition("://")[2].partition("/")[2]
        located = request.url.startswith(FILES)
        if not located and KEY not in request.headers.values():
            return WebAnswer(status=401)
        sorts = ("token refused", "wrong page", "answers 500", "half a file", "still made")
        fault = kernel.strike(f"{kernel.place}: the provider", sorts)
        match fault:
            case "token refused":
                self.refused = True
                return WebAnswer(status=kernel.fate.pick(f"{where}: refused", (401, 403)))
            case "wrong page":
                self.refused = True
                return PAGE
            case "answers 500":
                return WebAnswer(status=500)
            case "still made":
                length = LONGEST * kernel.fate.number(f"{where}: making")
                self._ready.setdefault(where, kernel.now + length)
        if self._ready.get(where, kernel.now) > kernel.now:
            return WebAnswer(status=kernel.fate.pick(f"{where}: making", (202, 409)))
        return self._answer(where, located=located, half=fault == "half a file")

    def _away(self) -> WebAnswer:
        if self._kernel.fate.number("the provider is away") < 0.5:
            raise InDoubtError("the provider gave no answer")
        return WebAnswer(status=503)

    def _answer(self, where: str, *, located: bool, half: bool) -> WebAnswer:
        parts = where.partition("?")[0].split("/")
        if located:
            return self._file(*parts, half=half)
        if parts[-1] == "completed_pdf":
            return self._file(parts[-2], "signed_pdf", half=half)
        if parts[-1] == "documents":
            lies = f"{FILES}/{parts[-2]}/signed_pdf"
            return WebAnswer(status=200, body=json.dumps({"documents": [{"url": lies}]}).encode())
        lies = f"{FILES}/{parts[-1]}/audit_trail"
        return WebAnswer(status=200, body=json.dumps({"audit_log_url": lies}).encode())

    def _file(self, envelope: str, kind: str, *, half: bool) -> WebAnswer:
        self._printed += 1
        body = f"%PDF-1.7 {kind} of {envelope}, print {self._printed}".encode()
        if half:
            return WebAnswer(status=200, headers=PDF, body=body[:9], cut=True)
        self.given[hashlib.sha256(body).hexdigest()] = (envelope, kind)
        return WebAnswer(status=200, headers=PDF, body=body)
