"""What the deployment's plan includes: shown to everybody, and set by its administrators."""

from __future__ import annotations

from countersign.errors import NotFoundError
from countersign.http.call import ApiCall, current
from countersign.http.problems import Problem
from countersign.http.routes import Routes
from countersign.http.views.entitlements import EntitlementsBody, EntitlementsView
from countersign.model.entitlements import Entitlements
from countersign.use_cases import entitlements as use_cases

routes = Routes("entitlements")


@routes.get("/entitlements")
def get_entitlements() -> EntitlementsView:
    """Show what the plan includes: automation, kinds, and how many pipelines and rules."""
    call = current()
    return _shown(call, call.services.cloud.entitlements.get())


@routes.put("/entitlements", role="administrator", versioned=True, confirmed=True)
def set_entitlements(body: EntitlementsBody) -> EntitlementsView:
    """Set all that the plan includes.

    A pipeline with more goes on until it is published again. Without automation, documents and
    their events are recorded; no trigger fires and no rule is planned, and runs that are planned
    already go on.
    """
    call = current()
    present = call.services.cloud.entitlements.get()
    call.expected_version(present.version)
    stores = call.services.entitlement_stores(call.auditor)
    try:
        included = use_cases.set_entitlements(stores, body.model_dump(), version=present.version)
    except NotFoundError as error:  # a kind
        raise Problem(name="not-possible", detail=str(error)) from error
    return _shown(call, included)


def _shown(call: ApiCall, included: Entitlements) -> EntitlementsView:
    call.tag(included.version)
    return EntitlementsView.model_validate(included)
