"""The letters that let people in: an invitation, a lost password, and the news that a password was chosen."""

from __future__ import annotations

from typing import Any

from flask import after_this_request, g
from flask_security import MailUtil
from flask_security.mail_util import EmailValidateException
from flask_security.utils import get_message
from itsdangerous import URLSafeTimedSerializer
from werkzeug.wrappers import Response

from solidarity.accounts import sign_in_limits
from solidarity.letters import compose, invitations, outbox
from solidarity.letters.models import Kind
from solidarity.web.db import commit
from stories.text import email_addresses

LOST_PASSWORD = Kind.LOST_PASSWORD.value
PASSWORD_CHOSEN = Kind.PASSWORD_CHOSEN.value


class Letters(MailUtil):
    """Sends Flask-Security's letters through ours: our words, the receiver's language, the site's own address."""

    def send_mail(self, template: str, *_drawn: Any, **values: Any) -> None:
        """Write the letter `template`; values bring the account and, where there is a link to choose, its token."""
        account = values["user"]
        if "reset_token" in values and not sign_in_limits.may_send_letter("new password", account.email):
            return  # the last one stays valid
        if "reset_token" in values and account.password is None:
            invitations.send(account)
        elif "reset_token" in values:
            where = compose.link(account, "security.reset_password", token=values["reset_token"])
            compose.send(account, Kind(template), link=where)
        else:
            kind = Kind.FIRST_PASSWORD if g.get("is_first_password") else Kind(template)
            compose.send(account, kind, link=compose.link(account, "security.forgot_password"))
        after_this_request(_let_go)

    def normalize(self, email: str) -> str:
        """An address as we keep it. Raises EmailValidateException for what is none."""
        try:
            return email_addresses.normalize(email)
        except email_addresses.NotAnAddress as error:
            raise EmailValidateException(get_message("INVALID_EMAIL_ADDRESS")[0]) from error

    def validate(self, email: str) -> str:
        """The same: whether letters arrive shows when one is sent."""
        return self.normalize(email)


def _let_go(response: Response) -> Response:
    """Flask-Security commits only where a password changed; a letter wants it too."""
    commit()
    outbox.hand_over()
    return response


class Tokens(URLSafeTimedSerializer):
    """The signed links to choose a password. Before the first password it is an invitation, which waits longer."""

    def loads(  # type: ignore[override] # the library's own two signatures differ in the same way
        self, s: str | bytes, max_age: float | None = None, return_timestamp: bool = False, salt: Any = None
    ) -> Any:
        """The account's key and a hash of its password; raises SignatureExpired or BadSignature."""
        value = super().loads(s, salt=salt)
        is_invitation = isinstance(value, list) and value[-1] is None
        age = invitations.DAYS * 86_400 if is_invitation else max_age
        return super().loads(s, None if age is None else int(age), return_timestamp, salt)
