"""The texts below a model's fields, as its source has them."""

from __future__ import annotations

from pydantic import BaseModel

from countersign.model.base import Model
from countersign.use_cases.queries.catalogue.field_docs import field_docs


class Above(Model):
    """A class whose fields others have too."""

    amount: int
    """Of money,
    in ``EUR``."""
    silent: int
    title: str = ""
    """What it is called."""


class Below(Above):
    """One of them."""

    title: str = "x"
    """What it is called here."""
    own: bool = False
    """Whether it is."""


def test_a_model_has_the_texts_of_its_own_fields_and_of_those_above() -> None:
    assert field_docs(Above) == {"amount": "Of money, in EUR.", "title": "What it is called."}
    assert field_docs(Below) == {
        "amount": "Of money, in EUR.",
        "title": "What it is called here.",
        "own": "Whether it is.",
    }


def test_a_model_without_fields_has_none() -> None:
    assert field_docs(BaseModel) == {}
