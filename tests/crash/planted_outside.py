"""Faults that only show where the outside does more than fail: connections go, what comes is
poison, mails have a pace, functions are ended, messages come in batches, pipelines share a table.
"""

from __future__ import annotations

from tests.crash.plantable import Planted

_POSTPONED = "use_cases/messages/held_messages.py"

OUTSIDE: tuple[Planted, ...] = (
    # --- connections that go
    Planted(
        "a postponed message that cannot be applied is forgotten",
        _POSTPONED,
        "        applier.held.set_aside(message, reason, at=applier.store.clock())",
        "        applier.held.remove(message)",
    ),
    Planted(
        "a message of a connection that was just removed is answered as taken",
        "use_cases/messages/receive.py",
        '        return _of(secrets, REFUSED, "refused", str(error))\n    except RejectedError',
        '        return _of(secrets, Answer(), "duplicate", str(error))\n    except RejectedError',
    ),
    Planted(
        "removing a connection drops the messages that wait for it unasked",
        "use_cases/pipelines/remove.py",
        "    if waiting and not drop_messages:\n",
        "    if waiting and drop_messages is None:\n",
    ),
    Planted(
        "removing a connection drops the other connections' messages",
        "use_cases/pipelines/remove.py",
        "if message.connection == connection\n    ]",
        "if message.connection == connection or drop_messages]",
    ),
    # --- poison
    Planted(
        "what cannot be read is left out of lists without a word",
        "adapters/unreadable.py",
        "            note(str(error))\n            continue",
        "            del error\n            continue",
    ),
    Planted(
        "one item that cannot be read ends the list it is in",
        "adapters/unreadable.py",
        "            note(str(error))\n            continue",
        "            raise error",
    ),
    Planted(
        "one run that cannot be read keeps all dead letters",
        "use_cases/messages/dead_letters.py",
        "    except UnreadableError as error:\n        # Nothing",
        "    except KeyError as error:\n        # Nothing",
    ),
    Planted(
        "an item whose member is missing breaks its reader",
        "adapters/dynamodb/items.py",
        "    except (ValueError, LookupError, TypeError, AttributeError, zlib.error) as error:\n"
        "        where",
        "    except (LookupError, TypeError, AttributeError, zlib.error) as error:\n        where",
    ),
    Planted(
        "a message for a run that never was comes again and again",
        "use_cases/runs/perform_run.py",
        'return Proposal(None, RunResult(result="void", run=str(message.key), reason=reason))',
        "raise NotFoundError(reason)",
    ),
    # --- rates
    Planted(
        "a mail goes long before its place",
        "use_cases/effects/mail_pace.py",
        "AHEAD = timedelta(milliseconds=50)",
        "AHEAD = timedelta(seconds=30)",
    ),
    # --- batches and shards
    Planted(
        "changes that the stream has lost are sent back to a queue",
        "use_cases/messages/dead_letters.py",
        '_REMEDIES[letter.queue]}",\n            cure="remove",',
        '_REMEDIES[letter.queue]}",\n            cure="send_back",',
    ),
    # --- invocations that end
    Planted(
        "a run is claimed for less time than its function has",
        "engine/runs/lifecycle.py",
        '            "lease_until": now + lease,\n',
        '            "lease_until": now + lease / 4,\n',
    ),
    # --- several pipelines
    Planted(
        "versions of two pipelines are taken for one another",
        "use_cases/pipelines/compiled_pipelines.py",
        "        key = (pipeline, version, automation)\n",
        '        key = ("", version, automation)\n',
    ),
    # --- envelopes that are opened again, signers who hand on
    Planted(
        "an end of before ends what was opened again",
        "engine/envelopes/reconcile.py",
        "    if rank >= 3 and is_before_reopening(document, fact.at):\n",
        "    if rank >= 9 and is_before_reopening(document, fact.at):\n",
    ),
    Planted(
        "who had declined may not sign once the envelope is open again",
        "engine/envelopes/reopening.py",
        "    if signer.status not in OVER or (",
        "    if signer.status or (",
    ),
    Planted(
        "an end that came after the reopening is forgotten where it was told before",
        "engine/envelopes/reopening.py",
        "    if later is not None and at < later.at:\n",
        "    if later is not None and later.at <= at:\n",
    ),
    Planted(
        "who has handed on still has to sign",
        "engine/envelopes/hand_overs.py",
        "gone = {met.id, old.id if old is not None else met.id}",
        "gone = {met.id}",
    ),
    Planted(
        "an older list brings back who has handed on",
        "engine/envelopes/hand_overs.py",
        "since = [hand_over for hand_over in document.hand_overs if at <= hand_over.at]",
        "since = [hand_over for hand_over in document.hand_overs if at > hand_over.at]",
    ),
    Planted(
        "a hand-over of somebody not listed yet is forgotten",
        "engine/envelopes/hand_overs.py",
        '"hand_overs": (*others, hand_over)[-MAX_HAND_OVERS:],',
        '"hand_overs": (*others, hand_over)[-MAX_HAND_OVERS:] if old is not None else (),',
    ),
    Planted(
        "who is only thought to have signed cannot have handed on before",
        "engine/envelopes/hand_overs.py",
        "    return not is_presumed or is_listed_since(document, at)\n",
        "    return True\n",
    ),
    Planted(
        "who took over before the end, and is heard of after it, has yet to sign",
        "engine/envelopes/reconcile.py",
        "        own = heir_of(document, event)\n",
        "        own = None\n",
    ),
    Planted(
        "an older step brings back who has handed on",
        "engine/envelopes/reconcile.py",
        "        if gone or has_handed_on(document, fact.signer, fact.at):\n",
        "        if gone:\n",
    ),
    Planted(
        "an older step brings back whom a whole list has not",
        "engine/envelopes/reconcile.py",
        "        if gone or has_handed_on(document, fact.signer, fact.at):\n",
        "        if has_handed_on(document, fact.signer, fact.at):\n",
    ),
    Planted(
        "a rule is armed by the version of the rule above it",
        "engine/runs/lifecycle.py",
        "            program = chain.program_of(following.pipeline_version)\n",
        "            program = chain.program_of(run.pipeline_version)\n",
    ),
    Planted(
        "what a removed connection brings waits for its paused pipeline",
        "use_cases/messages/apply_message.py",
        "        if paused and arrival.connection is not None:\n",
        "        if paused:\n",
    ),
    Planted(
        "who declined cannot hand on though the envelope is open again",
        "engine/envelopes/hand_overs.py",
        "signer.declined_at is not None and signer.declined_at > at",
        "signer.declined_at is not None",
    ),
)
