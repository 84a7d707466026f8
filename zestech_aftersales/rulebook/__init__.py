"""The law of after-sales: clauses, rule editions, periods and refusals."""

from zestech_aftersales.rulebook.clauses import CLAUSES, Clause, clause
from zestech_aftersales.rulebook.refusals import RuleBroken

__all__ = ["CLAUSES", "Clause", "RuleBroken", "clause"]
