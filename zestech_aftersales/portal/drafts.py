"""A booking that is being filled in: answers in the session, photos in the storage, nothing lost between steps."""

from __future__ import annotations

import uuid
from typing import Any, cast

from django.contrib.sessions.backends.base import SessionBase
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from cases.photos import Photo

SESSION_KEY = "booking"
FOLDER = "drafts"


class Draft:
    """The answers so far; one booking at a time for each session."""

    def __init__(self, session: SessionBase) -> None:
        self._session = session
        self.answers: dict[str, Any] = cast(dict[str, Any], session.get(SESSION_KEY, {}))

    def begin(self, cover_id: int, case: str = "") -> None:
        """Start for an order line, in the case with that reference if one is given; what was typed for it stays."""
        if (self.answers.get("cover"), self.answers.get("case", "")) != (cover_id, case):
            self.forget()
            self.answers = {"cover": cover_id, "case": case, "key": uuid.uuid4().hex, "photos": []}
        self._keep()

    def update(self, **answers: Any) -> None:
        """Take over the answers of a step."""
        self.answers.update(answers)
        self._keep()

    def add_photos(self, photos: list[Photo]) -> None:
        """Keep photos until the booking is sent; a folder nobody can guess, below the media root."""
        for photo in photos:
            kept = default_storage.save(f"{FOLDER}/{uuid.uuid4().hex}.jpg", ContentFile(photo.content))
            self.answers["photos"].append({"name": photo.name, "path": kept})
        self._keep()

    def drop_photos(self) -> None:
        """Remove all photos chosen so far."""
        for kept in self.answers.get("photos", []):
            default_storage.delete(kept["path"])
        self.answers["photos"] = []
        self._keep()

    def photos(self) -> list[Photo]:
        """The photos as the action takes them."""
        photos = []
        for kept in self.answers.get("photos", []):
            with default_storage.open(kept["path"], "rb") as stored:
                photos.append(Photo(name=kept["name"], content=stored.read()))
        return photos

    def forget(self) -> None:
        """The booking is sent or given up."""
        for kept in self.answers.get("photos", []):
            default_storage.delete(kept["path"])
        self.answers = {}
        self._session.pop(SESSION_KEY, None)

    def _keep(self) -> None:
        self._session[SESSION_KEY] = self.answers
