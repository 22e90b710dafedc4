"""Documents: find, show, make and change them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Literal

from aws_lambda_powertools.event_handler.openapi.params import Query

from countersign.engine.decisions.decision import Decision
from countersign.errors import NotFoundError
from countersign.http.call import ApiCall, current
from countersign.http.once import once, once_noted
from countersign.http.routes import Routes
from countersign.http.views.base import Id
from countersign.http.views.documents import (
    ChangesBody,
    ChangeView,
    CodeBody,
    CommentBody,
    CreatedDocumentView,
    DocumentRow,
    DocumentView,
    DownloadView,
    EnvelopeBody,
    FileView,
    MailPreviewView,
    MoveBody,
    NewDocumentBody,
    NewFileBody,
    UploadView,
    WhyView,
    change_view,
    created_view,
    document_view,
    recreated_view,
    row_view,
    unchanged_view,
    why_view,
)
from countersign.http.views.page import Cursor, Limit, PageOf, page_of
from countersign.http.views.personal_data import (
    DocumentErasureBody,
    ErasureView,
    VerificationView,
    verification_view,
)
from countersign.http.views.tasks import TaskView, task_view
from countersign.http.views.timeline import TimelineEntry
from countersign.model.document import Document
from countersign.model.stored_file import NewFile
from countersign.rules.base import Edit
from countersign.use_cases.documents.edit import (
    Check,
    NewDocument,
    accept,
    call_by_code,
    make,
    save,
)
from countersign.use_cases.documents.files import FileUpload
from countersign.use_cases.queries.pages.cursors import PagedList
from countersign.use_cases.queries.pages.documents import DocumentSearch, page_documents
from countersign.use_cases.store import Store
from countersign.use_cases.transact import CommitResult

routes = Routes("documents")
Change = CommitResult[Decision]


@routes.get("/documents")
def list_documents(
    pipeline: Id | None = None,
    stage: Id | None = None,
    responsible: Id | None = None,
    person: Id | None = None,
    party: Id | None = None,
    text: Id | None = None,
    days_in_stage: Annotated[int | None, Query(ge=0, le=36_500)] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> PageOf[DocumentRow]:
    """List documents by pipeline, stage, responsible, a signer's address, text, or age in stage.

    `text` finds words of the title, numbers, ids, envelope ids, names and addresses of signers, by
    how they begin. Without it and `party`, the longest in their stage come first. `person` finds
    the documents that a user is responsible for or observes, with `me` your own: no index has
    observers, so a page of them may be short, or empty, and yet have a next one.
    """
    call = current()
    wanted = DocumentSearch(
        pipeline=pipeline,
        stage=stage,
        responsible=responsible,
        person=call.caller.named(person),
        party=party,
        text=text,
        days_in_stage=days_in_stage,
    )
    services = call.services
    page = page_documents(services.document_reader, wanted, cursor, limit, now=services.now())
    return page_of(page, row_view)


@routes.post("/documents", role="operator", status=201)
def create_document(body: NewDocumentBody) -> CreatedDocumentView:
    """Make a document that has no envelope yet.

    An envelope that names the document in its custom field is attached to it later.
    """
    call = current()
    document_id = f"d-{call.services.token()}"
    wanted = NewDocument(
        id=document_id, pipeline=body.pipeline, values=body.fields, stage=body.stage
    )

    def act(store: Store) -> CreatedDocumentView:
        made = make(store, wanted, call.actor)
        _locate(call, made.document)
        return created_view(made)

    def show(path: str) -> CreatedDocumentView:
        document = call.services.store.document(path.rpartition("/")[2])
        _locate(call, document)
        return recreated_view(document)

    return once(call, f"/documents/{document_id}", act, show)


@routes.get("/documents/<document_id>")
def get_document(document_id: str) -> DocumentView:
    """Show a document with its signers and files, and whose turn it is."""
    call = current()
    return _shown(call, call.services.store.document(document_id))


@routes.patch("/documents/<document_id>", role="operator", versioned=True)
def edit_document(document_id: str, body: ChangesBody) -> ChangeView:
    """Change fields of a document; triggers hear of it.

    All changes are one save.
    """
    edit = Edit(values=dict(body.fields), comment=body.comment)
    return _saved(document_id, edit, _in_version(current()))


@routes.delete(
    "/documents/<document_id>", role="administrator", status=204, versioned=True, confirmed=True
)
def remove_document(document_id: str) -> None:
    """Remove a document with its timeline, runs, tasks and files."""
    from countersign.use_cases.documents.remove import remove_document as remove

    call = current()
    cloud = call.services.cloud
    remove(cloud.documents, cloud.files, document_id, _in_version(call))


@routes.post("/documents/<document_id>/erase-person", role="administrator", confirmed=True)
def erase_person_from_document(document_id: str, body: DocumentErasureBody) -> ErasureView:
    """Replace a person by a pseudonym in a document and all that belongs to it, for good.

    Files are removed but for the kinds that are kept. Where `running` names runs, ask again once
    they have ended, within two minutes: what they write may still name the person. Asking again
    finishes what was interrupted, and does nothing a second time.
    """
    from countersign.use_cases.auditor import recorded
    from countersign.use_cases.personal_data.erase import DataEraser, Subject, erase_person
    from countersign.use_cases.personal_data.recorded import ErasureScope, erasure, pseudonym_of

    call = current()
    services = call.services
    subject = Subject(address=body.address, signer=body.signer, names=body.names)
    eraser = DataEraser(
        store=services.store,
        files=services.cloud.files,
        key=services.salt(),
        keep_files=frozenset(body.keep_files),
    )

    def erase() -> ErasureView:
        return ErasureView.model_validate(erase_person(eraser, document_id, subject, call.actor))

    def act() -> ErasureView:
        document = services.store.document(document_id)
        scope = ErasureScope(document=document_id)
        pseudonym = pseudonym_of(eraser.key, subject, document)
        with recorded(call.auditor, erasure(pseudonym, body.keep_files, scope)):
            return erase()

    return once_noted(call, f"/documents/{document_id}", act, lambda _: erase())


@routes.post("/documents/<document_id>/move", role="operator")
def move_document(document_id: str, body: MoveBody) -> ChangeView:
    """Move a document to a stage, and start the stage's rules.

    Nothing is started where it is in that stage already. With If-Match, only in that version.
    """
    return _saved(document_id, Edit(stage=body.stage, comment=body.comment))


@routes.post("/documents/<document_id>/comments", role="operator", status=201)
def comment_on_document(document_id: str, body: CommentBody) -> ChangeView:
    """Write a comment on a document's timeline."""
    return _saved(document_id, Edit(comment=body.text))


