"""Parts, reports, photos and shipments for tests."""

from __future__ import annotations

import io
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from cases.actions.shipments import announce_shipment, ship
from cases.models import ServiceAppointment, Shipment
from cases.photos import Photo, safe_photo
from cases.terms import Parcel, PartTerms
from tests.factories import cases as make

CHARGED: dict[str, Any] = {"paid_by": "buyer", "amount": Decimal("49.00"), "currency": "USD"}

PARCEL = {"carrier": "Post", "tracking_number": "RR123456789CN", "tracking_url": "https://post.example/RR123456789CN"}


def a_part(name: str = "CAN harness", **given: Any) -> PartTerms:
    """A part that costs the buyer nothing."""
    return PartTerms(name=name, **{"number": "ZT-H1", **given})


def picture(size: tuple[int, int] = (40, 30)) -> bytes:
    """A PNG as a phone might send it, with a comment that must not survive."""
    out = io.BytesIO()
    Image.new("RGB", size, "#0f5c66").save(out, "PNG")
    return out.getvalue()


def a_photo(name: str = "harness.png") -> Photo:
    """A photo as the pages take it: encoded anew."""
    return safe_photo(io.BytesIO(picture()), name)


def an_upload(name: str = "harness.png", content: bytes | None = None) -> SimpleUploadedFile:
    """A file that a form sends."""
    return SimpleUploadedFile(name, picture() if content is None else content, content_type="image/png")


def announced(
    appointment: ServiceAppointment, *, at: datetime | None = None, contents: str = "1 CAN harness"
) -> Shipment:
    """A spare part that the seller will send."""
    by = make.seller_of(appointment)
    return announce_shipment(appointment.case, "spare_part", contents, by=by, at=at or appointment.received_at)


def sent_to(appointment: ServiceAppointment, *, at: datetime | None = None, **given: Any) -> Shipment:
    """A spare part on its way to the buyer."""
    parcel = Parcel(**{**PARCEL, **given})
    at = at or appointment.received_at
    return ship(announced(appointment, at=at), parcel, by=make.seller_of(appointment), at=at)
