"""Faults about who a message means, which party signs, and what odd messages are read as."""

from __future__ import annotations

from tests.crash.plantable import Planted

_SIGNERS = "engine/envelopes/signers.py"
_PARTIES = "engine/envelopes/parties.py"
_FACTS = "engine/envelopes/reconcile.py"
_READING = "providers/_toolkit/reading.py"
_FOLDING = "text/folding.py"
_APPLY = "use_cases/messages/apply_message.py"

PEOPLE: tuple[Planted, ...] = (
    Planted(
        "an address is taken for an identity",
        _SIGNERS,
        "fits = (name != -1 or order == 1 or alone) and (order != -1 or name == 1)",
        "fits = True",
    ),
    Planted(
        "of several signers who fit, the first is picked",
        _SIGNERS,
        "return Match(fitting[0]) if len(fitting) == 1 else Match(None, fitting)",
        "return Match(fitting[0])",
    ),
    Planted(
        "two of a list become one known signer",
        _SIGNERS,
        "if assigned[place] is not None or candidate.id in taken:",
        "if assigned[place] is not None:",
    ),
    Planted(
        "an older list brings back who was taken off",
        _SIGNERS,
        "yield from () if document.signers_complete and not newer else added",
        "yield from added",
    ),
    Planted(
        "the members of a group are not known",
        _SIGNERS,
        "if ref.email and any(same_address(ref.email, member) for member in known.members):",
        "if ref.email and any(ref.email is member for member in known.members):",
    ),
    Planted(
        "a signer whom nothing tells apart is a client",
        _PARTIES,
        '        "unknown",\n        "nothing tells',
        '        "client",\n        "nothing tells',
    ),
    Planted(
        "a public mail service makes strangers colleagues",
        _PARTIES,
        ' and not is_free_mail(domain or "")',
        "",
    ),
    Planted(
        "names of roles are compared letter by letter",
        _PARTIES,
        "if fold(name) == wanted",
        "if name == role",
    ),
    Planted(
        "a part of the list completes the document",
        _FACTS,
        "if state.all_signers and must_act and all(",
        "if must_act and all(",
    ),
    Planted(
        "the last signature completes what its provider calls open",
        _FACTS,
        "    if state.status is not None:\n        return state.status\n    if state.all",
        "    if state.status not in (None, 'sent'):\n        return state.status\n    if state.all",
    ),
    Planted(
        "an approval counts as a signature",
        "model/signing_event.py",
        'return self.action == "sign" and self.status == "signed"',
        'return self.status == "signed"',
    ),
    Planted(
        "a list from which somebody was left out counts as whole",
        _READING,
        "    if left_out.from_lists:\n",
        "    if left_out.from_lists and not events:\n",
    ),
    Planted(
        "elements of a list are left out from its beginning",
        _READING,
        "(0, -part, ",
        "(0, part, ",
    ),
    Planted(
        "half a letter costs the message",
        _READING,
        "        return _read_odd_json(body, error)",
        '        raise MalformedError("odd") from error',
    ),
    Planted(
        "the other name of an envelope is forgotten",
        _APPLY,
        '            attach.append(f"{connection.id}#{name}")',
        "            pass",
    ),
    Planted(
        "blanks of other kinds make another text",
        _FOLDING,
        'text = " ".join(normalize("NFC", text).split())',
        'text = normalize("NFC", text)',
    ),
    Planted(
        "domains are encoded as in 2003",
        _FOLDING,
        "return str(idna.encode(name, uts46=True, transitional=False).decode()).lower()",
        'return name.encode("idna").decode().lower()',
    ),
    Planted(
        "the daily report goes out at every look",
        "use_cases/runs/daily_report.py",
        "    if not reporter.reports.claim(pipeline.pipeline, local.date()):\n",
        "    if reporter.reports.claim(pipeline.pipeline, local.date()) is None:\n",
    ),
)
