"""Passkeys (WebAuthn): what browsers are asked, and whether what they answer holds."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import ip_address
from typing import Any, TypeVar
from urllib.parse import urlsplit

import webauthn
from webauthn.authentication.verify_authentication_response import VerifiedAuthentication
from webauthn.helpers import (
    options_to_json,
    parse_authentication_credential_json,
    parse_registration_credential_json,
)
from webauthn.helpers.structs import (
    AuthenticationCredential,
    AuthenticatorSelectionCriteria,
    AuthenticatorTransport,
    PublicKeyCredentialDescriptor,
    RegistrationCredential,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from solidarity.second_factors.models import Passkey

MILLISECONDS = 300_000  # how long a browser waits for a finger: five minutes, for it may be the first time
HANDLE = 32  # bytes by which a key knows its account
Result = TypeVar("Result")


class NotVerified(Exception):
    """What a browser sent holds no passkey, or not the one that was asked for."""


class Obstacle(StrEnum):
    """Why no browser would make a passkey for a site at this address."""

    NO_NAME = "no name"  # http://127.0.0.1:5000: a passkey belongs to a name
    NO_HTTPS = "no https"


@dataclass(frozen=True)
class NewPasskey:
    """A passkey as a browser just made it."""

    credential_id: bytes
    public_key: bytes
    sign_count: int
    transports: tuple[str, ...]


@dataclass(frozen=True)
class RelyingParty:
    """The site as passkeys know it: a key made for one name works at no other, which is why nobody can be lured."""

    base_url: str
    name: str

    @property
    def host(self) -> str:
        """The name that passkeys are bound to."""
        return urlsplit(self.base_url).hostname or ""

    @property
    def origin(self) -> str:
        """The site's address as a browser writes it: without the port that goes without saying."""
        parts = urlsplit(self.base_url)
        host = f"[{self.host}]" if ":" in self.host else self.host
        usual = {"http": 80, "https": 443}[parts.scheme]
        return f"{parts.scheme}://{host}" + ("" if parts.port in {None, usual} else f":{parts.port}")

    @property
    def obstacle(self) -> Obstacle | None:
        """Why there can be no passkeys here, if so. Without https, browsers trust this very machine alone."""
        if _is_ip_address(self.host):
            return Obstacle.NO_NAME
        at_home = self.host == "localhost" or self.host.endswith(".localhost")
        return None if self.base_url.startswith("https:") or at_home else Obstacle.NO_HTTPS

    def creation_options(self, challenge: bytes, account: Any, handle: bytes) -> str:
        """What the browser needs to make a passkey, as JSON; none is made where this account has one already."""
        options = webauthn.generate_registration_options(
            rp_id=self.host,
            rp_name=self.name,
            user_id=handle,
            user_name=account.email,
            user_display_name=account.person.name,
            challenge=challenge,
            timeout=MILLISECONDS,
            exclude_credentials=_described(account.passkeys),
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.PREFERRED,
                user_verification=UserVerificationRequirement.PREFERRED,
            ),
        )
        return options_to_json(options)

    def request_options(self, challenge: bytes, *, of: Sequence[Passkey] = (), verified: bool = False) -> str:
        """What the browser needs to ask for one of the passkeys `of` somebody, or for any it knows, as JSON.

        `verified`: the key has to make sure by finger, face or PIN that it is in the right hands.
        """
        wish = UserVerificationRequirement.REQUIRED if verified else UserVerificationRequirement.DISCOURAGED
        options = webauthn.generate_authentication_options(
            rp_id=self.host,
            challenge=challenge,
            timeout=MILLISECONDS,
            allow_credentials=_described(of),
            user_verification=wish,
        )
        return options_to_json(options)

    def made(self, answer: str, challenge: bytes) -> NewPasskey:
        """The passkey that a browser made. Raises NotVerified."""
        credential = _sound(lambda: parse_registration_credential_json(answer))
        found = _sound(
            lambda: webauthn.verify_registration_response(
                credential=credential,
                expected_challenge=challenge,
                expected_rp_id=self.host,
                expected_origin=self.origin,
            )
        )
        return NewPasskey(found.credential_id, found.credential_public_key, found.sign_count, _transports(credential))

    def shown(self, answer: AuthenticationCredential, passkey: Passkey, challenge: bytes, *, verified: bool) -> int:
        """How often `passkey` has signed by now, if `answer` is its signature. Raises NotVerified."""
        handle = answer.response.user_handle
        if handle is not None and handle != passkey.user_handle:
            raise NotVerified("of another account")
        found: VerifiedAuthentication = _sound(
            lambda: webauthn.verify_authentication_response(
                credential=answer,
                expected_challenge=challenge,
                expected_rp_id=self.host,
                expected_origin=self.origin,
                credential_public_key=passkey.public_key,
                credential_current_sign_count=passkey.sign_count,
                require_user_verification=verified,
            )
        )
        return found.new_sign_count


def answered(text: str) -> AuthenticationCredential:
    """What a browser sent when it was asked for a passkey. Raises NotVerified."""
    return _sound(lambda: parse_authentication_credential_json(text))


def handle_for(has: Sequence[Passkey]) -> bytes:
    """By which name a new passkey is to know its account: that of the others, or a new one at random."""
    return has[0].user_handle if has else secrets.token_bytes(HANDLE)


def _sound(read: Callable[[], Result]) -> Result:
    """What `read` makes of something that a stranger sent. The library trips over bad input in a dozen ways."""
    try:
        return read()
    except Exception as error:  # whatever does not read well was not verified
        raise NotVerified(type(error).__name__) from error


def _described(passkeys: Sequence[Passkey]) -> list[PublicKeyCredentialDescriptor]:
    known = {transport.value for transport in AuthenticatorTransport}
    return [
        PublicKeyCredentialDescriptor(
            id=passkey.credential_id,
            transports=[AuthenticatorTransport(way) for way in passkey.transports if way in known] or None,
        )
        for passkey in passkeys
    ]


def _transports(credential: RegistrationCredential) -> tuple[str, ...]:
    return tuple(transport.value for transport in credential.response.transports or ())


def _is_ip_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
