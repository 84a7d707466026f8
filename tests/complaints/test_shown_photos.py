"""What a side showed with photos alone is seen by everybody who decides, and by the other side (3.3)."""

import pytest

from cases.photos import Photo
from tests.factories import cases as make
from tests.factories import complaints as file
from tests.factories.accounts import SupportFactory
from tests.factories.complaints import FILED, HOUR, NEGOTIATED

pytestmark = [pytest.mark.django_db, pytest.mark.clause("3.3")]

JPEG = b"\xff\xd8\xff"


@pytest.fixture(autouse=True)
def own_media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def pages(client, complaint):
    """The complaint as the officer, its buyer and its seller see it."""
    seen = {
        SupportFactory(): f"/admin/complaints/complaint/{complaint.pk}/change/",
        complaint.buyer: f"/portal/complaints/{complaint.reference}/",
        make.seller_of(complaint).user: f"/dashboard/judgement/complaints/{complaint.reference}/",
    }
    for person, page in seen.items():
        client.force_login(person)
        yield client.get(page).content.decode()


def test_the_photos_of_an_objection(client, frozen):
    complaint = file.determined()
    by = make.seller_of(complaint)
    file.objected(complaint, by=by, at=NEGOTIATED + 2 * HOUR, evidence="", photos=[Photo("calls.jpg", JPEG)])
    frozen.move_to(NEGOTIATED + 3 * HOUR)
    assert all("calls" in page for page in pages(client, complaint))


def test_the_photos_that_a_complaint_is_filed_with(client, frozen):
    complaint = file.filed(photos=[Photo("wait.jpg", JPEG)])
    frozen.move_to(FILED + HOUR)
    assert all("wait" in page for page in pages(client, complaint))
