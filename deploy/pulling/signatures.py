"""How shop platforms want requests signed: over all parameters, by name, name and value without anything between."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from hashlib import md5, sha256


def md5_around(parameters: Mapping[str, str], secret: str) -> str:
    """Pinduoduo's `sign`, and Taobao's of `sign_method=md5`: upper hex MD5 of secret, parameters, secret."""
    return md5(f"{secret}{_joined(parameters)}{secret}".encode(), usedforsecurity=False).hexdigest().upper()


def hmac_sha256(parameters: Mapping[str, str], secret: str) -> str:
    """Taobao's `sign` of `sign_method=hmac-sha256`: upper hex HMAC of the parameters, with the secret as key."""
    return hmac.digest(secret.encode(), _joined(parameters).encode(), sha256).hex().upper()


def _joined(parameters: Mapping[str, str]) -> str:
    return "".join(f"{name}{value}" for name, value in sorted(parameters.items()) if name != "sign")
