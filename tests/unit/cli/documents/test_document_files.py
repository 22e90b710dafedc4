"""countersign documents files: what is added is checked before anything is sent, what is fetched
is verified, and nothing on this machine is overwritten unasked."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any

import pytest

from countersign.errors import CountersignError, PermanentError, UnavailableError
from tests.unit.cli.desk import ANNA, Desk
from tests.unit.cli.parsing.test_completion import offered

PDF = b"%PDF-1.7 lease of the workshop"
SHA = hashlib.sha256(PDF).hexdigest()


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "lease.pdf").write_bytes(PDF)
    return Desk()


def call(desk: Desk, verb: str, *arguments: str, **more: Any) -> tuple[int, str, str]:
    result = desk("documents", "files", verb, desk.document, *arguments, **more)
    return result.exit_code, result.stdout, result.stderr


def add(desk: Desk, *arguments: str) -> None:
    code, _, error = call(desk, "add", *arguments)
    assert (code, error) == (0, "")


def names(desk: Desk) -> list[str]:
    return [file.name for file in desk.world.document(desk.document).stored_files]


def test_a_file_is_sent_and_listed_with_its_hash(desk: Desk) -> None:
    code, shown, _ = call(desk, "add", "lease.pdf", "--kind", "contract", "--name", "Lease  7.pdf")
    assert (code, shown) == (0, "added Lease 7.pdf (contract, 30 bytes)\n")
    (file,) = desk.world.document(desk.document).stored_files
    assert desk.world.files.get(desk.document, file) == PDF
    listed = call(desk, "list")[1]
    assert listed == desk("documents", "files", desk.document).stdout
    assert [line.split("  ")[0].strip() for line in listed.splitlines()] == ["NAME", "Lease 7.pdf"]
    assert f"contract  30     {SHA}  2026-03-02 09:00:00  {ANNA}" in listed
    assert json.loads(call(desk, "list", "--output", "json")[1]) == [
        {
            "document": desk.document,
            "name": "Lease 7.pdf",
            "kind": "contract",
            "size": 30,
            "sha256": SHA,
            "media_type": "application/pdf",
            "added_at": "2026-03-02T09:00:00Z",
            "added_by": ANNA,
        }
    ]
    shown = desk("documents", "show", desk.document).stdout
    assert "  file         Lease 7.pdf (contract, 30 bytes)\n" in shown


def test_several_files_are_attachments_and_a_line_each(desk: Desk) -> None:
    Path("prices.csv").write_text("a;b")
    code, shown, _ = call(desk, "add", "lease.pdf", "prices.csv", "--output", "jsonl")
    kinds = [(one["name"], one["kind"]) for one in map(json.loads, shown.splitlines())]
    assert (code, kinds) == (0, [("lease.pdf", "attachment"), ("prices.csv", "attachment")])


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("empty.pdf", b"", "empty.pdf: the file is empty"),
        ("page.pdf", b"<html>", "page.pdf: the content is not of the type .pdf; correct the"),
        ("photo.png", PDF, "photo.png: the content is not of the type .png"),
        ("binary.csv", b"a;\0", "binary.csv: the content is not of the type .csv"),
        ("tool.exe", b"MZ", "tool.exe: files of this type are not accepted; accepted are .pdf,"),
        ("contract", PDF, "contract: files of this type are not accepted"),
        (f"{'n' * 71}.pdf", PDF, "is not a valid file name; expected 1 to 74 characters"),
    ],
    ids=lambda value: value[:12] if isinstance(value, str) else "",
)
def test_a_file_that_cannot_be_taken_keeps_all_from_being_sent(
    desk: Desk, name: str, content: bytes, reason: str
) -> None:
    Path(name).write_bytes(content)
    code, shown, error = call(desk, "add", "lease.pdf", name)
    assert (code, shown, names(desk), desk.world.transfers.calls) == (1, "", [], 0)
    assert reason in error


def test_a_file_over_50_mb_is_refused_without_reading_it(desk: Desk) -> None:
    with Path("plan.zip").open("wb") as file:
        file.truncate(50_000_001)
    code, _, error = call(desk, "add", "plan.zip")
    assert (code, desk.world.transfers.calls) == (1, 0)
    assert error == "Error: plan.zip: the file has 50,000,001 bytes; expected at most 50,000,000\n"


@pytest.mark.parametrize(
    ("path", "reason"),
    [("missing.pdf", "'missing.pdf' does not exist"), (".", "'.' is a directory")],
)
def test_what_is_not_a_file_is_a_wrong_command_line(desk: Desk, path: str, reason: str) -> None:
    code, _, error = call(desk, "add", "lease.pdf", path)
    assert (code, names(desk), reason in error) == (2, [], True)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes here")
def test_a_pipe_is_not_waited_for(desk: Desk) -> None:
    os.mkfifo("pipe.pdf")
    code, _, error = call(desk, "add", "pipe.pdf")
    assert (code, error) == (1, "Error: pipe.pdf is not a regular file\n")


@pytest.mark.parametrize("other", ["LEASE.pdf", "Lease.PDF"])
def test_two_files_of_one_name_are_refused(desk: Desk, other: str) -> None:
    Path("folder").mkdir()
    (Path("folder") / other).write_bytes(PDF + b"2")
    code, _, error = call(desk, "add", "lease.pdf", f"folder/{other}")
    assert (code, names(desk), desk.world.transfers.calls) == (1, [], 0)
    assert f"two of the files are named {other}; give each a name of its own" in error


def test_a_name_is_for_one_file(desk: Desk) -> None:
    Path("b.pdf").write_bytes(PDF)
    code, _, error = call(desk, "add", "lease.pdf", "b.pdf", "--name", "c.pdf")
    assert (code, "--name is for one FILE" in error) == (2, True)


@pytest.mark.parametrize("kind", ["signed_pdf", "audit_trail", "contracts"])
def test_a_kind_that_nobody_uploads_is_a_wrong_command_line(desk: Desk, kind: str) -> None:
    code, _, error = call(desk, "add", "lease.pdf", "--kind", kind)
    assert code == 2
    assert "is not one of 'contract', 'invoice', 'offer', 'attachment'" in error


def test_another_file_of_the_name_stays_unless_it_is_to_be_replaced(desk: Desk) -> None:
    add(desk, "lease.pdf", "--kind", "contract")
    Path("lease.pdf").write_bytes(PDF + b" anew")
    code, _, error = call(desk, "add", "lease.pdf")
    assert (code, desk.world.transfers.calls) == (1, 1)
    assert "the document has another file named lease.pdf; replace it, or choose" in error
    add(desk, "lease.pdf", "--replace")
    (file,) = desk.world.document(desk.document).stored_files
    assert (file.kind, file.size) == ("contract", 35)  # of the kind that it replaces
    add(desk, "lease.pdf", "--replace", "--kind", "offer")
    assert desk.world.document(desk.document).stored_files[0].kind == "offer"


@pytest.mark.parametrize(
    ("fault", "shown"),
    [
        (
            PermanentError("s3.example refused the call (403 AccessDenied); run it again"),
            "lease.pdf was not added: s3.example refused the call (403 AccessDenied); run it again",
        ),
        (
            UnavailableError("s3.example gave no answer"),
            "lease.pdf was not added: s3.example gave no answer",
        ),
    ],
)
def test_a_fault_on_the_way_changes_nothing(
    desk: Desk, fault: CountersignError, shown: str
) -> None:
    desk.world.transfers.fault = fault
    assert call(desk, "add", "lease.pdf") == (1, "", f"Error: {shown}\n")
    assert names(desk) == []
    desk.world.transfers.fault = None
    add(desk, "lease.pdf")


def test_what_the_provider_made_is_replaced_by_nobody(desk: Desk) -> None:
    add(desk, "lease.pdf")
    document = desk.world.state.documents[desk.document]
    (file,) = document.stored_files
    made = file.model_copy(update={"kind": "signed_pdf"})
    update = {"stored_files": (made,)}
    desk.world.state.documents[desk.document] = document.model_copy(update=update)
    code, _, error = call(desk, "add", "lease.pdf", "--replace")
    assert (code, desk.world.transfers.calls) == (1, 1)
    assert error == "Error: lease.pdf is the name of the signed PDF; choose another name\n"


def test_what_is_there_already_is_not_there_twice(desk: Desk) -> None:
    add(desk, "lease.pdf")
    code, shown, _ = call(desk, "add", "lease.pdf")
    assert (code, shown) == (0, "lease.pdf (attachment, 30 bytes) is there already\n")
    assert names(desk) == ["lease.pdf"]


@pytest.mark.parametrize(("number", "code"), [(39, 0), (40, 1)])
def test_more_files_than_a_document_may_have_are_refused_before_the_first_is_sent(
    desk: Desk, number: int, code: int
) -> None:
    add(desk, "lease.pdf")
    paths = [f"{n}.txt" for n in range(number)]
    for path in paths:
        Path(path).write_text(path)
    result = call(desk, "add", "lease.pdf", *paths)  # the first of them is there already
    assert (result[0], len(names(desk))) == (code, 40 if code == 0 else 1)
    if code:
        assert result[2] == (
            "Error: the document would have 41 files; expected at most 40; remove some first\n"
        )


def test_what_was_added_before_a_fault_is_told_to_programs(desk: Desk) -> None:
    Path("b.pdf").write_bytes(PDF)

    send = desk.world.transfers.send

    def second_fails(address: Any, content: bytes) -> None:
        if desk.world.transfers.calls:
            raise UnavailableError("s3.example gave no answer")
        send(address, content)

    desk.world.transfers.send = second_fails  # type: ignore[method-assign]
    code, shown, _ = call(desk, "add", "lease.pdf", "b.pdf", "--output", "json")
    assert (code, [one["name"] for one in json.loads(shown)]) == (1, ["lease.pdf"])


def test_a_file_is_fetched_by_its_name_as_people_read_it(desk: Desk) -> None:
    add(desk, "lease.pdf", "--name", "Mietvertrag Müller.pdf")
    code, shown, error = call(desk, "get", "mietvertrag müller.PDF")
    wrote = "wrote Mietvertrag Müller.pdf (attachment, 30 bytes)\n"
    assert (code, shown, error) == (0, wrote, "")
    assert Path("Mietvertrag Müller.pdf").read_bytes() == PDF


@pytest.mark.parametrize(
    ("to", "path"), [("here.pdf", "here.pdf"), ("folder", "folder/lease.pdf"), ("./", "a.pdf")]
)
def test_a_file_that_is_there_is_never_overwritten_unasked(desk: Desk, to: str, path: str) -> None:
    name = Path(path).name
    add(desk, "lease.pdf", "--name", "lease.pdf" if name == "here.pdf" else name)
    Path("folder").mkdir()
    Path(path).write_bytes(b"mine")
    name = "lease.pdf" if name == "here.pdf" else name
    calls = desk.world.transfers.calls
    code, _, error = call(desk, "get", name, "--to", to)
    assert (code, Path(path).read_bytes(), desk.world.transfers.calls) == (1, b"mine", calls)
    assert f"{path} is there already; choose another path with --to, or replace" in error
    code, _, _ = call(desk, "get", name, "--to", to, "--force")
    assert (code, Path(path).read_bytes()) == (0, PDF)


@pytest.mark.parametrize("before", [None, 0o600, 0o664])
def test_a_file_has_the_rights_of_new_files_or_of_what_it_replaces(
    desk: Desk, before: int | None
) -> None:
    add(desk, "lease.pdf", "--name", "a.pdf")
    wanted = Path("lease.pdf").stat().st_mode  # written as any new file is
    if before is not None:
        Path("a.pdf").touch()
        Path("a.pdf").chmod(before)
        wanted = Path("a.pdf").stat().st_mode
    code, _, error = call(desk, "get", "a.pdf", "--force")
    assert (code, error) == (0, "")
    assert (Path("a.pdf").stat().st_mode, Path("a.pdf").read_bytes()) == (wanted, PDF)
    assert sorted(one.name for one in Path().iterdir()) == ["a.pdf", "lease.pdf"]


def test_other_bytes_than_those_that_were_added_are_not_written(desk: Desk) -> None:
    add(desk, "lease.pdf", "--name", "a.pdf")
    (file,) = desk.world.document(desk.document).stored_files
    desk.world.files.put(desk.document, file.id, PDF[:-1])
    code, _, error = call(desk, "get", "a.pdf")
    assert (code, Path("a.pdf").exists()) == (1, False)
    assert error == "Error: a.pdf: the bucket has other bytes than those that were added\n"


def test_what_is_lost_in_the_bucket_is_there_again_once_it_is_added_again(desk: Desk) -> None:
    add(desk, "lease.pdf", "--name", "a.pdf")
    (file,) = desk.world.document(desk.document).stored_files
    desk.world.files.remove(desk.document, file.id)
    code, _, error = call(desk, "get", "a.pdf")
    assert (code, Path("a.pdf").exists()) == (4, False)
    assert "the content is not in the bucket any more; add the file again" in error
    add(desk, "lease.pdf", "--name", "a.pdf")
    assert call(desk, "get", "a.pdf")[0] == 0
    assert desk.world.files.ids(desk.document) == {file.id}


def test_a_folder_that_is_missing_is_an_error_and_leaves_nothing(desk: Desk) -> None:
    add(desk, "lease.pdf")
    code, _, error = call(desk, "get", "lease.pdf", "--to", "none/lease.pdf")
    assert code == 1
    assert "none/lease.pdf could not be written: No such file or directory" in error
    assert sorted(one.name for one in Path().iterdir()) == ["lease.pdf"]


def test_an_address_is_printed_instead_of_a_download(desk: Desk) -> None:
    add(desk, "lease.pdf")
    address = f"https://files.example/documents/{desk.document}/token3?for=900"
    assert call(desk, "get", "lease.pdf", "--address") == (0, f"{address}\n", "")
    assert json.loads(call(desk, "get", "lease.pdf", "--address", "--output", "json")[1]) == {
        "document": desk.document,
        "address": address,
        "expires_at": "2026-03-02T09:15:00Z",
    }
    code, _, error = call(desk, "get", "lease.pdf", "--address", "--to", "x.pdf")
    assert (code, "--address writes no file; leave out --to and --force" in error) == (2, True)


@pytest.mark.parametrize("verb", ["get", "remove"])
@pytest.mark.parametrize("name", ["other.pdf", "../other.pdf", ""])
def test_an_unknown_file_is_named_with_those_there_are(desk: Desk, verb: str, name: str) -> None:
    add(desk, "lease.pdf")
    code, _, error = call(desk, verb, name)
    wanted = f'the document {desk.document} has no file "{name}"; there are lease.pdf'
    assert (code, error) == (4, f"Error: {wanted}\n")


@pytest.mark.parametrize(
    "arguments", [("list",), ("add", "lease.pdf"), ("get", "x.pdf"), ("remove", "x.pdf")]
)
def test_an_unknown_document_is_not_found(desk: Desk, arguments: tuple[str, ...]) -> None:
    verb, *others = arguments
    result = desk("documents", "files", verb, "d-9", *others)
    assert (result.exit_code, result.stderr) == (4, "Error: there is no document d-9\n")


def test_a_file_is_removed_when_it_was_confirmed(desk: Desk) -> None:
    add(desk, "lease.pdf")
    code, _, error = call(desk, "remove", "lease.pdf", answer="n\n")
    asked = f"remove lease.pdf (attachment, 30 bytes) from {desk.document}? [y/N]"
    assert (code, names(desk), asked in error) == (1, ["lease.pdf"], True)
    code, shown, _ = call(desk, "remove", "LEASE.pdf", "--yes")
    assert (code, shown) == (0, f"lease.pdf is removed from {desk.document}\n")
    assert (names(desk), desk.world.files.ids(desk.document)) == ([], frozenset())
    assert call(desk, "list")[1] == f"the document {desk.document} has no files\n"


def test_a_hostile_name_steers_no_terminal(desk: Desk) -> None:
    add(desk, "lease.pdf", "--name", "a\x1b[31m\u202efdp.exe.pdf")
    shown = [
        call(desk, "list")[1],
        call(desk, "get", "a [31m fdp.exe.pdf")[1],
        desk("documents", "show", desk.document, "--why").stdout,
    ]
    assert all("\x1b" not in text and "\u202e" not in text for text in shown)
    assert all("a [31m fdp.exe.pdf" in text for text in shown)


def test_names_of_the_documents_files_are_completed(desk: Desk) -> None:
    add(desk, "lease.pdf")
    for verb in ("get", "remove"):
        words = ("documents", "files", verb)
        assert offered(desk, *words) == [desk.document]
        assert offered(desk, *words, desk.document) == ["lease.pdf"]
        assert offered(desk, *words, desk.document, begun="x") == []
    assert offered(desk, "documents", "files") == ["list", "add", "get", "remove"]
