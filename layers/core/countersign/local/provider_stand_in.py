"""A stand-in of DocuSeal's API on this machine: links to sign, and the files of an envelope.

It is not a signing service: nobody can sign here, and every page and file of it says so. It answers
what Countersign asks, in the shape of docusealco/docuseal, docs/openapi.json, of August 2026, so
that the example shows mails with links to sign and with the signed PDF without any account.
"""

from __future__ import annotations

import html
import json
import re
import secrets
import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal
from urllib.parse import urlsplit

from countersign.local.pdf import pdf
from countersign.local.servers import Answer, Call

STAND_IN = "Stand-in of DocuSeal's API on this machine; not a signing service."
"""Stands on everything that it makes."""
_PAGE = (
    '<!doctype html><html lang="en"><meta charset="utf-8"><title>Stand-in of the signing page'
    '</title><body style="font-family:sans-serif;margin:3em auto;max-width:36em;padding:0 1em">'
    "<h1>Stand-in of the signing page</h1><p>At DocuSeal {name} would sign “{title}” here. "
    "This page of your own machine stands in its place, and nothing can be signed on it.</p></body>"
    "</html>"
)
_SUBMITTER = re.compile(r"/submitters/([^/]+)")
_SUBMISSION = re.compile(r"/submissions/([^/]+)")
_DOCUMENTS = re.compile(r"/submissions/([^/]+)/documents")
_FORM = re.compile(r"/s/([\w-]+)")
_FILE = re.compile(r"/file/([\w-]+)\.pdf")

_FACTS = {"sent_at": "sent", "opened_at": "opened", "completed_at": "signed"}
"""What the audit log says of each submitter, by the member that has its time."""

Kind = Literal["unsigned", "signed", "audit log"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Submission:
    id: str
    title: str
    submitters: tuple[Mapping[str, Any], ...]

    @property
    def is_completed(self) -> bool:
        return all(submitter["completed_at"] for submitter in self.submitters)


class ProviderStandIn:
    """Knows the submissions that it was given, and answers calls with its token."""

    provider = "docuseal"

    def __init__(self) -> None:
        self.token = secrets.token_urlsafe(24)
        """The API token that it wants."""
        self._submissions: dict[str, _Submission] = {}
        self._forms: dict[str, tuple[str, str]] = {}
        """Submission and submitter of each link that was given out."""
        self._files: dict[str, bytes] = {}
        self._made: dict[tuple[str, Kind], str] = {}
        self._lock = threading.Lock()

    def take(self, message: Mapping[str, Any]) -> None:
        """Know from now on what a webhook of DocuSeal's tells of a submission or of one form."""
        data = message["data"]
        with self._lock:
            if "submitters" in data:
                taken = _Submission(
                    id=str(data["id"]),
                    title=str(data["name"]),
                    submitters=tuple(data["submitters"]),
                )
            else:
                taken = _with_form(self._submissions[str(data["submission_id"])], data)
            self._submissions[taken.id] = taken

    def contract(self, submission: str) -> bytes:
        """What is to be signed, as a PDF."""
        return _contract(self._submissions[submission])

    def answer(self, call: Call) -> Answer:
        """The answer to one call. Forms and files are open to anybody with their address."""
        path, base = urlsplit(call.path).path, f"http://{call.headers.get('host', '')}"
        with self._lock:
            if form := _FORM.fullmatch(path):
                return self._form(form[1])
            if file := _FILE.fullmatch(path):
                return _pdf(self._files.get(file[1]))
            if call.headers.get("x-auth-token") != self.token:
                return _json(401, {"error": "Not authenticated"})
            if (match := _SUBMITTER.fullmatch(path)) and call.method == "PUT":
                return self._submitter(match[1], base)
            if match := _DOCUMENTS.fullmatch(path):
                return self._documents(match[1], base)
            if match := _SUBMISSION.fullmatch(path):
                return self._submission(match[1], base)
            return _json(404, {"error": "Not found"})

    def _submitter(self, submitter: str, base: str) -> Answer:
        """Operation updateSubmitter: its answer has the address of the form."""
        for submission in self._submissions.values():
            for known in submission.submitters:
                if str(known["id"]) != submitter:
                    continue
                if known["completed_at"] or known["declined_at"]:
                    return _json(422, {"error": "Submitter has already completed the submission."})
                slug = secrets.token_urlsafe(18)
                self._forms[slug] = submission.id, submitter
                shown = {name: known[name] for name in ("id", "name", "email", "phone", "role")}
                return _json(200, {**shown, "embed_src": f"{base}/s/{slug}"})
        return _json(404, {"error": "Not found"})

    def _documents(self, submission: str, base: str) -> Answer:
        """Operation getSubmissionDocuments."""
        known = self._submissions.get(submission)
        if known is None:
            return _json(404, {"error": "Not found"})
        url = self._address(known, "signed" if known.is_completed else "unsigned", base)
        return _json(200, {"id": submission, "documents": [{"name": known.title, "url": url}]})

    def _submission(self, submission: str, base: str) -> Answer:
        """Operation getSubmission: the audit log is made after the last signature."""
        known = self._submissions.get(submission)
        if known is None:
            return _json(404, {"error": "Not found"})
        url = self._address(known, "audit log", base) if known.is_completed else None
        return _json(200, {"id": submission, "name": known.title, "audit_log_url": url})

    def _address(self, submission: _Submission, kind: Kind, base: str) -> str:
        name = self._made.get((submission.id, kind))
        if name is None:
            name = self._made[submission.id, kind] = secrets.token_urlsafe(18)
            self._files[name] = _MADE[kind](submission)
        return f"{base}/file/{name}.pdf"

    def _form(self, slug: str) -> Answer:
        submission, submitter = self._forms.get(slug, ("", ""))
        known = self._submissions.get(submission)
        if known is None:
            return Answer(status=404)
        name = next(who["name"] for who in known.submitters if str(who["id"]) == submitter)
        page = _PAGE.format(name=html.escape(name), title=html.escape(known.title))
        return Answer(headers={"content-type": "text/html; charset=utf-8"}, body=page.encode())


def _with_form(submission: _Submission, form: Mapping[str, Any]) -> _Submission:
    submitters = (
        {**known, **{name: form[name] for name in known.keys() & form.keys()}}
        if known["id"] == form["id"]
        else known
        for known in submission.submitters
    )
    return replace(submission, submitters=tuple(submitters))


def _contract(submission: _Submission) -> bytes:
    names = " and ".join(str(signer["name"]) for signer in submission.submitters)
    return pdf([submission.title, "", f"An agreement of {names}.", "", STAND_IN])


def _signed(submission: _Submission) -> bytes:
    signed = (f"{who['name']}, {who['completed_at']}" for who in submission.submitters)
    return pdf([submission.title, "", "Signed by:", *signed, "", STAND_IN])


def _audit_log(submission: _Submission) -> bytes:
    facts = (
        f"{submitter[member]}  {submitter['email']}  {word}"
        for submitter in submission.submitters
        for member, word in _FACTS.items()
        if submitter[member]
    )
    return pdf([f"Audit log: {submission.title}", "", *sorted(facts), "", STAND_IN])


_MADE = {"unsigned": _contract, "signed": _signed, "audit log": _audit_log}


def _pdf(content: bytes | None) -> Answer:
    if content is None:
        return Answer(status=404)
    return Answer(headers={"content-type": "application/pdf"}, body=content)


def _json(status: int, content: Mapping[str, Any]) -> Answer:
    body = json.dumps(content).encode()
    return Answer(status=status, headers={"content-type": "application/json"}, body=body)
