"""Drafts: pipelines that are edited on the server until they are published."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from pydantic import ValidationError

from countersign.errors import ConflictError, NotFoundError, PermanentError
from countersign.model.actor import Origin
from countersign.model.draft import Draft, StaleDraftError, check_base, content_of
from countersign.ports import Drafts, Pipelines
from countersign.use_cases.pipelines.publish import Publisher, PublishResult, publish
from countersign.use_cases.pipelines.templates import NewPipeline, pipeline_file
from countersign.use_cases.pipelines.validate import Validation, validate
from countersign.use_cases.queries.pipelines import show_version

if TYPE_CHECKING:
    from countersign.pipeline_files.reader import ReportLine


MAX_LISTED = 5
"""Errors of a draft that are listed in one sentence."""


class DraftExistsError(ConflictError):
    """There is a draft of the pipeline already."""

    def __init__(self, present: Draft) -> None:
        super().__init__(
            f"there is a draft of {present.pipeline} already, saved by {present.saved_by}; go on "
            "with it, or discard it first"
        )
        self.present = present


class InvalidYamlError(PermanentError):
    """The text is not YAML that can be read as a pipeline."""

    def __init__(self, report: tuple[ReportLine, ...]) -> None:
        lines = (
            f"line {line.mark.line}, column {line.mark.column}: {line.text}" for line in report
        )
        super().__init__("; ".join(lines))
        self.report = report
        """Each problem with its line and column."""


class InvalidDraftError(PermanentError):
    """The draft cannot be published as it is."""

    def __init__(self, draft: Draft, validation: Validation) -> None:
        errors = [problem for problem in validation.problems if problem.severity == "error"]
        first = "; ".join(f"{problem.pointer}: {problem.text}" for problem in errors[:MAX_LISTED])
        more = f"; and {len(errors) - MAX_LISTED} more" if len(errors) > MAX_LISTED else ""
        super().__init__(
            f"the draft of {draft.pipeline} has {len(errors)} error{'s' * (len(errors) != 1)}; "
            f"correct them first: {first}{more}"
        )
        self.problems = validation.problems
        """All of them, and what is warned of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Workbench:
    """What editing drafts needs from outside."""

    drafts: Drafts
    pipelines: Pipelines


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftEdit:
    """A save of a draft."""

    pipeline: str
    tag: str
    """Of the draft that was read: what the save is based on."""
    content: object
    """The whole content from now on, as plain values."""
    base_version: int | None = None
    """The published version that the content takes into account from now on, where another one was
    published meanwhile; the draft's base stays unless given."""


def existing_draft(drafts: Drafts, pipeline: str) -> Draft:
    """The draft of the pipeline; NotFoundError where there is none."""
    draft = drafts.get(pipeline)
    if draft is None:
        raise NotFoundError(f"there is no draft of {pipeline}")
    return draft


def create_draft(workbench: Workbench, pipeline: str, content: object, origin: Origin) -> Draft:
    """Make the draft of a pipeline, new or published, from any plain values.

    Its base is the version that is published now. DraftExistsError where there is a draft already,
    PermanentError for what cannot be an id or plain values, TooLargeError for too many of them.
    """
    head = workbench.pipelines.head(pipeline)
    try:
        draft = Draft(
            pipeline=pipeline,
            content=content_of(content),
            base_version=None if head is None else head.version,
            created_at=origin.at,
            saved_at=origin.at,
            saved_by=str(origin.by),
        )
    except ValidationError:
        raise PermanentError(
            f'"{pipeline[:80]}" cannot be the id of a pipeline; expected lower-case letters, '
            "digits, - and _, at most 63, the first a letter or digit"
        ) from None
    try:
        workbench.drafts.put(draft)
    except StaleDraftError as error:
        if error.present is None:
            raise
        raise DraftExistsError(error.present) from None
    return draft


def create_from_version(
    workbench: Workbench, pipeline: str, origin: Origin, *, number: int | None = None
) -> Draft:
    """Make a draft from a published version, the current one unless a number is given.

    It changes the current version, whichever it is made from. NotFoundError where there is no such
    version, DraftExistsError where there is a draft already.
    """
    from countersign.pipeline_files.writer import plain_pipeline

    version = show_version(workbench.pipelines, pipeline, number)
    return create_draft(workbench, pipeline, plain_pipeline(version.pipeline), origin)


