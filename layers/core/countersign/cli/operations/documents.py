"""Documents: found, shown, made and changed."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Protocol

from countersign.cli.context import CliContext
from countersign.cli.operations.read import Json, document_of, log_entry_of, task_of
from countersign.cli.remote.session import ApiSession, path
from countersign.engine.decisions.decision import Decision
from countersign.engine.explain import AddedLater, ExplainedEntry, Explanation
from countersign.errors import NotAllowedError, NotFoundError
from countersign.http.views.documents import (
    ChangeView,
    DocumentRow,
    DocumentView,
    change_view,
    created_view,
    row_view,
)
from countersign.http.views.personal_data import VerificationView, verification_view
from countersign.model.log import LogEntry
from countersign.model.task import in_order
from countersign.rules.base import Edit
from countersign.use_cases.documents.edit import NewDocument, call_by_code, make, save
from countersign.use_cases.documents.verify import verify
from countersign.use_cases.queries import documents as queries
from countersign.use_cases.queries.documents import MAX_DOCUMENTS
from countersign.use_cases.queries.operations.rejected import count_rejected
from countersign.use_cases.queries.pages.documents import DocumentSearch, looked_up
from countersign.use_cases.queries.previews.mail_preview import MailPreview, preview_mail
from countersign.use_cases.queries.show import show
from countersign.use_cases.queries.tail import DocumentTail
from countersign.use_cases.transact import CommitResult


@dataclass(frozen=True, slots=True)
class DocumentList:
    """Documents, the longest in their stage first."""

    rows: tuple[DocumentRow, ...]
    cut: bool
    """Whether there may be more than one search lists."""


class Follower(Protocol):
    """A timeline that is followed."""

    def new_entries(self) -> tuple[LogEntry, ...]:
        """What was written since the last look; NotFoundError where the document was removed."""


class StackDocuments:
    """Over the adapters of a stack."""

    def __init__(self, context: CliContext) -> None:
        self._context = context

    def find(self, wanted: DocumentSearch) -> DocumentList:
        """The documents that are wanted."""
        context = self._context
        documents = queries.list_documents(
            context.document_reader, context.cloud.documents, wanted, now=context.now()
        )
        return DocumentList(tuple(map(row_view, documents.rows)), documents.cut)

    def show(self, document: str) -> Explanation:
        """Everything about one document; NotFoundError."""
        cloud = self._context.cloud
        return show(cloud.documents, cloud.pipelines, self._context.programs, document)

    def count_rejected(self, connection: str) -> int:
        """How many webhooks of the connection could not be read."""
        return count_rejected(self._context.cloud.rejected, connection)

    def follow(self, explanation: Explanation) -> Follower:
        """What is written on a timeline after what was found."""
        return DocumentTail(
            self._context.cloud.documents, explanation.document.id, len(explanation.timeline)
        )

    def create(self, pipeline: str, values: dict[str, str], stage: str | None) -> ChangeView:
        """What followed when a document was made."""
        document_id = f"d-{self._context.token()}"
        wanted = NewDocument(id=document_id, pipeline=pipeline, values=values, stage=stage)
        made = make(self._context.store, wanted, self._context.actor)
        return _created(created_view(made).model_dump())

    def move(self, document: str, stage: str, comment: str | None) -> ChangeView:
        """What followed when a document was moved."""
        return self._save(document, Edit(stage=stage, comment=comment))

    def edit(self, document: str, values: dict[str, str], comment: str | None) -> ChangeView:
        """What followed when fields of a document were changed."""
        return self._save(document, Edit(values=dict(values), comment=comment))

    def stop(self, document: str) -> ChangeView:
        """What followed when the rules of a document's stage were stopped."""
        return self._save(document, Edit(stop_rules=True))

    def call(self, document: str, code: str) -> ChangeView:
        """What followed when a document was called by a code."""
        context = self._context
        return self._shown(call_by_code(context.store, document, code, context.actor))

    def preview(self, document: str, rule: str) -> MailPreview:
        """The mails that a rule would send for a document."""
        return preview_mail(self._context.store, document, rule)

    def verify(self, document: str, wanted: str | None) -> VerificationView:
        """What recomputing the hashes of a document's timeline found; NotFoundError."""
        return verification_view(verify(self._context.cloud.documents, document, wanted=wanted))

    def _save(self, document: str, edit: Edit) -> ChangeView:
        return self._shown(save(self._context.store, document, edit, self._context.actor))

    def _shown(self, saved: CommitResult[Decision]) -> ChangeView:
        program = self._context.programs.current(saved.outcome.document.pipeline)
        return change_view(saved, program.pipeline.time_zone)


