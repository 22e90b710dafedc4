"""Faults that only show where the outside does more than fail: connections go, what comes is
poison, mails have a pace, functions are ended, messages come in batches, pipelines share a table.
"""

from __future__ import annotations

from tests.simulation.plantable import Planted

_POSTPONED = "use_cases/postponed.py"

OUTSIDE: tuple[Planted, ...] = (
    # --- connections that go
    Planted(
        "a postponed message that cannot be applied is forgotten",
        _POSTPONED,
        "            applier.postponed.set_aside(message, _reason(error), at=applier.clock())\n"
        "            applied.set_aside",
        "            applier.postponed.remove(message)\n            applied.set_aside",
    ),
    Planted(
        "a message of a connection that was just removed is answered as taken",
        "use_cases/receive.py",
        '        return _of(secrets, REFUSED, "refused", str(error))\n    except RejectedError',
        '        return _of(secrets, Answer(), "duplicate", str(error))\n    except RejectedError',
    ),
    Planted(
        "removing a connection drops the messages that wait for it unasked",
        "use_cases/remove.py",
        "        if not drop_messages:\n",
        "        if drop_messages is None:\n",
    ),
    Planted(
        "removing a connection drops the other connections' messages",
        "use_cases/remove.py",
        "        if message.connection != connection:\n",
        "        if message.connection != connection and not drop_messages:\n",
    ),
)
