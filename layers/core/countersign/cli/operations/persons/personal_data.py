"""Requests of persons about their data: erasing it, and exporting it."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any

from countersign.cli.context import CliContext
from countersign.cli.operations.read import job_of
from countersign.cli.remote.session import ApiSession, path
from countersign.http.views.personal_data import (
    ErasureView,
    PersonalDataView,
    personal_data_view,
)
from countersign.model.job import Job
from countersign.model.page import PageRequest
from countersign.model.stored_file import FileKind
from countersign.use_cases.auditor import recorded
from countersign.use_cases.jobs.kinds.erase_person import ErasePerson
from countersign.use_cases.jobs.start import start_job
from countersign.use_cases.personal_data.erase import DataEraser, Subject, erase_person
from countersign.use_cases.personal_data.export import Archive, personal_data, personal_data_in
from countersign.use_cases.personal_data.find import PersonFinder, page_of_person
from countersign.use_cases.personal_data.recorded import (
    ErasureScope,
    erasure,
    erasure_started,
    pseudonym_of,
    record_export,
)
from countersign.use_cases.store import existing_document

DOCUMENTS_PER_PAGE, EXPORTED_AT_ONCE = 100, 20
"""Documents that a page is asked for."""


class StackPersonalData:
    """Over the adapters of a stack."""

    def __init__(self, context: CliContext) -> None:
        self._context = context

    def documents_of(self, person: Subject) -> tuple[str, ...]:
        """The ids of the documents that name the person, or did before an erasure."""
        cloud = self._context.cloud
        finder = PersonFinder(pages=cloud.pages, pipelines=cloud.pipelines)
        ids, after = dict[str, None](), None
        while True:
            request = PageRequest(after, DOCUMENTS_PER_PAGE)
            page = page_of_person(finder, person, request)
            ids.update(dict.fromkeys(document.id for document in page.items))
            if (after := page.next) is None:
                return tuple(ids)

    def start_erasure(self, person: Subject, keep_files: tuple[FileKind, ...]) -> Job:
        """The job that erases the person from all documents."""
        context = self._context
        wanted = ErasePerson(
            address=person.address or "",
            names=person.names,
            keep_files=keep_files,
            key=context.salt(),
        )
        job_id, now = f"j-{context.token()}", context.now()
        change = erasure_started(wanted.key, person, keep_files, job_id)
        with recorded(context.auditor, change):
            return start_job(context.cloud.jobs, job_id, wanted, context.actor, now=now)

    def erase(
        self,
        document: str,
        person: Subject,
        keep_files: tuple[FileKind, ...],
        *,
        again: bool = False,
    ) -> ErasureView:
        """What was erased from one document; ``again`` where the same request has begun before."""
        context = self._context
        eraser = DataEraser(
            store=context.store,
            files=context.cloud.files,
            key=context.salt(),
            keep_files=frozenset(keep_files),
        )
        current = existing_document(context.cloud.documents, document)
        pseudonym = pseudonym_of(eraser.key, person, current)
        change = erasure(pseudonym, keep_files, ErasureScope(document=document))
        with nullcontext() if again else recorded(context.auditor, change):
            done = erase_person(eraser, document, person, context.actor)
        return ErasureView.model_validate(done)

    def export(self, person: Subject, document: str | None) -> tuple[PersonalDataView, ...]:
        """What each document, or the one that is named, has of the person."""
        context = self._context
        documents, pipelines = context.cloud.documents, context.cloud.pipelines
        if document is None:
            archive = Archive(documents=documents, pipelines=pipelines)
            records = tuple(personal_data(archive, person))
        else:
            records = personal_data_in(documents, document, person)
        export = f"export-{context.new_id()}"
        record_export(context.auditor, export, [data.document.id for data in records])
        return _ordered(*map(personal_data_view, records))


class ApiPersonalData:
    """Over the API."""

    def __init__(self, api: ApiSession) -> None:
        self._api = api

    def documents_of(self, person: Subject) -> tuple[str, ...]:
        """The ids of the documents that name the person, or did before an erasure."""
        body = {**_body(person), "limit": DOCUMENTS_PER_PAGE}
        rows = self._api.posted("/personal-data/documents", body)
        return tuple(dict.fromkeys(str(row["document"]) for row in rows))

    def start_erasure(self, person: Subject, keep_files: tuple[FileKind, ...]) -> Job:
        """The job that erases the person from all documents."""
        body = {**_body(person), "keep_files": keep_files}
        return job_of(self._api.post("/personal-data/erasures", body))

    def erase(
        self,
        document: str,
        person: Subject,
        keep_files: tuple[FileKind, ...],
        *,
        again: bool = False,
    ) -> ErasureView:
        """What was erased from one document; the API records it each time that it is asked."""
        body = {**_body(person), "keep_files": keep_files}
        reply = self._api.post(path("documents", document, "erase-person"), body)
        return ErasureView.model_validate(reply)

    def export(self, person: Subject, document: str | None) -> tuple[PersonalDataView, ...]:
        """What each document, or the one that is named, has of the person."""
        body = {**_body(person), "document": document, "limit": EXPORTED_AT_ONCE}
        rows = self._api.posted("/personal-data/exports", body)
        return _ordered(*map(PersonalDataView.model_validate, rows))


def _body(person: Subject) -> dict[str, Any]:
    given = {"address": person.address, "signer": person.signer, "names": person.names}
    return {name: value for name, value in given.items() if value is not None}


def _ordered(*views: PersonalDataView) -> tuple[PersonalDataView, ...]:
    """Each document once, by its id: one that moves meanwhile may be met twice."""
    by_id = {view.document.id: view for view in views}
    return tuple(by_id[name] for name in sorted(by_id))


def personal_data_of(context: CliContext) -> StackPersonalData | ApiPersonalData:
    """Persons' data, the way that commands go."""
    api = context.api
    return StackPersonalData(context) if api is None else ApiPersonalData(api)
