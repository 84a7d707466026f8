"""Who promises, and what."""

from sellers.models.affiliation import Affiliation, AffiliationBasis
from sellers.models.api_client import ApiClient
from sellers.models.commitment import CommitmentSource, CommitmentState, SellerCommitment, Term, TermState
from sellers.models.engineer import Engineer
from sellers.models.enrolment import Enrolment, EnrolmentState
from sellers.models.membership import Membership
from sellers.models.point import ServicePoint
from sellers.models.product import MarkPeriod, Product
from sellers.models.seller import FormerLegalName, Seller

__all__ = [
    "Affiliation",
    "AffiliationBasis",
    "ApiClient",
    "CommitmentSource",
    "CommitmentState",
    "Engineer",
    "Enrolment",
    "EnrolmentState",
    "FormerLegalName",
    "MarkPeriod",
    "Membership",
    "Product",
    "Seller",
    "SellerCommitment",
    "ServicePoint",
    "Term",
    "TermState",
]
