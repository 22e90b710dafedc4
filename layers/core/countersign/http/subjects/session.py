"""Who am I, and what may I do."""

from __future__ import annotations

from countersign import __version__
from countersign.http.call import current
from countersign.http.routes import Routes
from countersign.http.views.entitlements import EntitlementsView
from countersign.http.views.session import SessionView

routes = Routes("session")


@routes.get("/session")
def get_session() -> SessionView:
    """Show who is signed in, with which role, and what the deployment's plan includes."""
    call = current()
    caller = call.caller
    return SessionView(
        id=caller.id,
        name=call.caller.name,
        role=caller.role or "viewer",
        roles=caller.roles,
        signed_in_by=caller.signed_in_by,
        language=call.language,
        version=__version__,
        entitlements=EntitlementsView.model_validate(call.services.cloud.entitlements.get()),
    )
