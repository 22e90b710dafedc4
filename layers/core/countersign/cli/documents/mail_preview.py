"""The command documents preview: the mails of a rule for a document, without sending them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from countersign.cli.context import CliContext
from countersign.cli.operations.documents import documents_of
from countersign.cli.output.formats import show_one
from countersign.cli.output.text import one_line
from countersign.cli.output.verbs import Verb
from countersign.cli.parsing.parameters import DOCUMENT
from countersign.errors import PermanentError
from countersign.use_cases.queries.previews.mail_preview import MailPreview, PreviewedMail


@click.command(
    cls=Verb,
    examples=[
        "countersign documents preview d-1042 hello",
        "countersign documents preview d-1042 hello --html mail.html",
    ],
)
@DOCUMENT
@click.argument("rule")
@click.option(
    "--html",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Also write the HTML to FILE; of several mails with their numbers, as in mail-1.html.",
)
@click.pass_obj
def preview(context: CliContext, document: str, rule: str, html: Path | None) -> None:
    """Show the mails that RULE would send for DOCUMENT as it is now.

    Nothing is sent or changed. The rule's time and condition are not considered, and the document
    may be in another stage. Where a mail cannot be made, the reason is shown.
    """
    previewed = documents_of(context).preview(document, rule)
    show_one(previewed, map(one_line, _lines(previewed)))
    if html is not None:
        _write(previewed, html)


def _lines(preview: MailPreview) -> Iterator[str]:
    for number, mail in enumerate(preview.mails, 1):
        if number > 1:
            yield ""
        if len(preview.mails) > 1:
            yield f"mail {number} of {len(preview.mails)}"
        yield from _mail(mail, preview.attachments)


def _mail(mail: PreviewedMail, attachments: tuple[str, ...]) -> Iterator[str]:
    facts = (
        ("from", mail.sender),
        ("to", ", ".join(mail.to)),
        ("cc", ", ".join(mail.cc)),
        ("bcc", ", ".join(mail.bcc)),
        ("reply to", ", ".join(mail.reply_to)),
        ("subject", mail.subject),
        ("attachments", ", ".join(attachments)),
        ("not sent", mail.reason or ""),
    )
    for name, value in facts:
        if value:
            yield f"{name:<11}  {value}"
    text = mail.text if mail.text is not None else mail.html
    if text:
        yield ""
        yield from (f"| {line}" for line in text.rstrip().splitlines())


def _write(preview: MailPreview, file: Path) -> None:
    """Write each mail's HTML; PermanentError where none has any, or a file cannot be written."""
    pages = [(number, mail.html) for number, mail in enumerate(preview.mails, 1) if mail.html]
    if not pages:
        raise PermanentError(f"no mail of the rule {preview.rule} has HTML; nothing was written")
    for number, page in pages:
        several = len(preview.mails) > 1
        target = file.with_stem(f"{file.stem}-{number}") if several else file
        try:
            target.write_text(page, encoding="utf-8", errors="replace")
        except OSError as error:
            raise PermanentError(f"{target} could not be written: {error.strerror}") from error
        click.echo(one_line(f"wrote {target}"), err=True)
