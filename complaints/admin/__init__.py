"""The staff desk of the judgement: one module a thing, each registers itself."""

from complaints.admin import assignment as _assignment  # noqa: F401
from complaints.admin import audits as _audits  # noqa: F401
from complaints.admin import case_file as _case_file  # noqa: F401
from complaints.admin import clearances as _clearances  # noqa: F401
from complaints.admin import complaints as _complaints  # noqa: F401
from complaints.admin import filing as _filing  # noqa: F401
from complaints.admin import losses as _losses  # noqa: F401
from complaints.admin import packs as _packs  # noqa: F401
from complaints.admin import precedents as _precedents  # noqa: F401
from complaints.admin import violations as _violations  # noqa: F401
