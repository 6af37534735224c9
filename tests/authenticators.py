"""What people hold in their hands, as software: an app that makes codes, a key that makes and shows passkeys."""

from __future__ import annotations

import hashlib
import html
import json
import re
import secrets
import struct
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from passlib.totp import TOTP
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url

PRESENT, VERIFIED, NEW = 0x01, 0x04, 0x40


def code_of(key: str, at: datetime) -> str:
    """The six digits that an app with this key shows at a moment. The key is as one types it, spaces and all."""
    return str(TOTP(key).generate(at).token)


def key_on(page: str) -> str:
    """The key that the page of setting up an app shows."""
    shown = re.search(r'<p class="secret-key"[^>]*>(.*?)</p>', page)
    assert shown
    return re.sub("<.*?>", "", shown[1]).strip()


def options_on(page: str) -> dict[str, Any]:
    """What a page asks the browser for."""
    found = re.search(r'data-options="([^"]+)"', page)
    assert found, "the page asks for no passkey"
    options: dict[str, Any] = json.loads(html.unescape(found[1]))
    return options


@dataclass
class Key:
    """A security key with one passkey, which asks for a finger (`verifies`) or only for a touch."""

    verifies: bool = True
    signs: int = 0  # how often it has signed
    counts: bool = True  # synced passkeys count nothing
    id: bytes = field(default_factory=lambda: secrets.token_bytes(16))
    private: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    user_handle: str = ""

    def create(self, options: dict[str, Any], origin: str = "") -> str:
        """What the browser answers to `navigator.credentials.create`."""
        self.user_handle = options["user"]["id"]
        made = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": self._data(options["rp"]["id"], with_key=True)})
        return self._credential("create", options, origin or f"https://{options['rp']['id']}", attestationObject=made)

    def get(self, options: dict[str, Any], origin: str = "", **changed: str) -> str:
        """What it answers to `navigator.credentials.get`."""
        origin = origin or f"https://{options['rpId']}"
        data = self._data(options["rpId"])
        signed = data + hashlib.sha256(self._client_data("get", options, origin)).digest()
        signature = self.private.sign(signed, ec.ECDSA(hashes.SHA256()))
        return self._credential(
            "get", options, origin, authenticatorData=data, signature=signature,
            userHandle=base64url_to_bytes(changed.get("user_handle", self.user_handle)),
        )  # fmt: skip

    def _data(self, host: str, *, with_key: bool = False) -> bytes:
        self.signs += self.counts
        flags = PRESENT | (VERIFIED if self.verifies else 0) | (NEW if with_key else 0)
        data = hashlib.sha256(host.encode()).digest() + struct.pack(">BI", flags, self.signs)
        return data + (bytes(16) + struct.pack(">H", len(self.id)) + self.id + self._public() if with_key else b"")

    def _public(self) -> bytes:
        point = self.private.public_key().public_numbers()
        return cbor2.dumps({1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32), -3: point.y.to_bytes(32)})

    def _client_data(self, step: str, options: dict[str, Any], origin: str) -> bytes:
        said = {"type": f"webauthn.{step}", "challenge": options["challenge"], "origin": origin, "crossOrigin": False}
        return json.dumps(said).encode()

    def _credential(self, step: str, options: dict[str, Any], origin: str, **parts: bytes) -> str:
        parts["clientDataJSON"] = self._client_data(step, options, origin)
        name = bytes_to_base64url(self.id)
        response = {part: bytes_to_base64url(value) for part, value in parts.items()} | {"transports": ["internal"]}
        return json.dumps({"id": name, "rawId": name, "type": "public-key", "response": response})
