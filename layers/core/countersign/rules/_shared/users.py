"""Our own people as rules name them: users, groups of users, and who is whose supervisor."""

from __future__ import annotations

from difflib import get_close_matches

from countersign.errors import PermanentError
from countersign.model.pipeline import Pipeline
from countersign.model.task import GROUP
from countersign.model.users import group_named, group_of, is_same_user, user_of
from countersign.model.values import InvalidValueError


def users(part: str, pipeline: Pipeline) -> tuple[str, ...]:
    """The user, or the group's users; PermanentError for a group that has none."""
    if not part.startswith(GROUP):
        return (part,)
    wrong = group_problem(part, pipeline)
    if wrong is not None:
        raise PermanentError(wrong)
    return group_of(part.removeprefix(GROUP), pipeline) or ()


def group_problem(part: str, pipeline: Pipeline) -> str | None:
    """What publishing must refuse where the part names a group, as a sentence, or None."""
    name = part.removeprefix(GROUP)
    if not part.startswith(GROUP):
        return None
    members = group_of(name, pipeline)
    if members is None:
        close = get_close_matches(name, pipeline.groups, n=1)
        there = ", ".join(f"{GROUP}{group}" for group in pipeline.groups) or "none"
        hint = f"did you mean {GROUP}{close[0]}?" if close else f"there are {there}"
        return f'"{part}": the pipeline has no such group; {hint}'
    if not members:
        return f'"{part}": the group is empty; list its users under the pipeline\'s groups'
    return None


def assignee_of(text: str, pipeline: Pipeline) -> str:
    """Whom a task is given to: a user, or ``group:<name>`` as the pipeline has it.

    PermanentError for a word that is neither, and for a group without users.
    """
    if not text.startswith(GROUP):
        return user_of(text, pipeline)
    wrong = group_problem(text, pipeline)
    if wrong is not None:
        raise PermanentError(wrong)
    return f"{GROUP}{group_named(text.removeprefix(GROUP), pipeline)}"


def supervisor_of(user: str, pipeline: Pipeline) -> str | None:
    """The user's supervisor, or None."""
    named = (
        supervisor for who, supervisor in pipeline.supervisors.items() if is_same_user(who, user)
    )
    return next(named, None)


def user_problem(part: str, pipeline: Pipeline) -> str | None:
    """What publishing must refuse about a user or a group in this pipeline, as a sentence."""
    if part.startswith(GROUP):
        return group_problem(part, pipeline)
    try:
        user_of(part, pipeline)
    except InvalidValueError as error:
        return str(error)
    return None
