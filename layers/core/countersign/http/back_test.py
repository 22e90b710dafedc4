"""The back-test over the API: a page of documents at a time, each answered in seconds."""

from __future__ import annotations

from countersign.http.call import ApiCall
from countersign.http.views.pipelines import BackTestBody, BackTestView, DocumentBackTestView
from countersign.model.document import Document
from countersign.model.page import StageQuery
from countersign.model.pipeline import Pipeline
from countersign.simulation.backtest.slices import (
    Backtest,
    BacktestServices,
    backtest_slice,
    prepare,
)
from countersign.use_cases.queries.pages.cursors import PagedList
from countersign.use_cases.queries.pipelines import published_head


def back_test(call: ApiCall, draft: Pipeline, body: BackTestBody) -> BackTestView:
    """What would have gone otherwise for the documents of a page; nothing is written.

    NotFoundError where the pipeline is not published: there are no documents then.
    """
    cloud, name = call.services.cloud, draft.pipeline
    head = published_head(cloud.pipelines, name)
    filters = {"pipeline": name, "days": body.days, "version": head.version}
    listed = PagedList(subject="back-test", filters=filters)
    request = listed.request(body.cursor, body.limit)
    services = BacktestServices(
        documents=cloud.documents,
        pipelines=cloud.pipelines,
        connections=cloud.connections,
        credentials=cloud.secrets,
    )
    test = prepare(services, draft, days=body.days, now=call.services.now())
    page = listed.page(cloud.pages.in_stage(StageQuery(pipeline=name), request))
    wanted = [document.id for document in page.items if _was_active(test, document)]
    results = tuple(backtest_slice(test, wanted))
    otherwise = tuple(
        result for result in results if result.differences or result.unfit is not None
    )
    return BackTestView(
        published=head.version,
        items=tuple(
            DocumentBackTestView.model_validate(result)
            for result in (results if body.include_same else otherwise)
        ),
        same=len(results) - len(otherwise),
        next=page.next,
    )


def _was_active(test: Backtest, document: Document) -> bool:
    """Whether it is in an open stage, or came into its final one within the period."""
    stage = test.published.base.stage(document.stage)
    return stage is None or not stage.is_final or document.since >= test.period.start
