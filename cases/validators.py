"""What a field of a case may hold."""

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils.translation import gettext_lazy as _

# Without a port, a password or another scheme in disguise: it becomes a link on the buyer's page.
_https = URLValidator(schemes=["https"], message=_("Give a link that begins with https://."))


def only_https(link: str) -> None:
    """Raises ValidationError unless the link is a plain https address."""
    _https(link)
    if "@" in link.removeprefix("https://").partition("/")[0]:
        raise ValidationError(_("Give a link that begins with https://."), code="invalid")
