"""The functions' own extract of AWS's descriptions of its services, which botocore reads.

botocore makes a client from the description of the whole service, and of the endpoints of every
service; reading them takes five times as long as all else about it. The extract, in the folder
``service_models`` beside this module, has the operations that the adapters call and nothing else;
``python -m countersign.local.service_models`` writes it from the installed botocore.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from botocore.exceptions import DataNotFoundError
from botocore.loaders import Loader

EXTRACT = Path(__file__).parent / "service_models"
_OPERATIONS = "service-2"
"""The kind of description that the extract has of a service."""


class ExtractLoader(Loader):
    """Finds what the extract has there, and all else in botocore's own data.

    Rules, such as those for addresses, are in botocore's own: they fit its code, whose version is
    the Lambda runtime's. The operations' descriptions are of a form that has not changed for years.
    https://botocore.amazonaws.com/v1/documentation/api/latest/reference/loaders.html
    """

    def __init__(self) -> None:
        super().__init__(extra_search_paths=[str(EXTRACT)], include_default_search_paths=False)

    def list_available_services(self, type_name: str) -> list[str]:
        """The services of the extract, whatever is asked of them."""
        return super().list_available_services(_OPERATIONS)

    def determine_latest_version(self, service_name: str, type_name: str) -> str:
        """The version of the service's interface in the extract."""
        return super().determine_latest_version(service_name, _OPERATIONS)

    def load_data_with_path(self, name: str) -> tuple[dict[str, Any], str]:
        """The data and its file, without ending; DataNotFoundError where there is none."""
        try:
            return super().load_data_with_path(name)
        except DataNotFoundError:
            return Loader().load_data_with_path(name)

    def is_builtin_path(self, path: str) -> bool:
        """All is botocore's own: an address follows the service's rules, as it would without us.

        With a list of endpoints that is not its own, botocore would take the address from there.
        """
        return True