@routes.post("/documents/<document_id>/stop-rules", role="operator")
def stop_rules(document_id: str) -> ChangeView:
    """Cancel the rules of a document's stage that have not started; the document stays."""
    return _saved(document_id, Edit(stop_rules=True))


@routes.post("/documents/<document_id>/calls", role="operator")
def call_document(document_id: str, body: CodeBody) -> ChangeView:
    """Call a document by a code, for which a trigger may wait."""
    call = current()
    return _changed(
        document_id, lambda store: call_by_code(store, document_id, body.code, call.actor)
    )


@routes.post("/documents/<document_id>/envelope", role="operator")
def attach_envelope_to_document(document_id: str, body: EnvelopeBody) -> ChangeView:
    """Attach an envelope: what its provider tells from now on is about the document."""
    from countersign.use_cases.documents.attach import attach_envelope

    call = current()
    target, check = (body.connection, body.envelope), _in_version_if_given(call)
    return _changed(
        document_id, lambda store: attach_envelope(store, document_id, target, call.actor, check)
    )


@routes.get("/documents/<document_id>/preview/<rule>")
def preview_mails(document_id: str, rule: str) -> MailPreviewView:
    """Show the mails that a rule would send for a document as it is now; nothing is sent."""
    from countersign.use_cases.queries.previews.mail_preview import preview_mail

    return MailPreviewView.model_validate(preview_mail(current().services.store, document_id, rule))


@routes.get("/documents/<document_id>/why")
def explain_document(document_id: str) -> WhyView:
    """Explain why a document is where it is: for each rule and trigger, with the values found."""
    from countersign.use_cases.queries.show import show

    call = current()
    cloud = call.services.cloud
    explanation = show(cloud.documents, cloud.pipelines, call.services.programs, document_id)
    call.tag(explanation.document.version)
    return why_view(explanation)


@routes.get("/documents/<document_id>/timeline")
def list_timeline(
    document_id: str,
    order: Literal["oldest", "newest"] = "newest",
    cursor: Cursor = None,
    limit: Limit = 50,
) -> PageOf[TimelineEntry]:
    """List what happened to a document, the newest first unless `order` is `oldest`."""
    call = current()
    listed = PagedList(subject="timeline", filters={"document": document_id, "order": order})
    request = listed.request(cursor, limit)
    document = call.services.store.document(document_id)
    pages = call.services.cloud.pages
    page = pages.timeline(document.id, request, newest_first=order == "newest")
    return page_of(listed.page(page), TimelineEntry.model_validate)


@routes.get("/documents/<document_id>/verification")
def verify_timeline(
    document_id: str,
    hash: Annotated[
        str | None,
        Query(
            max_length=200,
            description="A hash that an earlier verification showed; it must still be there.",
        ),
    ] = None,
) -> VerificationView:
    """Verify the timeline of a document: its hashes are computed anew, and compared.

    Note the `hash` outside of the deployment, to prove later what the timeline said until then.
    """
    from countersign.use_cases.documents.verify import verify

    verification = verify(current().services.cloud.documents, document_id, wanted=hash)
    return verification_view(verification)


