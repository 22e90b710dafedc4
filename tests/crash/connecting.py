"""Connections that people remove while messages are on their way, and connect anew, or do not.

What was taken before is applied, set aside or rests, each with its reason; what comes afterwards
is refused; and neither keeps anything else.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator

from countersign.adapters.memory.tables.operations.held_messages import MemoryHeldMessages
from countersign.errors import NotFoundError, PermanentError
from countersign.model.connection import Connection, ConnectionCredentials
from countersign.model.incoming_message import IncomingMessage
from countersign.ports import CredentialStore
from countersign.providers import provider
from countersign.use_cases.messages.verified_request import VerifiedRequest
from countersign.use_cases.pipelines.remove import Remover, remove_connection
from tests.crash.kernel import Kernel

SecretsOf = Callable[[ConnectionCredentials], ConnectionCredentials]


class WatchedPostponed(MemoryHeldMessages):
    """Keeps the keys of all that was ever postponed."""

    def __init__(self) -> None:
        super().__init__()
        self.ever: defaultdict[str, set[str]] = defaultdict(set)
        """The keys of each connection's messages."""

    def add(self, message: IncomingMessage) -> None:
        """Keep it."""
        super().add(message)
        self.ever[message.connection] |= {event.key for event in message.events}


class Connecting:
    """The connections there were at the start, and what people have done to them since."""

    def __init__(self, kernel: Kernel, postponed: WatchedPostponed) -> None:
        self._kernel = kernel
        self._postponed = postponed
        self.made: dict[str, tuple[Connection, ConnectionCredentials]] = {}
        self.gone: set[str] = set()
        """Those that are removed, or half removed, now."""
        self.ever_gone: set[str] = set()
        self.dropped: set[str] = set()
        """Keys of messages that somebody dropped with their connection."""
        self.secrets_of: SecretsOf = lambda secrets: secrets
        """The secrets with what the provider signs with now."""

    def remember(self, connection: Connection, secrets: ConnectionCredentials) -> None:
        """A connection of the start."""
        self.made[connection.id] = (connection, secrets)

    def remove(self, remover: Remover, number: int, *, drop: bool) -> str:
        """Somebody removes a connection, or is told why not."""
        name = sorted(self.made)[number % len(self.made)]
        self.gone.add(name)
        self.ever_gone.add(name)
        try:
            remove_connection(remover, name, drop_messages=drop)
        except NotFoundError:
            return f"{name} is gone already"
        except PermanentError as error:
            self._is_there(remover.secrets, name)
            return f"{name} stays: {error}"
        finally:
            if drop:
                self.dropped |= self._postponed.ever[name]
            if name not in self._kernel.state.connections:
                self.gone.add(name)  # also where somebody connected it anew in the middle
        return f"{name} is removed"

    def connect_anew(self, remover: Remover, number: int) -> str:
        """Somebody connects one of those that are gone again, under its old name and address."""
        gone = sorted(self.gone)
        if not gone:
            return "no connection is gone"
        name = gone[number % len(gone)]
        connection, secrets = self.made[name]
        remover.connections.put(connection)
        remover.secrets.put(self.secrets_of(secrets))
        if name in self._kernel.state.connections:  # nobody has removed it in the middle
            self.gone.discard(name)
        return f"{name} is connected anew"

    def excuses(self, text: str) -> bool:
        """Whether it says that a connection is gone which is."""
        return any(f"connection {name} " in text for name in self.ever_gone)

    def _is_there(self, secrets: CredentialStore, name: str) -> None:
        """Nothing was removed: the connection goes on."""
        if name in self._kernel.state.connections and secrets.get(name) is not None:
            self.gone.discard(name)


def keys_of(
    request: str, connections: dict[str, tuple[Connection, ConnectionCredentials]]
) -> Iterator[str]:
    """The keys of a parked request's events."""
    verified = VerifiedRequest.model_validate_json(request)
    connection, secrets = connections[verified.connection]
    for event in provider(connection.provider).read(verified.request(), secrets.options):
        yield event.key
