"""The bearer tokens of other systems, looked up together with whom they speak for."""

from __future__ import annotations

import hashlib
from typing import Any

from oauth2_provider.models import get_access_token_model
from oauth2_provider.oauth2_validators import OAuth2Validator


class BoundTokens(OAuth2Validator):
    """The library's rules for tokens; the application's binding comes along in the same query."""

    def _load_access_token(self, token: str) -> Any:
        kept = get_access_token_model().objects.select_related("application__binding__buyer")
        return next(iter(kept.filter(token_checksum=hashlib.sha256(token.encode()).hexdigest())), None)
