"""Finding and replacing what names a person, in texts and in values."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countersign.engine.erasure import Eraser, has_erased, is_erased, known_by, new_person
from countersign.model.base import Model
from countersign.model.document import Document, HandOver
from countersign.model.erased_person import is_pseudonym
from countersign.model.log import FieldChange, LogEntry
from countersign.model.run import Run
from countersign.model.signing_event import Envelope, Sender, Signer, SignerRef, SigningEvent
from countersign.model.task import Task
from countersign.model.transaction import ProcessedEvent

KEY = "0f" * 16
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
KLARA = new_person(KEY, "Klara@Kunde.example", ["Klara Kundin", "+49 (0)170 123-4567"])
P = KLARA.pseudonym
A = f"{P}@erased.invalid"


def test_a_person_is_known_by_digests_alone() -> None:
    told = KLARA.model_dump_json().casefold()
    assert "klara" not in told
    assert "kunde" not in told
    assert "4567" not in told
    assert is_pseudonym(P)
    assert is_pseudonym(A)
    assert KLARA.address == A


def test_of_one_request_a_person_has_one_pseudonym_and_another_in_the_next() -> None:
    assert new_person(KEY, "klara@KUNDE.example", []).pseudonym == P
    assert new_person("1e" * 16, "klara@kunde.example", []).pseudonym != P
    assert new_person(KEY, "other@kunde.example", []).pseudonym != P


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("klara@kunde.example", A),
        ("Mail to <KLARA@kunde.example>, please", f"Mail to <{A}>, please"),
        ("mailto:klara@kunde.example?subject=x", f"mailto:{A}?subject=x"),
        ("signed:env-1:klara@kunde.example:12", f"signed:env-1:{A}:12"),
        ("She is klara@kunde.example.", f"She is {A}."),
        ("**klara@kunde.example**", f"**{A}**"),
        ("a@b.example,klara@kunde.example", f"a@b.example,{A}"),
        ('{"email":"klara@kunde.example"}', f'{{"email":"{A}"}}'),
        ("klara@kunde.example.org", "klara@kunde.example.org"),
        ("notklara@kunde.example", "notklara@kunde.example"),
        ("Klara Kundin", P),
        ("KLARA  kundin", P),
        ("Contract of Klara Kundin, Berlin", f"Contract of {P}, Berlin"),
        ("Kundin, Klara", P),
        ("Contract-Klara_Kundin.pdf", f"Contract-{P}.pdf"),
        ("Klara\u00a0Kundin signed", f"{P} signed"),
        ("Contract Klara-Kundin", f"Contract {P}"),
        ("Klara Kundinger", "Klara Kundinger"),
        ("Klara", "Klara"),
        ("name klara kundin", f"name {P}"),
        ("+49 170 1234567", P),
        ("call 0049 170/1234567 now", f"call {P} now"),
        ("170 1234567", "170 1234567"),
        ("2026-03-02 12:00", "2026-03-02 12:00"),
        ("", ""),
    ],
)
def test_texts_have_the_pseudonym_where_the_person_stood(text: str, after: str) -> None:
    assert Eraser([KLARA]).text(text) == after


def test_a_name_of_one_word_is_only_replaced_where_it_stands_alone() -> None:
    eraser = Eraser([new_person(KEY, None, ["Will"])])
    pseudonym = eraser.persons[0].pseudonym
    assert eraser.text("will") == pseudonym
    assert eraser.text("It will be signed") == "It will be signed"


def test_names_of_one_letter_are_not_looked_for() -> None:
    assert new_person(KEY, "k@kunde.example", ["K", " "]) == new_person(KEY, "k@kunde.example", [])


def test_several_persons_are_replaced_each_by_their_own() -> None:
    max_ = new_person("aa" * 16, "max@kunde.example", ["Max Muster"])
    text = Eraser([KLARA, max_]).text("Klara Kundin and Max Muster <max@kunde.example>")
    assert text == f"{P} and {max_.pseudonym} <{max_.address}>"


SIGNER = Signer(
    id="klara@kunde.example",
    has_own_id=False,
    name="Klara Kundin",
    email="klara@kunde.example",
    role="Klara Kundin",
    reason="Says Klara Kundin",
)


def test_of_a_value_only_what_may_name_a_person_is_replaced() -> None:
    document = a_document(
        pipeline="klara",
        title="Klara Kundin",
        amount=Decimal("12.50"),
        fields={"role": "Klara Kundin", "tags": ("x", "klara@kunde.example"), "n": Decimal(1)},
        envelope_fields={"status": "Klara Kundin"},
        signers=(SIGNER, Signer(id="7", members=("klara@kunde.example", "b@kunde.example"))),
    )
    after = Eraser([KLARA]).value(document)
    assert (after.id, after.pipeline, after.title, after.amount) == (
        "d-1",
        "klara",
        P,
        Decimal("12.50"),
    )
    assert after.fields == {"role": P, "tags": ("x", A), "n": Decimal(1)}
    assert after.envelope_fields == {"status": P}
    (klara, group) = after.signers
    assert (klara.id, klara.name, klara.email, klara.role, klara.reason) == (
        A,
        P,
        A,
        "Klara Kundin",
        f"Says {P}",
    )
    assert group.members == (A, "b@kunde.example")
    assert Eraser([KLARA]).value(after) is after
    assert is_erased(klara)
    assert not is_erased(group)


def test_events_are_replaced_with_all_that_they_carry() -> None:
    event = SigningEvent(
        kind="signer.signed",
        key="signed:klara@kunde.example",
        provider_event="signed",
        occurred_at=NOON,
        envelope="env-1",
        signer=SignerRef(email="klara@kunde.example", name="Klara Kundin"),
        state=Envelope(id="env-1", signers=(SIGNER,), custom_fields={"who": "Klara Kundin"}),
        detail={"note": "Klara Kundin"},
    )
    after = Eraser([KLARA]).value(event)
    assert (after.key, after.kind, after.envelope) == (f"signed:{A}", "signer.signed", "env-1")
    assert after.signer == SignerRef(email=A, name=P)
    assert after.state is not None
    assert after.state.signers[0].email == A
    assert after.state.custom_fields == {"who": P}
    assert after.detail == {"note": P}


def test_entries_of_a_timeline_keep_their_facts() -> None:
    change = FieldChange(field="client", old="Klara Kundin", new=Decimal(2))
    entry = LogEntry(
        at=NOON, kind="edited", text="x", by="klara@kunde.example", entry=3, changes=(change,)
    )
    after = Eraser([KLARA]).value(entry)
    assert (after.kind, after.by, after.entry) == ("edited", A, 3)
    assert after.changes == (FieldChange(field="client", old=P, new=Decimal(2)),)


SAME = "klara-kundin"
"""What people and providers may call a stage, a rule or an envelope; it reads like the name."""
DIGITS = "1701234567" * 3 + "89"
"""A digest that reads like a phone number."""
PLACE = {"document": SAME, "pipeline": SAME, "stage": SAME, "rule": SAME, "kind": SAME}
DATES = {"at": NOON, "since": NOON, "created_at": NOON, "planned_at": NOON, "occurred_at": NOON}
NAMED_ALIKE: dict[type[Model], dict[str, Any]] = {
    Document: {
        **{"pipeline": SAME, "stage": SAME, "previous_stage": SAME, "connection": SAME},
        **{"provider": SAME, "envelope": SAME, "envelope_aliases": [SAME], "heard": [SAME]},
        **{"edited": [SAME], "files": [SAME], "timeline_hash": SAME, "words_to_add": [SAME]},
        **{"words_to_remove": [SAME], "currency": "EUR", "status": "sent"},
        "signers": [
            {"role": "Klara Kundin", "party": "client", "status": "signed", "action": "copy"}
        ],
        "erased": [{"pseudonym": "erased-0123456789ab", "key": DIGITS, "digests": [DIGITS]}],
        "stored_files": [
            {
                **{"id": "f-1", "name": "a.pdf", "kind": "offer", "media_type": SAME, "size": 1},
                **{"sha256": SAME, "added_at": NOON, "added_by": "system"},
            }
        ],
    },
    Run: {
        **{**PLACE, "after": SAME, "next": SAME, "date_field": SAME, "state": "ready"},
        **{"lane": "document", "on_leave": "keep"},
        "mails": [{"state": "sent", "message_id": SAME}],
        "verdict": {
            "outcome": "true",
            "clauses": [
                {"field": SAME, "op": "equals", "outcome": "true", "found": "1", "wanted": "1"}
            ],
        },
    },
    Task: {
        **{**PLACE, "id": "1.x", "title": "x", "assignee": "a@b.example", "state": "done"},
        "no_deadline": SAME,
    },
    LogEntry: {
        **{"kind": "moved", "event": SAME, "applied": "derived", "from_stage": SAME},
        **{"to_stage": SAME, "fired": {"trigger": SAME, "stage": SAME, "kind": SAME}},
        "passed": [{"trigger": SAME, "stage": SAME, "reason": "x"}],
        "changes": [{"field": SAME}],
    },
    SigningEvent: {
        **{"kind": "signer.signed", "key": "k", "provider_event": SAME, "envelope": SAME},
        "aliases": [SAME],
    },
    ProcessedEvent: {
        **{"kind": SAME, "key": "k", "provider_event": SAME, "connection": SAME, "document": SAME},
        "authenticity": "shared_secret",
    },
}
"""What each holds beside what people and providers write."""


@pytest.mark.parametrize(
    "name",
    [
        *("Klara Kundin", "EUR", "Sent", "Signed", "Client", "Offer", "Ready", "Document", "Keep"),
        *("Equals", "True", "Done", "Moved", "Derived", "Copy", "Shared Secret", DIGITS),
    ],
)
@pytest.mark.parametrize("model", NAMED_ALIKE)
def test_ids_and_states_are_kept_whatever_the_person_is_called(
    model: type[Model], name: str
) -> None:
    always = {**DATES, "id": "d-1", "entry": 1, "pipeline_version": 1, **NAMED_ALIKE[model]}
    members = {member: held for member, held in always.items() if member in model.model_fields}
    value = model.model_validate(members)
    assert Eraser([new_person(KEY, None, [name])]).value(value) is value


def a_document(**more: Any) -> Document:
    given = {"id": "d-1", "pipeline": "p", "stage": "s", "since": NOON, "created_at": NOON}
    return Document.model_validate({**given, **more})


def test_a_document_tells_how_else_a_person_is_known() -> None:
    other = SignerRef(name="Max Muster", email="max@kunde.example")
    document = a_document(
        signers=(SIGNER, Signer(id="7", name="Other", email="other@kunde.example")),
        sender=Sender(name="K. Kundin", email="KLARA@kunde.example"),
        hand_overs=(
            HandOver(by=SignerRef(email="klara@kunde.example", phone="+49 1"), to=other, at=NOON),
        ),
    )
    assert list(known_by(document, "klara@kunde.example", None)) == [
        "klara@kunde.example",
        "Klara Kundin",
        "klara@kunde.example",
        "+49 1",
        "K. Kundin",
    ]
    assert list(known_by(document, None, "7")) == ["other@kunde.example", "Other"]
    assert list(known_by(document, None, None)) == []


def test_who_was_erased_is_known_by_the_address_again() -> None:
    document = a_document(erased=(KLARA,))
    assert has_erased(document, "KLARA@kunde.example") == (KLARA,)
    assert has_erased(document, "other@kunde.example") == ()


@given(st.text(), st.lists(st.text(), max_size=3))
def test_erasing_twice_is_erasing_once(text: str, names: list[str]) -> None:
    eraser = Eraser([new_person(KEY, "klara@kunde.example", names)])
    once = eraser.text(text)
    assert eraser.text(once) == once


@given(st.text(), st.text())
def test_whoever_is_named_by_address_is_found(before: str, after: str) -> None:
    text = f"{before} <klara@kunde.example> {after}"
    assert "klara@kunde.example" not in Eraser([KLARA]).text(text)


def erased(names: list[str], text: str, address: str | None = None) -> str:
    """The text with P for the pseudonym of a person of these names, and A for the address."""
    person = new_person(KEY, address, names)
    after = Eraser([person]).text(text)
    return after.replace(person.address, "A").replace(person.pseudonym, "P")


@pytest.mark.parametrize("first", ["second@kunde.example", "+49 170 1234567", "Anna Berg"])
def test_a_person_is_known_by_all_names_addresses_and_numbers_whatever_comes_first(
    first: str,
) -> None:
    others = ["second@kunde.example", "third@kunde.example", "+49 170 1234567", "+49 30 98765"]
    names = list(dict.fromkeys([first, *others, "Anna Berg", "Anna Maria Berg"]))
    assert erased(
        names,
        "second@kunde.example, third@kunde.example, 0049 170 1234567 or 0049 30 98765: "
        "Anna Berg, Berg Anna, ANNA MARIA BERG; Maria Berg, fourth@kunde.example",
        address="first@kunde.example",
    ) == ("A, A, P or P: P, P, P; Maria Berg, fourth@kunde.example")


@pytest.mark.parametrize(
    ("names", "words"),
    [
        ([], 1),
        (["Li"], 1),
        (["Anna Berg"], 2),
        (["Anna Maria Berg", "Li"], 3),
        (["+49 30 12345"], 1),
    ],
)
def test_a_person_is_looked_for_by_as_many_words_as_the_longest_name_has(
    names: list[str], words: int
) -> None:
    assert new_person(KEY, "k@kunde.example", names).words == words


@pytest.mark.parametrize(
    ("names", "text", "after"),
    [
        (["Li"], "Li", "P"),
        (["Will"], "Will.", "P"),
        (["Will"], "«will»", "P"),
        (["**"], "**", "P"),
        (["**"], "***", "***"),
        (["Anna", "Anna Maria Berg"], "Hello Anna", "Hello Anna"),
        (["Anna", "Anna Maria Berg"], "Anna", "P"),
        (["Anna Maria Berg", "Klara Kundin"], "of Klara Kundin, Berlin", "of P, Berlin"),
        (["Anna Maria Berg"], "of Berg Maria Anna", "of Berg Maria Anna"),
        (["x" * 200], "x" * 200, "P"),
        (["x" * 201], "x" * 201, "x" * 201),
        (["\ud800\ud800"], "\ud800\ud800", "P"),
        (["12-345"], "call 12 345 now", "call P now"),
        (["012-345"], "call 0012 345 now", "call P now"),
        (["12-3-4"], "call 12--34 now", "call 12--34 now"),
        (["+49 (0)30 1234"], "call 0049-30/1234 now", "call P now"),
    ],
)  # fmt: skip
def test_names_and_numbers_are_found_as_they_are_written(
    names: list[str], text: str, after: str
) -> None:
    assert erased(names, text) == after


def test_a_sender_without_a_name_has_none_to_be_known_by() -> None:
    document = a_document(sender=Sender(email="klara@kunde.example"))
    assert list(known_by(document, "klara@kunde.example", None)) == []


def test_nobody_s_pseudonym_is_a_name_to_look_for() -> None:
    signer = Signer(id="1", name=P, email=A, phone="+49 30 12345")
    document = a_document(signers=(signer,), sender=Sender(name="K", email=A))
    assert list(known_by(document, A, None)) == ["+49 30 12345", "K"]


def test_a_value_names_a_person_or_does_not() -> None:
    eraser = Eraser([KLARA])
    assert eraser.names(SignerRef(name="Klara Kundin"))
    assert not eraser.names(SignerRef(name="Other", email="other@kunde.example"))
    assert not Eraser([]).names(SignerRef(name="Klara Kundin"))
    assert Eraser([]).text("Klara Kundin") == "Klara Kundin"


@pytest.mark.parametrize("trait", ["name", "email", "phone"])
def test_a_signer_is_erased_by_each_trait(trait: str) -> None:
    pseudonym = A if trait == "email" else P
    assert is_erased(Signer.model_validate({"id": "1", trait: pseudonym}))
