"""What Flask-Security says to people, in our words. It translates each sentence as it is shown."""

from __future__ import annotations

N_ = str  # marks a sentence for translation where it stands in a table

MESSAGES = {
    "GENERIC_AUTHN_FAILED": (N_("This e-mail address and password do not belong together. Please try again."), "error"),
    "GENERIC_RECOVERY": (N_("If this address has an account here, a letter is on its way to it."), "info"),
    "PASSWORD_RESET_REQUEST": (N_("If this address has an account here, a letter is on its way to it."), "info"),
    "PASSWORD_RESET_EXPIRED": (N_("This link is too old. Give your e-mail address to get a new one."), "error"),
    "INVALID_RESET_PASSWORD_TOKEN": (
        N_("This link was used already, or it did not reach us whole. Give your e-mail address to get a new one."),
        "error",
    ),
    "PASSWORD_RESET_NO_LOGIN": (N_("Your new password is set."), "success"),
    "PASSWORD_INVALID_LENGTH": (N_("Please choose a password of %(length)s to 128 characters."), "error"),
    "PASSWORD_NOT_PROVIDED": (N_("Please write your password."), "error"),
    "RETYPE_PASSWORD_MISMATCH": (N_("The two passwords differ."), "error"),
    "EMAIL_NOT_PROVIDED": (N_("Please write your e-mail address."), "error"),
    "INVALID_EMAIL_ADDRESS": (N_("Please write an e-mail address, such as name@example.org."), "error"),
    "INVALID_REDIRECT": (N_("The page you were to be led to is not on this site."), "error"),
    "USER_DOES_NOT_EXIST": (N_("There is no account with this address."), "error"),
    "INVALID_PASSWORD": (N_("This is not the password."), "error"),
    "DISABLED_ACCOUNT": (N_("This account is closed. A steward of the site can open it again."), "error"),
    "REAUTHENTICATION_REQUIRED": (
        N_("You signed in a while ago. Please write your password once more, to be sure it is you."),
        "info",
    ),
    "REAUTHENTICATION_SUCCESSFUL": (N_("Thank you. You can go on."), "success"),
    "UNAUTHENTICATED": (N_("Please sign in first."), "info"),
    "UNAUTHORIZED": (N_("This is not open to you."), "error"),
    "LOGIN": (N_("Please sign in first."), "info"),
    "API_ERROR": (N_("Please write text here."), "error"),
}
