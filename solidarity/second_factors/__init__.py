"""What somebody shows beside their password: codes of an authenticator app, passkeys, recovery codes.

See docs/decisions/signing-in.md.
"""