def create_from_template(
    workbench: Workbench, template: str, new: NewPipeline, origin: Origin
) -> Draft:
    """Make the draft of a new pipeline from one of the ``templates``.

    ConflictError where the pipeline is published already, DraftExistsError where it has a draft;
    otherwise as ``pipeline_file``.
    """
    text = pipeline_file(template, new, today=origin.at.date())
    if workbench.pipelines.head(new.id) is not None:
        raise ConflictError(f"there is a pipeline {new.id} already; choose another id")
    return create_from_yaml(workbench, text, origin)


def create_from_yaml(workbench: Workbench, text: str, origin: Origin) -> Draft:
    """Make a draft from the text of a pipeline file, of the pipeline that it names.

    InvalidYamlError where it cannot be read as YAML, PermanentError where it names no pipeline,
    otherwise as ``create_draft``.
    """
    content = content_of(yaml_content(text))
    pipeline = content.get("pipeline")
    if not isinstance(pipeline, str):
        raise PermanentError(
            "the text names no pipeline; begin it with its id: pipeline: contracts"
        )
    return create_draft(workbench, pipeline, content, origin)


def yaml_content(text: str) -> object:
    """The plain values of a pipeline file's text, without its comments; InvalidYamlError."""
    from countersign.pipeline_files.reader import UnreadableError, read, refuse_long

    try:
        refuse_long(len(text.encode(errors="replace")))
        value, _, repeated = read(text)
    except UnreadableError as error:
        raise InvalidYamlError((error.line,)) from None
    if repeated:
        raise InvalidYamlError(repeated)
    return value


def save_draft(workbench: Workbench, edit: DraftEdit, origin: Origin) -> Draft:
    """Save the draft over the one that was read.

    StaleDraftError, with the draft as it is now, where somebody else saved, discarded or published
    it since then: nothing is written. NotFoundError for a base that is not the published version.
    """
    present = workbench.drafts.get(edit.pipeline)
    if present is None or present.tag != edit.tag:
        raise StaleDraftError(edit.pipeline, present)
    saved = present.model_copy(
        update={
            "content": content_of(edit.content),
            "base_version": edit.base_version or present.base_version,
            "version": present.version + 1,
            "saved_at": origin.at,
            "saved_by": str(origin.by),
        }
    )
    if edit.base_version is not None:
        check_base(saved, workbench.pipelines.head(edit.pipeline))
    workbench.drafts.put(saved)
    return saved


def discard_draft(workbench: Workbench, pipeline: str, tag: str) -> None:
    """Forget the draft that was read. StaleDraftError where it is another one by now;
    NotFoundError where there is none."""
    present = existing_draft(workbench.drafts, pipeline)
    if present.tag != tag:
        raise StaleDraftError(pipeline, present)
    workbench.drafts.remove(present)


def validate_draft(draft: Draft, *, today: date) -> Validation:
    """What forbids publishing the draft, and what to look at."""
    return validate(draft.content, today=today, pipeline=draft.pipeline)


def publish_draft(
    workbench: Workbench, publisher: Publisher, draft: Draft, origin: Origin, *, note: str = ""
) -> PublishResult:
    """Publish the draft that was read as the next version, and remove it in one transaction.

    A draft that is published like this already is removed, and no version is made. Raises
    InvalidDraftError with the problems where it cannot be published, StaleDraftError where it was
    saved or discarded since it was read, OutdatedDraftError where a version was published since
    then that it knows nothing of, otherwise as ``publish``.
    """
    validation = validate_draft(draft, today=origin.at.date())
    if validation.pipeline is None:
        raise InvalidDraftError(draft, validation)
    check_base(draft, workbench.pipelines.head(draft.pipeline))
    published = publish(publisher, validation.pipeline, origin, note=note, draft=draft)
    if not published.diff:
        workbench.drafts.remove(draft)
    return published
