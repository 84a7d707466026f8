"""Photos of a fault: sniffed, decoded and encoded anew, so that only a picture is ever stored."""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass
from typing import BinaryIO

import filetype
from django.utils.translation import gettext as _
from PIL import Image, ImageOps

MAX_BYTES = 10 * 1024 * 1024
MAX_PIXELS = 40_000_000
LONGEST_SIDE = 2400


class NotAPhoto(ValueError):
    """The upload cannot be taken; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Photo:
    """A picture that is safe to store: our own encoding, without the camera's metadata."""

    name: str
    content: bytes
    content_type: str = "image/jpeg"

    @property
    def sha256(self) -> str:
        """The hash of the stored bytes."""
        return hashlib.sha256(self.content).hexdigest()


def safe_photo(upload: BinaryIO, name: str) -> Photo:
    """Read an upload and return it as a fresh JPEG; raises NotAPhoto.

    Units: at most 10 MiB and 40 megapixels in, at most 2,400 pixels on the longer side out.
    """
    raw = upload.read(MAX_BYTES + 1)
    if len(raw) > MAX_BYTES:
        raise NotAPhoto(_("“%(name)s” is larger than 10 MB. Choose a smaller photo.") % {"name": name})
    kind = filetype.guess(raw)
    if kind is None or kind.mime not in {"image/jpeg", "image/png", "image/webp"}:
        raise NotAPhoto(_("“%(name)s” is not a photo. Use JPEG, PNG or WebP.") % {"name": name})
    try:
        with Image.open(io.BytesIO(raw), formats=["JPEG", "PNG", "WEBP"]) as picture:
            if picture.width * picture.height > MAX_PIXELS:
                raise NotAPhoto(_("“%(name)s” has too many pixels. Choose a smaller photo.") % {"name": name})
            upright = ImageOps.exif_transpose(picture).convert("RGB")
    except (OSError, SyntaxError, Image.DecompressionBombError) as broken:
        raise NotAPhoto(_("“%(name)s” cannot be read. Save the photo again and retry.") % {"name": name}) from broken
    upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    encoded = io.BytesIO()
    upright.save(encoded, "JPEG", quality=85)
    return Photo(name=name[:200], content=encoded.getvalue())
