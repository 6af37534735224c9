"""What is kept of somebody's second factors: enough to check one, never enough to show one."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, declared_attr, mapped_column, relationship

from stories.models import Base
from stories.models.base import Json, Moment

_OWNED: dict[str, Any] = {"cascade": "all, delete-orphan", "passive_deletes": True}
NAME = 60  # characters of the name of a passkey


class AuthenticatorApp(Base):
    """The one app that makes codes for an account. Its key is encrypted (`authenticator.Keys`)."""

    __tablename__ = "authenticator_apps"

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"), unique=True)
    key: Mapped[str] = mapped_column(String(500))
    last_counter: Mapped[int] = mapped_column()  # the half minute of the last code that was taken: no code works twice
    created_at: Mapped[datetime] = mapped_column(Moment)
    used_at: Mapped[datetime | None] = mapped_column(Moment)


class Passkey(Base):
    """The public half of a key in somebody's phone, computer or stick."""

    __tablename__ = "passkeys"

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(NAME))
    credential_id: Mapped[bytes] = mapped_column(LargeBinary(1024), unique=True)
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    user_handle: Mapped[bytes] = mapped_column(LargeBinary(64))  # by which it knows the account; says nothing
    sign_count: Mapped[int] = mapped_column(BigInteger)
    transports: Mapped[list[str]] = mapped_column(Json)
    created_at: Mapped[datetime] = mapped_column(Moment)
    used_at: Mapped[datetime | None] = mapped_column(Moment)


class RecoveryCode(Base):
    """A code that was written down for bad days, as a keyed hash. The row goes when the code is used."""

    __tablename__ = "recovery_codes"
    __table_args__ = (UniqueConstraint("account_id", "digest"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"))
    digest: Mapped[str] = mapped_column(String(64))


class SecondFactors:
    """What an account has of them: a parent of `Account`."""

    @declared_attr
    def authenticator_app(cls) -> Mapped[AuthenticatorApp | None]:  # noqa: N805 - SQLAlchemy hands in the class
        """The app, if one is set up."""
        return relationship(AuthenticatorApp, **_OWNED)

    @declared_attr
    def passkeys(cls) -> Mapped[list[Passkey]]:  # noqa: N805
        """The passkeys, the oldest first."""
        return relationship(Passkey, **_OWNED, order_by=Passkey.id)

    @declared_attr
    def recovery_codes(cls) -> Mapped[list[RecoveryCode]]:  # noqa: N805
        """The codes that were not used yet."""
        return relationship(RecoveryCode, **_OWNED)

    @property
    def has_second_factor(self) -> bool:
        """Whether signing in asks for more than the password."""
        return self.authenticator_app is not None or bool(self.passkeys)
