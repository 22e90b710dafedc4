"""Programs: the clients by which they act, one for each role."""

from __future__ import annotations

from countersign.http.call import current
from countersign.http.routes import Routes
from countersign.http.views.people import ProgramsView, ProgramView
from countersign.use_cases.people import last_sign_in

routes = Routes("programs")


@routes.get("/programs", role="administrator")
def list_programs() -> ProgramsView:
    """List the clients of programs with their roles, and when they were last used."""
    cloud = current().services.cloud
    clients = cloud.program_clients.list() if cloud.program_clients is not None else ()
    items = tuple(
        ProgramView(
            role=program.role,
            client_id=program.client_id,
            last_used=last_sign_in(cloud.heartbeats, program.client_id),
        )
        for program in clients
    )
    return ProgramsView(items=items, token_endpoint=cloud.token_endpoint)