class ApiDocuments:
    """Over the API."""

    def __init__(self, api: ApiSession) -> None:
        self._api = api

    def find(self, wanted: DocumentSearch) -> DocumentList:
        """The documents that are wanted."""
        rows, cut = self._rows(wanted, MAX_DOCUMENTS if looked_up(wanted) is not None else None)
        return DocumentList(tuple(sorted(rows, key=lambda row: (row.since, row.id))), cut)

    def _rows(
        self, wanted: DocumentSearch, most: int | None
    ) -> tuple[tuple[DocumentRow, ...], bool]:
        rows: tuple[DocumentRow, ...] = ()
        query, cursor = asdict(wanted), None
        while most is None or len(rows) < most:
            page = self._api.page("/documents", {**query, "cursor": cursor})
            rows += tuple(map(DocumentRow.model_validate, page["items"]))
            if (cursor := page["next"]) is None:
                break
        return rows, cursor is not None

    def show(self, document: str) -> Explanation:
        """Everything about one document; NotFoundError."""
        place = path("documents", document)
        reply = self._api.get(f"{place}/why")
        tasks = map(task_of, self._api.items(f"{place}/tasks"))
        return Explanation(
            document=document_of(self._api.get(place)),
            pipeline=reply["pipeline"],
            stage=reply["stage"],
            time_zone=reply["time_zone"],
            paused=reply["paused"],
            automation=reply["automation"],
            timeline=self.timeline(document),
            entries=tuple(map(ExplainedEntry.model_validate, reply["entries"])),
            added_later=tuple(map(AddedLater.model_validate, reply["added_later"])),
            tasks=tuple(sorted(tasks, key=in_order)),
        )

    def count_rejected(self, connection: str) -> int:
        """How many webhooks of the connection could not be read; viewers get 0."""
        rows = self._api.unpaged("/rejected-requests", {"connection": connection})
        try:
            return sum(1 for _ in rows)
        except (NotAllowedError, NotFoundError):
            return 0

    def follow(self, explanation: Explanation) -> Follower:
        """What is written on a timeline after what was found."""
        return ApiTail(
            self, explanation.document.id, explanation.document.version, len(explanation.timeline)
        )

    def version(self, document: str) -> int:
        """The version that a document is in."""
        return int(self._api.get(path("documents", document))["version"])

    def timeline(self, document: str) -> tuple[LogEntry, ...]:
        """Everything that happened to a document, oldest first."""
        place = path("documents", document, "timeline")
        return tuple(map(log_entry_of, self._api.items(place, {"order": "oldest"})))

    def create(self, pipeline: str, values: dict[str, str], stage: str | None) -> ChangeView:
        """What followed when a document was made."""
        body = {"pipeline": pipeline, "fields": values, "stage": stage}
        return _created(self._api.post("/documents", body))

    def move(self, document: str, stage: str, comment: str | None) -> ChangeView:
        """What followed when a document was moved."""
        return self._post(document, "move", {"stage": stage, "comment": comment})

    def edit(self, document: str, values: dict[str, str], comment: str | None) -> ChangeView:
        """What followed when fields of a document were changed."""
        body = {"fields": values, "comment": comment}
        return ChangeView.model_validate(self._api.patch(path("documents", document), body))

    def stop(self, document: str) -> ChangeView:
        """What followed when the rules of a document's stage were stopped."""
        return self._post(document, "stop-rules", None)

    def call(self, document: str, code: str) -> ChangeView:
        """What followed when a document was called by a code."""
        return self._post(document, "calls", {"code": code})

    def preview(self, document: str, rule: str) -> MailPreview:
        """The mails that a rule would send for a document."""
        reply = self._api.get(path("documents", document, "preview", rule))
        return MailPreview.model_validate(reply)

    def verify(self, document: str, wanted: str | None) -> VerificationView:
        """What recomputing the hashes of a document's timeline found; NotFoundError."""
        reply = self._api.get(path("documents", document, "verification"), {"hash": wanted})
        return VerificationView.model_validate(reply)

    def _post(self, document: str, change: str, body: Json | None) -> ChangeView:
        return ChangeView.model_validate(self._api.post(path("documents", document, change), body))


@dataclass(slots=True)
class ApiTail:
    """The timeline of one document over the API: read again when the document's version changes."""

    documents: ApiDocuments
    document: str
    version: int
    shown: int
    """How many entries of the timeline were shown."""

    def new_entries(self) -> tuple[LogEntry, ...]:
        """What was written since the last look; NotFoundError where the document was removed."""
        try:
            version = self.documents.version(self.document)
        except NotFoundError:
            raise NotFoundError(f"{self.document} was removed") from None
        if version == self.version:
            return ()
        timeline = self.documents.timeline(self.document)
        new = timeline[self.shown :]
        self.version, self.shown = version, len(timeline)
        return new


def _created(body: Json) -> ChangeView:
    """What followed, of the document that was made."""
    return ChangeView.model_validate(
        {
            "document": {name: body[name] for name in DocumentView.model_fields},
            "moved": True,
            "timeline": body["timeline"],
            "planned": body["planned"],
            "updated": (),
            "time_zone": "UTC",
        }
    )


def documents_of(context: CliContext) -> StackDocuments | ApiDocuments:
    """Documents, the way that commands go."""
    return StackDocuments(context) if context.api is None else ApiDocuments(context.api)
