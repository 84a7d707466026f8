"""Voucher files of a loss: a PDF as it came, or a photo encoded anew; nothing else is ever stored (3.4)."""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass
from typing import BinaryIO

from django.utils.translation import gettext as _

from cases.photos import MAX_BYTES, NotAPhoto, safe_photo

PDF = "application/pdf"
# Where a PDF that came whole has its end mark.
TAIL = 2048


class NotAVoucher(ValueError):
    """The upload cannot be taken; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class VoucherFile:
    """A bill that is safe to store and to hand out."""

    name: str
    content: bytes
    content_type: str

    @property
    def sha256(self) -> str:
        """The hash of the stored bytes."""
        return hashlib.sha256(self.content).hexdigest()


def safe_voucher(upload: BinaryIO, name: str) -> VoucherFile:
    """Read an upload of at most 10 MiB: a whole PDF, or a photo as `cases.photos` takes it. Raises NotAVoucher."""
    raw = upload.read(MAX_BYTES + 1)
    if len(raw) > MAX_BYTES:
        raise NotAVoucher(_("“%(name)s” is larger than 10 MB. Choose a smaller file.") % {"name": name})
    if raw.startswith(b"%PDF-"):
        if b"%%EOF" not in raw[-TAIL:]:
            raise NotAVoucher(_("“%(name)s” is not a whole PDF. Save it again and retry.") % {"name": name})
        return VoucherFile(name[:200], raw, PDF)
    try:
        photo = safe_photo(io.BytesIO(raw), name)
    except NotAPhoto as refused:
        raise NotAVoucher(
            _("“%(name)s” is neither a PDF nor a photo. Use PDF, JPEG, PNG or WebP.") % {"name": name}
        ) from refused
    return VoucherFile(photo.name, photo.content, photo.content_type)
