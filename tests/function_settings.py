"""The settings of all functions, found in the modules that hold them."""

from __future__ import annotations

import pkgutil
from collections.abc import Iterator, Mapping
from importlib import import_module

from countersign import settings
from countersign.settings.environment import Settings


def _all() -> Iterator[type[Settings]]:
    for module in pkgutil.iter_modules(settings.__path__, f"{settings.__name__}."):
        for name, model in vars(import_module(module.name)).items():
            if name.endswith("Settings") and issubclass(model, Settings):
                yield model


SETTINGS: Mapping[str, type[Settings]] = {model.__name__: model for model in _all()}
"""By their names: ``RunEmailSettings``."""
