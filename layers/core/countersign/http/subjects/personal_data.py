"""Persons' requests about their data, across all documents."""

from __future__ import annotations

from countersign.errors import InvalidCursorError
from countersign.http.call import ApiCall, current
from countersign.http.routes import Routes
from countersign.http.started_jobs import started
from countersign.http.views.page import PageOf, page_of
from countersign.http.views.personal_data import (
    ErasureBody,
    ExportBody,
    NamedDocumentsBody,
    NamedDocumentView,
    PersonalDataView,
    personal_data_view,
)
from countersign.http.views.runs import JobView
from countersign.model.job import Job
from countersign.model.page import Page, PageRequest
from countersign.text.folding import fold_address
from countersign.use_cases.auditor import recorded
from countersign.use_cases.jobs.kinds.erase_person import ErasePerson
from countersign.use_cases.jobs.start import start_job
from countersign.use_cases.personal_data.erase import Subject
from countersign.use_cases.personal_data.export import (
    PersonalData,
    bounded,
    personal_data_in,
    personal_data_page,
)
from countersign.use_cases.personal_data.find import PersonFinder, page_of_person
from countersign.use_cases.personal_data.recorded import erasure_started, record_export
from countersign.use_cases.queries.pages.cursors import PagedList

routes = Routes("personal-data")
EXPORT = "export-"
LONGEST_ID = 100
"""Characters of the id of an export."""


@routes.post("/personal-data/erasures", role="administrator", status=202, confirmed=True)
def start_erasure(body: ErasureBody) -> JobView:
    """Replace a person by a pseudonym in all documents, in the background and for good.

    The job counts documents. It keeps the address until it ends, and no longer. What it refuses
    names documents that the person is responsible for, observes or has an open task of.
    """
    call = current()
    services = call.services
    wanted = ErasePerson(
        address=body.address, names=body.names, keep_files=body.keep_files, key=services.salt()
    )

    def start(job_id: str) -> Job:
        change = erasure_started(wanted.key, wanted.subject, body.keep_files, job_id)
        with recorded(call.auditor, change):
            return start_job(services.cloud.jobs, job_id, wanted, call.actor, now=services.now())

    return started(call, start)


@routes.post("/personal-data/documents", role="administrator", confirmed=True, reads=True)
def find_documents_of_person(body: NamedDocumentsBody) -> PageOf[NamedDocumentView]:
    """List the documents that a person would be erased from.

    It changes nothing, and is a POST so that the address stands in no URL. A page may be short, or
    empty, and yet have a next one.
    """
    listed = PagedList(
        subject="documents of a person",
        filters={"address": fold_address(body.address), "names": [*body.names]},
    )
    subject = Subject(address=body.address, names=body.names)
    request = listed.request(body.cursor, body.limit)
    page = page_of_person(_finder(current()), subject, request)
    return page_of(listed.page(page), lambda document: NamedDocumentView(document=document.id))


@routes.post("/personal-data/exports", role="administrator", confirmed=True, reads=True)
def export_personal_data(body: ExportBody) -> PageOf[PersonalDataView]:
    """Give out what is known of a person, a page of documents at a time.

    It changes nothing, and is a POST so that the address stands in no URL. Give `next` as `cursor`
    in the body for the next page, with the same person. A page may be short, or empty, and yet have
    a next one.
    """
    call = current()
    services = call.services
    subject = Subject(address=body.address, names=body.names)
    listed = PagedList(
        subject="personal data",
        filters={
            "address": fold_address(body.address),
            "names": [*body.names],
            "document": body.document,
        },
    )
    request = listed.request(body.cursor, body.limit)
    # All pages of an export have its id, with which their places begin.
    export, _, place = (request.after or f"{EXPORT}{services.new_id()}/").partition("/")
    if not (export.startswith(EXPORT) and len(export) <= LONGEST_ID):
        raise InvalidCursorError("this is not a valid cursor; expected the `next` of a page")
    page = _page(call, subject, body.document, PageRequest(place or None, body.limit))
    record_export(call.auditor, export, [data.document.id for data in page.items])
    following = None if page.next is None else f"{export}/{page.next}"
    return page_of(listed.page(Page(page.items, following)), personal_data_view)


def _page(
    call: ApiCall, subject: Subject, document: str | None, request: PageRequest
) -> Page[PersonalData]:
    cloud = call.services.cloud
    if document is not None:
        data = personal_data_in(cloud.documents, document, subject)
        return Page(tuple(map(bounded, data)))
    return personal_data_page(cloud.documents, _finder(call), subject, request)


def _finder(call: ApiCall) -> PersonFinder:
    cloud = call.services.cloud
    return PersonFinder(pages=cloud.pages, pipelines=cloud.pipelines)
