"""Reading a body: JSON of a bounded size, told in an object."""

from __future__ import annotations

from collections.abc import Mapping
from typing import IO, Any

from django.conf import settings
from rest_framework.parsers import JSONParser

from zestech_aftersales.api.problems import BodyTooLarge


class BoundedJSON(JSONParser):
    """JSON that is no larger than the site's limit; the stock parser reads whatever comes."""

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        length = int((parser_context or {})["request"].META.get("CONTENT_LENGTH") or 0)
        if length > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            raise BodyTooLarge
        return super().parse(stream, media_type, parser_context)
