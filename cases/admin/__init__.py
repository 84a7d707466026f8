"""The staff desk of what happens: one module a thing, each registers itself."""

from cases.admin import cases as _cases  # noqa: F401
from cases.admin import editions as _editions  # noqa: F401
from cases.admin import exclusions as _exclusions  # noqa: F401
from cases.admin import incidents as _incidents  # noqa: F401
from cases.admin import sellers as _sellers  # noqa: F401
from cases.admin import service as _service  # noqa: F401
from cases.admin import simulations as _simulations  # noqa: F401
