"""A function's environment as one frozen model, checked when the function starts cold."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import TypeVar
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, ValidationError

from countersign.errors import PermanentError


class Settings(BaseModel):
    """Read from environment variables of the same names in upper case.

    Schemas are built on first use: each function reads one of these models.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", str_min_length=1, defer_build=True)


class StageSettings(Settings):
    """Every function that counts what an alarm listens to."""

    stage: str
    """Stands on the metrics, so that each deployment rings its own alarm."""


S = TypeVar("S", bound=Settings)


def read_settings(model: type[S], environment: Mapping[str, str] | None = None) -> S:
    """The function's settings; PermanentError names each variable that is missing or wrong."""
    given = os.environ if environment is None else environment
    names = {name: name.upper() for name in model.model_fields}
    values = {name: given[variable] for name, variable in names.items() if variable in given}
    try:
        return model.model_validate(values)
    except ValidationError as error:
        wrong = "; ".join(
            f"{str(detail['loc'][0]).upper()}: {detail['msg']}"
            for detail in error.errors(include_url=False, include_input=False)
        )
        msg = f"the environment of this function is not as template.yaml sets it: {wrong}"
        raise PermanentError(msg) from error


def cloud_is_here(environment: Mapping[str, str] | None = None) -> bool:
    """Whether AWS itself is on this machine, as the local stack has it: then what rules call may
    be, too.

    No setting of a deployment: ``AWS_ENDPOINT_URL`` is given to functions by the local cloud, and
    one of the real cloud that had such a value could not reach its own table.
    """
    given = os.environ if environment is None else environment
    host = urlsplit(given.get("AWS_ENDPOINT_URL", "")).hostname or ""
    return host in ("localhost", "::1") or re.fullmatch(r"127(\.[0-9]{1,3}){3}", host) is not None
