"""The refusal that every channel shows alike: a clause, a code and what to do now."""

from typing import Any


class RuleBroken(Exception):
    """What was asked for is against the rules.

    clause: the clause that says so ("2.3.4", or "" where only good order is at stake).
    code: stable machine word ("cover_expired"). detail: a translated sentence that tells the
    person what to do. status: 409 (the thing has moved on) or 422 (the request cannot be met).
    context: further facts for the answer, JSON-ready.
    """

    def __init__(
        self,
        clause: str,
        code: str,
        *,
        detail: object = "",
        status: int = 409,
        context: dict[str, Any] | None = None,
    ) -> None:
        if status not in (409, 422):
            raise ValueError(f"A broken rule is answered with 409 or 422, not {status}.")
        super().__init__(clause, code)
        self.clause = clause
        self.code = code
        self.status = status
        self.context = context or {}
        self._detail = detail

    @property
    def detail(self) -> str:
        """The sentence, translated when it is read."""
        return str(self._detail)

    def __str__(self) -> str:
        cited = f"[{self.clause}] {self.code}" if self.clause else self.code
        return f"{cited}: {self.detail}" if self.detail else cited
