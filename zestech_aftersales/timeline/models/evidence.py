"""Evidence: rows that are written once; Python refuses a change before the database does."""

from __future__ import annotations

from typing import Any, NoReturn, TypeVar

from django.db import models

_M = TypeVar("_M", bound=models.Model)


class EvidenceIsFinal(Exception):  # it says what is the case, like RuleBroken
    """Somebody tried to change or delete evidence: a defect in the code, never a user's error."""

    def __init__(self, model: type[models.Model]) -> None:
        super().__init__(f"{model.__name__} is insert-only: write a new row instead.")


class EvidenceQuerySet(models.QuerySet[_M]):
    """A queryset that reads and inserts."""

    def update(self, **_kwargs: Any) -> NoReturn:
        raise EvidenceIsFinal(self.model)

    def delete(self) -> NoReturn:
        raise EvidenceIsFinal(self.model)

    def bulk_update(self, *_args: Any, **_kwargs: Any) -> NoReturn:
        raise EvidenceIsFinal(self.model)

    def update_or_create(self, *_args: Any, **_kwargs: Any) -> NoReturn:
        raise EvidenceIsFinal(self.model)


class Evidence(models.Model):
    """Base of the tables that take inserts only; `timeline.insert_only` guards each by triggers."""

    objects = EvidenceQuerySet.as_manager()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise EvidenceIsFinal(type(self))
        kwargs["force_insert"] = True
        super().save(*args, **kwargs)

    def delete(self, *_args: Any, **_kwargs: Any) -> NoReturn:
        raise EvidenceIsFinal(type(self))
