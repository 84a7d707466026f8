"""A finished pack as a download."""

from __future__ import annotations

from django.http import FileResponse

from complaints.packs.making import Pack


def pack_answer(pack: Pack) -> FileResponse:
    """Send it a little at a time from its temporary file, which goes with the answer; nobody on the way keeps it."""
    answer = FileResponse(pack.file, as_attachment=True, filename=pack.name, content_type="application/zip")
    answer.headers["Cache-Control"] = "private, no-store"
    return answer
