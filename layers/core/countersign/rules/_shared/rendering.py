"""Texts with inserts: checked before a pipeline is published, filled in on the run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from countersign.errors import PermanentError
from countersign.model.pipeline import Pipeline
from countersign.rules._shared.template_variables import known
from countersign.templates.limits import RenderingBudget
from countersign.templates.values import Group, TemplateValues

if TYPE_CHECKING:
    from countersign.templates.render import Form

_FORMS: Mapping[str, Form] = {"html": "html"}


def has_inserts(source: str) -> bool:
    """Whether anything in the text is filled in; otherwise it stays as it is written."""
    return "{{" in source or "{%" in source


def problems(
    texts: Mapping[str, str],
    pipeline: Pipeline,
    inserts: Group | None = None,
    *,
    forms: Mapping[str, Form] = _FORMS,
) -> Iterator[tuple[str, str]]:
    """What publishing must refuse about texts, by setting.

    ``inserts`` are those there are, if others than usual; ``forms`` names the texts that are no
    plain text.
    """
    from countersign.templates import check  # Liquid takes a quarter of a second to load.

    inserts, work = inserts or known(pipeline), RenderingBudget()
    for setting, source in texts.items():
        for text in check.problems(source, inserts, forms.get(setting, "text"), work):
            yield setting, text


def filled(
    setting: str,
    source: str,
    inserted: Mapping[str, object],
    form: Form = "text",
) -> str:
    """The text with its inserts filled in; PermanentError names the setting and the line."""
    if not has_inserts(source):
        return source
    from countersign.templates import render  # As above.

    try:
        work = inserted.work if isinstance(inserted, TemplateValues) else None
        return render.render(source, inserted, form, work)
    except PermanentError as error:
        msg = f"{setting}: {error}"
        raise PermanentError(msg) from error
