"""Moving many documents to one stage, by a job."""

from __future__ import annotations

from countersign.http.call import current
from countersign.http.routes import Routes
from countersign.http.started_jobs import started_job
from countersign.http.views.document_moves import (
    MovePreviewBody,
    MovePreviewView,
    NewMoveBody,
    move_of,
    move_preview_view,
)
from countersign.http.views.runs import JobView
from countersign.use_cases.documents.move import preview_move, target_of
from countersign.use_cases.jobs.kinds.move_documents import MoveDocuments

routes = Routes("document-moves")


@routes.post("/document-moves", role="operator", status=202)
def start_move(body: NewMoveBody) -> JobView:
    """Move documents to a stage, in the background; each as if it were moved alone.

    They are named, or all that the filter matches at the start. One that is moved otherwise
    meanwhile is refused. The job shows its settings to nobody, since they may name a person.
    """
    call = current()
    move = move_of(body, call.caller)
    target_of(call.services.document_reader, move)
    return started_job(call, MoveDocuments.of(move, body.comment))


@routes.post("/document-moves/preview", role="operator", reads=True)
def preview_document_move(body: MovePreviewBody) -> MovePreviewView:
    """Show how many documents a move would move, and which rules would begin; nothing is changed.

    It is a POST so that what is searched for stands in no URL. The numbers of its pages add up;
    give `next` as `cursor` in the body for the next page.
    """
    call = current()
    services = call.services
    preview = preview_move(
        services.document_reader,
        services.cloud.documents,
        move_of(body, call.caller),
        body.cursor,
        now=services.now(),
    )
    return move_preview_view(preview)
