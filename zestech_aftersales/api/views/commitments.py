"""What a seller promises beyond the rules, to all and not to one buyer (2.3.3)."""

from __future__ import annotations

from http import HTTPStatus

from rest_framework.request import Request
from rest_framework.response import Response

from cases.queries import one
from sellers import queries
from sellers.actions.commitments import end, record_commitment
from sellers.models import SellerCommitment
from zestech_aftersales.api.documented import documented, listed
from zestech_aftersales.api.promise_faces import (
    CommitmentBody,
    CommitmentDetail,
    CommitmentFace,
    CommitmentsQuestion,
    EndCommitmentBody,
    TermFace,
)
from zestech_aftersales.api.views.master import REPEATED, Kept
from zestech_aftersales.api.views.resource import part_of


class CommitmentView(Kept):
    """Commitments: on pages, by the seller himself, and those said to buyers."""

    @listed("List commitments", CommitmentFace, CommitmentsQuestion)
    def index(self, request: Request) -> Response:
        return self.page(queries.commitments_for(self.by), CommitmentFace, CommitmentsQuestion)

    @documented("Read a commitment", "With its terms and the verdict on each.", answer=CommitmentDetail)
    def read(self, request: Request, pk: int) -> Response:
        return self._told(self._commitment(pk).pk)

    @documented(
        "Record a commitment",
        "What the seller promises to all buyers, split into terms. Each is judged at once: what extends or leaves the "
        "rules as they are binds from now on, what narrows them or an earlier promise is void.",
        body=CommitmentBody,
        answer=CommitmentDetail,
        statuses=(HTTPStatus.CREATED,),
        clauses=("2.3.3",),
        refusals=("statement_missing", "terms_missing", "terms_twice", "product_missing", "replaces_another", REPEATED),
    )
    def record(self, request: Request) -> Response:
        seller, told = self.seller(), self.sent(CommitmentBody).validated_data
        product, replaces = told.pop("product"), told.pop("replaces")
        made = record_commitment(
            seller,
            None if product is None else part_of(queries.products_for(self.by), product, "product"),
            **told,
            replaces=None if replaces is None else part_of(queries.commitments_for(self.by), replaces, "replaces"),
            by=self.by,
            at=self.at,
        )
        return self._told(made.pk, HTTPStatus.CREATED)

    @documented(
        "End a commitment",
        "This instant is its last; orders placed before keep it.",
        body=EndCommitmentBody,
        answer=CommitmentDetail,
        clauses=("2.3.3",),
        refusals=("reason_missing", "not_begun", REPEATED),
    )
    def end(self, request: Request, pk: int) -> Response:
        found, told = self._commitment(pk), self.sent(EndCommitmentBody).validated_data
        return self._told(end(found, reason=told["reason"], by=self.by, at=self.at).pk)

    def _commitment(self, pk: int) -> SellerCommitment:
        return one(queries.commitments_for(self.by), pk, self.by)

    def _told(self, pk: int, status: HTTPStatus = HTTPStatus.OK) -> Response:
        found = self._commitment(pk)
        return self.shown(CommitmentDetail, found, status, terms=self.rows(TermFace, found.terms.order_by("id")))
