"""Photos in a body of JSON: base64, then read and encoded anew like any upload."""

from __future__ import annotations

import base64
import binascii
from io import BytesIO
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from cases.photos import NotAPhoto, Photo, safe_photo
from zestech_aftersales.api.fields import Body
from zestech_aftersales.api.strict import TextField

MOST_PHOTOS = 6
LONGEST_NAME = 200


class PhotoBody(Body):
    """A photo; everybody of the case sees it."""

    name = TextField(max_length=LONGEST_NAME)
    content = TextField(help_text=_("A JPEG, PNG or WebP in base64; all of a body together as the site takes bodies."))

    default_error_messages = {"not_base64": _("Give the bytes of the photo in base64.")}

    def photo(self, told: dict[str, str]) -> Photo:
        """The photo as it can be stored; ValidationError for what is none."""
        try:
            raw = base64.b64decode(told["content"], validate=True)
        except (binascii.Error, ValueError) as broken:
            raise serializers.ValidationError(
                {"content": [self.error_messages["not_base64"]]}, code="not_base64"
            ) from broken
        try:
            return safe_photo(BytesIO(raw), told["name"])
        except NotAPhoto as broken:
            raise serializers.ValidationError({"content": [str(broken)]}, code="not_a_photo") from broken


class WithPhotos(Body):
    """A body that photos can come along with; `photos` holds them as the actions take them."""

    photos = serializers.ListField(child=PhotoBody(), max_length=MOST_PHOTOS, default=list)

    def validate_photos(self, told: list[dict[str, str]]) -> list[Photo]:
        """Each photo read; ValidationError names the one that is none."""
        reader, photos = PhotoBody(), []
        wrong: dict[Any, Any] = {}
        for n, each in enumerate(told):
            try:
                photos.append(reader.photo(each))
            except serializers.ValidationError as broken:
                wrong[n] = broken.detail
        if wrong:
            raise serializers.ValidationError(wrong)
        return photos

    def photos_sent(self) -> list[Photo]:
        """The photos that came along."""
        sent: list[Photo] = self.validated_data["photos"]
        return sent