@routes.get("/documents/<document_id>/tasks")
def list_tasks_of_document(
    document_id: str, cursor: Cursor = None, limit: Limit = 50
) -> PageOf[TaskView]:
    """List the tasks of a document, concluded ones included."""
    call = current()
    listed = PagedList(subject="tasks of a document", filters={"document": document_id})
    request = listed.request(cursor, limit)
    document = call.services.store.document(document_id)
    return page_of(listed.page(call.services.cloud.pages.tasks(document.id, request)), task_view)


@routes.post("/documents/<document_id>/files", role="operator", reads=True, status=201)
def begin_upload(document_id: str, body: NewFileBody) -> UploadView:
    """Announce a file; its bytes are sent to the address that comes back, with PUT.

    Nothing has changed until the upload is completed.
    """
    from countersign.use_cases.documents.files import begin_upload as begin

    call = current()
    upload = _upload(document_id, call.services.token(), body)
    address = begin(call.services.cloud.documents, call.services.cloud.files, upload)
    return UploadView(upload=upload.id, url=address.url, headers=address.headers)


@routes.put("/documents/<document_id>/files/<upload>", role="operator")
def complete_upload(document_id: str, upload: str, body: NewFileBody) -> FileView:
    """Add the file whose bytes were sent; the same as announced. It may be repeated."""
    from countersign.use_cases.documents.files import complete_upload as complete

    call = current()
    services = call.services
    file = complete(
        services.store,
        services.cloud.files,
        _upload(document_id, upload, body),
        call.actor,
        services.token,
    )
    return FileView.model_validate(file)


@routes.get("/documents/<document_id>/files/<file_id>")
def get_file(document_id: str, file_id: str) -> DownloadView:
    """Give an address at which a file can be had for 15 minutes."""
    from countersign.use_cases.documents.files import DOWNLOAD_SECONDS, download_address

    call = current()
    cloud = call.services.cloud
    name = _file_name(call, document_id, file_id)
    url = download_address(cloud.documents, cloud.files, document_id, name)
    return DownloadView(url=url, seconds=DOWNLOAD_SECONDS)


@routes.delete("/documents/<document_id>/files/<file_id>", role="operator", status=204)
def remove_file(document_id: str, file_id: str) -> None:
    """Remove a file from a document, and its bytes."""
    from countersign.use_cases.documents.files import remove_file as remove

    call = current()
    name = _file_name(call, document_id, file_id)
    remove(call.services.store, call.services.cloud.files, document_id, name, call.actor)


def _saved(document_id: str, edit: Edit, check: Check | None = None) -> ChangeView:
    call = current()
    wanted = check or _in_version_if_given(call)
    return _changed(document_id, lambda store: save(store, document_id, edit, call.actor, wanted))


def _changed(document_id: str, change: Callable[[Store], Change]) -> ChangeView:
    """What the change brings about; once for an idempotency key."""
    call = current()

    def act(store: Store) -> ChangeView:
        saved = change(store)
        call.tag(saved.outcome.document.version)
        return change_view(saved, _time_zone(call, saved.outcome.document))

    def show(_: str) -> ChangeView:
        document = call.services.store.document(document_id)
        call.tag(document.version)
        return unchanged_view(document, _time_zone(call, document))

    return once(call, f"/documents/{document_id}", act, show)


def _time_zone(call: ApiCall, document: Document) -> str:
    return call.services.programs.current(document.pipeline).pipeline.time_zone


def _in_version(call: ApiCall) -> Check:
    return lambda document: call.expected_version(document.version)


def _in_version_if_given(call: ApiCall) -> Check:
    if "if-match" not in call.headers:
        return accept
    return _in_version(call)


def _locate(call: ApiCall, document: Document) -> None:
    call.locate(f"/documents/{document.id}")
    call.tag(document.version)


def _shown(call: ApiCall, document: Document) -> DocumentView:
    call.tag(document.version)
    return document_view(document)


def _upload(document_id: str, upload: str, body: NewFileBody) -> FileUpload:
    file = NewFile(name=body.name, kind=body.kind, size=body.size, sha256=body.sha256)
    return FileUpload(document=document_id, file=file, id=upload, replace=body.replace)


def _file_name(call: ApiCall, document_id: str, file_id: str) -> str:
    document = call.services.store.document(document_id)
    name = next((file.name for file in document.stored_files if file.id == file_id), None)
    if name is None:
        raise NotFoundError(f"document {document_id} has no file with the id {file_id}")
    return name
