"""A second step of signing in: codes of an app, recovery codes, and who is asked for them."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes, policy
from pathlib import Path

import pages
import pytest
from authenticators import code_of, key_on
from factories import NOW, person
from flask import Flask
from flask.testing import FlaskClient
from flask_security import user_failed_authn
from passlib.totp import TOTP
from rivals import Act, at_once
from sqlalchemy import select, text, update
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from solidarity.accounts import leaving, second_factors
from solidarity.accounts.models import Account
from solidarity.config import Misconfigured, Settings
from solidarity.letters import compose
from solidarity.letters.models import Kind
from solidarity.second_factors import authenticator, changes, recovery_codes
from solidarity.second_factors.models import AuthenticatorApp, Passkey, RecoveryCode
from solidarity.web.clock import now
from solidarity.web.db import db
from stories.models import Event, EventKind, Role

PASSWORD = "a long enough password"
SIGN_IN = "/en/account/sign-in"
STEP = "/en/account/sign-in/second-step"
RECOVERY = "/en/account/sign-in/recovery-code"
MINE = "/en/account/second-factor"
APP = f"{MINE}/app"
CODES = f"{MINE}/recovery-codes"
HALF_MINUTE = timedelta(seconds=30)

Subjects = Callable[[], list[tuple[str, str]]]


def enter(client: FlaskClient, email: str = "lani@example.org", **more: str) -> TestResponse:
    """Sign in with the password, in a browser that knows nobody."""
    client.delete_cookie("desk")
    return pages.send(client, SIGN_IN, email=email, password=PASSWORD, **more)


def is_in(client: FlaskClient) -> bool:
    return client.get("/en/workspace").status_code == 303


def set_up(client: FlaskClient, account: Account) -> tuple[str, list[str]]:
    """Set an app up as its owner would; the key in it, and the recovery codes that come with it."""
    pages.sign_in(client, account)
    key = key_on(client.get(APP).text)
    answer = pages.send(client, APP, code=code_of(key, now()))
    assert answer.status_code == 200, answer.text
    db.session.rollback()  # what was looked at here so far is out of date
    return key, codes_on(answer.text)


def codes_on(page: str) -> list[str]:
    return re.findall(r"<li>(\w{4}-\w{4}-\w{4})</li>", page)


def next_code(key: str) -> str:
    """The code that the app shows in half a minute, which counts already: that of now set it up."""
    return code_of(key, now() + HALF_MINUTE)


def forget_last_code(site: Session) -> None:
    """As if time had passed since the last code."""
    site.execute(update(AuthenticatorApp).values(last_counter=0))
    site.commit()


# --- the app


def test_an_app_is_set_up_with_the_code_it_shows_and_asked_for_from_then_on(client: FlaskClient, lani: Account) -> None:
    assert enter(client).location == "/en/workspace"
    key, codes = set_up(client, lani)
    assert (len(codes), len(set(codes))) == (10, 10)
    answer = enter(client, next="/en/my/stories")
    assert (answer.status_code, answer.location) == (303, f"{STEP}?next=/en/my/stories")
    answer = pages.send(client, answer.location, code=next_code(key))
    assert (answer.status_code, answer.location) == (303, "/en/my/stories")
    assert is_in(client)


def test_a_wrong_code_sets_nothing_up_and_the_key_stays(client: FlaskClient, lani: Account) -> None:
    pages.sign_in(client, lani)
    key = key_on(client.get(APP).text)
    answer = pages.send(client, APP, code="000000" if code_of(key, now()) != "000000" else "111111")
    assert (answer.status_code, "This is not the code that the app shows now." in answer.text) == (422, True)
    assert key_on(answer.text) == key
    assert enter(client).location == "/en/workspace"


def test_the_key_is_encrypted_and_the_codes_are_hashed(client: FlaskClient, site: Session, lani: Account) -> None:
    key, codes = set_up(client, lani)
    kept = str(site.execute(text("select * from authenticator_apps, recovery_codes")).all())
    assert key.replace(" ", "") not in kept
    assert not [code for code in codes if code in kept or code.replace("-", "") in kept]


def test_the_code_that_set_the_app_up_opens_nothing(client: FlaskClient, lani: Account) -> None:
    pages.sign_in(client, lani)
    key = key_on(client.get(APP).text)
    code = code_of(key, now())
    pages.send(client, APP, code=code)
    enter(client)
    assert pages.send(client, STEP, code=code).status_code == 422


def test_a_code_works_once(client: FlaskClient, lani: Account) -> None:
    key, _ = set_up(client, lani)
    code = next_code(key)
    answers = []
    for _number in range(2):
        enter(client)
        answers.append(pages.send(client, STEP, code=code).status_code)
    assert answers == [303, 422]
    assert not is_in(client)


def test_of_two_who_show_the_same_code_at_once_one_comes_in(app: Flask, client: FlaskClient, lani: Account) -> None:
    set_up(client, lani)
    account_id, counter = lani.id, int(now().timestamp()) // 30 + 1

    def show(session: Session) -> Callable[[], bool]:
        account = session.get_one(Account, account_id)
        assert account.authenticator_app
        return lambda: changes.use_app(session, account, counter, at=now())

    assert sorted(at_once(app.config["SETTINGS"].database_url, show, show)) == [False, True]


def test_of_two_who_show_the_same_recovery_code_at_once_one_comes_in(
    app: Flask, client: FlaskClient, lani: Account
) -> None:
    _key, codes = set_up(client, lani)
    account_id, secret = lani.id, app.config["SETTINGS"].totp_key

    def show(session: Session) -> Callable[[], int | None]:
        account = session.get_one(Account, account_id)

        def use() -> int | None:
            with app.app_context():
                return changes.use_code(session, account, codes[0], secret)

        return use

    acts: list[Act] = [show, show]
    assert sorted(at_once(app.config["SETTINGS"].database_url, *acts), key=str) == [9, None]


@pytest.mark.parametrize(
    "typed",
    ["{0} {1}", "  {0}{1} ", "{0}-{1}"],
)
def test_a_code_may_be_typed_with_gaps(typed: str) -> None:
    keys = authenticator.Keys("x" * 40, "A site")
    key = keys.new()
    code = code_of("".join(keys.groups(key)), NOW)
    assert keys.matching(key, typed.format(code[:3], code[3:]), NOW) == int(NOW.timestamp()) // 30


@pytest.mark.parametrize("zero", ["٠", "۰", "०", "০", "០"])
def test_a_code_may_be_typed_in_the_digits_of_any_script(zero: str) -> None:
    keys = authenticator.Keys("x" * 40, "A site")
    key = keys.new()
    code = code_of("".join(keys.groups(key)), NOW)
    assert keys.matching(key, "".join(chr(ord(zero) + int(digit)) for digit in code), NOW) is not None


def test_a_clock_may_be_half_a_minute_wrong_and_no_more() -> None:
    keys = authenticator.Keys("x" * 40, "A site")
    key = keys.new()
    shown = "".join(keys.groups(key))
    at = NOW.replace(second=15)
    fits = {
        steps: keys.matching(key, code_of(shown, at + steps * HALF_MINUTE), at) is not None for steps in range(-3, 4)
    }
    assert fits == {-3: False, -2: False, -1: True, 0: True, 1: True, 2: False, 3: False}


@pytest.mark.parametrize("code", ["", "12345", "1234567", "abcdef", "²²²²²²", "x" * 10_000, "\x00"])
def test_what_is_no_code_fits_no_key(code: str) -> None:
    keys = authenticator.Keys("x" * 40, "A site")
    assert keys.matching(keys.new(), code, NOW) is None


def test_a_key_that_another_site_encrypted_fits_no_code() -> None:
    theirs, ours = authenticator.Keys("x" * 40, "A site"), authenticator.Keys("y" * 40, "A site")
    key = theirs.new()
    assert ours.matching(key, code_of("".join(theirs.groups(key)), NOW), NOW) is None


def test_the_code_to_scan_holds_the_key_whatever_the_site_is_called() -> None:
    keys = authenticator.Keys("x" * 40, "Stories: ours & theirs")
    key = keys.new()
    read = TOTP.from_uri(keys.uri(key, "lani@example.org"))
    assert (read.issuer, read.label) == ("Stories ours & theirs", "lani@example.org")
    assert read.base32_key == "".join(keys.groups(key))


def test_the_drawing_of_a_code_to_scan_is_the_code() -> None:
    path, width = authenticator.qr_path("otpauth://totp/a?secret=b")
    black = set()
    for x, y, run in re.findall(r"M(\d+) (\d+)\.5h(\d+)", path):
        black |= {(int(x) + step, int(y)) for step in range(int(run))}
    matrix = authenticator.segno.make_qr("otpauth://totp/a?secret=b").matrix
    assert black == {(x + 4, y + 4) for y, row in enumerate(matrix) for x, module in enumerate(row) if module}
    assert width == len(matrix) + 8


# --- on the way in


def test_between_password_and_code_nobody_is_signed_in(client: FlaskClient, lani: Account) -> None:
    set_up(client, lani)
    enter(client)
    for path in ("/en/my/stories", "/en/workspace", MINE, APP, CODES):
        answer = client.get(path)
        assert (answer.status_code, answer.location.startswith(f"{SIGN_IN}?next=")) == (302, True), path
    with client.session_transaction() as session:
        assert "_user_id" not in session
    assert pages.send(client, STEP, "/en/account/sign-out").location == "/en/"


@pytest.mark.parametrize("page", [STEP, RECOVERY])
def test_the_second_step_is_only_for_who_took_the_first(client: FlaskClient, lani: Account, page: str) -> None:
    set_up(client, lani)
    assert client.get(page).location == "/en/workspace"
    client.delete_cookie("desk")
    assert client.get(page).location == SIGN_IN
    token = pages.token(client, SIGN_IN)
    assert client.post(page, data={"csrf_token": token, "code": "123456"}).location == SIGN_IN


@pytest.mark.parametrize("minutes", [10, -1])
def test_whoever_takes_long_begins_again(client: FlaskClient, lani: Account, minutes: int) -> None:
    key, _ = set_up(client, lani)
    enter(client)
    token = pages.token(client, STEP)
    with client.session_transaction() as session:
        session["second_step_since"] -= minutes * 60
    answer = client.post(STEP, data={"csrf_token": token, "code": next_code(key)})
    assert (answer.location, is_in(client)) == (SIGN_IN, False)


@pytest.mark.parametrize("happens", ["closed", "new password", "removed"])
def test_what_happens_on_the_way_in_counts(client: FlaskClient, site: Session, lani: Account, happens: str) -> None:
    key, _ = set_up(client, lani)
    enter(client)
    token = pages.token(client, STEP)
    if happens == "closed":
        lani.active = False
    elif happens == "new password":
        lani.fs_uniquifier = "another"
    else:
        changes.remove_all(lani)
    site.commit()
    answer = client.post(STEP, data={"csrf_token": token, "code": next_code(key)})
    assert (answer.location, is_in(client)) == (SIGN_IN, False)


def test_nobody_is_led_to_another_site_after_the_second_step(client: FlaskClient, lani: Account) -> None:
    key, _ = set_up(client, lani)
    enter(client)
    answer = pages.send(client, f"{STEP}?next=https://evil.example/", code=next_code(key))
    assert answer.location == "/en/workspace"


def test_a_code_of_somebody_else_opens_nothing(client: FlaskClient, site: Session, lani: Account) -> None:
    key, codes = set_up(client, lani)
    other = pages.account(site, person(site, Role.LEADER), "other@example.org")
    site.commit()
    set_up(client, other)
    enter(client, "other@example.org")
    forget_last_code(site)
    assert pages.send(client, STEP, code=next_code(key)).status_code == 422
    assert pages.send(client, RECOVERY, code=codes[0]).status_code == 422


def test_a_link_for_a_lost_password_leads_round_no_second_step(
    app: Flask, client: FlaskClient, site: Session, lani: Account
) -> None:
    set_up(client, lani)
    client.delete_cookie("desk")
    pages.send(client, "/en/account/password", email="lani@example.org")
    folder = Path(app.config["SETTINGS"].instance_path) / "mail"
    letters = "".join(path.read_text() for path in folder.glob("*.eml"))
    link = re.findall(r"(/en/account/password/[\w.-]{40,})", letters)[-1]
    new = "an altogether new one"
    answer = pages.send(client, link, password=new, password_confirm=new)
    assert (answer.status_code, is_in(client)) == (303, False)
    if answer.location == SIGN_IN:
        answer = pages.send(client, SIGN_IN, email="lani@example.org", password=new)
    assert (answer.location.partition("?")[0], is_in(client)) == (STEP, False)


def test_everybody_comes_in_by_one_door() -> None:
    """Whatever a way in shows first, `second_factors.enter` asks for the rest: nothing else signs anybody in."""
    root = Path(__file__).parents[3] / "solidarity"
    signing_in = re.compile(r"^(?!from|import).*\b(login_user|tf_complete|AUTO_LOGIN\w*)\b", re.MULTILINE)
    files = {str(path.relative_to(root)) for path in root.rglob("*.py") if signing_in.search(path.read_text())}
    anew = {"accounts/own_account.py", "accounts/new_address.py"}  # whoever is in, after all their sessions were ended
    assert files - anew == {"accounts/second_factors.py"}


def test_the_door_asks_for_a_second_factor_whatever_the_first_one_was(
    app: Flask, client: FlaskClient, site: Session, lani: Account
) -> None:
    @app.get("/en/by-letter")
    def by_letter() -> object:
        return second_factors.enter(site.get_one(Account, lani.id), "letter")

    assert client.get("/en/by-letter").location == "/en/workspace"
    set_up(client, lani)
    client.delete_cookie("desk")
    assert (client.get("/en/by-letter").location, is_in(client)) == (STEP, False)


def test_each_wrong_second_factor_is_told_to_whoever_keeps_a_log(
    app: Flask, client: FlaskClient, lani: Account
) -> None:
    _key, codes = set_up(client, lani)
    pages.add_passkey(lani)
    db.session.commit()
    told = []

    def note(_app: object, **failure: object) -> None:
        told.append((failure["auth_type"], failure["tfa"]))

    with user_failed_authn.connected_to(note, app):
        enter(client)
        pages.send(client, STEP, code="123")
        pages.send(client, STEP, code="")
        pages.send(client, STEP, credential="{}")
        pages.send(client, RECOVERY, code="none")
        pages.send(client, RECOVERY, code=codes[0])
    assert told == [("code", True), ("passkey", True), ("recovery code", True)]


# --- recovery codes


def test_a_recovery_code_lets_one_in_once_and_says_how_many_are_left(
    client: FlaskClient, lani: Account, subjects: Subjects
) -> None:
    _key, codes = set_up(client, lani)
    enter(client)
    typed = codes[3].upper().replace("-", " ")
    assert pages.send(client, RECOVERY, code=typed).location == "/en/workspace"
    assert "You used a recovery code; 9 are left." in client.get("/en/my/stories").text
    assert subjects()[-1] == ("lani@example.org", "A recovery code was used to sign in to Solidarity Stories")
    enter(client)
    answer = pages.send(client, RECOVERY, code=codes[3])
    assert (answer.status_code, "This is none of your recovery codes" in answer.text) == (422, True)
    assert pages.send(client, RECOVERY, code=codes[4]).status_code == 303


def test_new_codes_replace_the_old_ones_and_are_shown_once(client: FlaskClient, lani: Account) -> None:
    _key, old = set_up(client, lani)
    new = codes_on(pages.send(client, CODES).text)
    assert (len(new), set(new) & set(old)) == (10, set())
    assert (codes_on(client.get(CODES).text), codes_on(client.get(MINE).text)) == ([], [])
    enter(client)
    assert [pages.send(client, RECOVERY, code=code).status_code for code in (old[0], new[0])] == [422, 303]


def test_codes_are_hard_to_guess_and_easy_to_read() -> None:
    codes = [code for _ in range(200) for code in recovery_codes.new()]
    assert len(set(codes)) == 2_000
    assert set("".join(codes)) == set(recovery_codes.LETTERS) | {"-"}
    assert not set("01ilou") & set(recovery_codes.LETTERS)
    assert len(recovery_codes.LETTERS) ** recovery_codes.LENGTH > 2**58


def test_pages_with_secrets_are_kept_by_nobody(client: FlaskClient, lani: Account) -> None:
    pages.sign_in(client, lani)
    shown = client.get(APP)
    answer = pages.send(client, APP, code=code_of(key_on(shown.text), now()))
    assert [page.headers["Cache-Control"] for page in (shown, answer)] == ["no-store", "no-store"]


# --- taking away


def test_without_app_and_passkeys_recovery_codes_are_gone_and_the_password_is_enough(
    client: FlaskClient, site: Session, lani: Account
) -> None:
    set_up(client, lani)
    assert pages.send(client, MINE, f"{APP}/removal").location == MINE
    assert site.scalars(select(RecoveryCode)).all() == []
    assert enter(client).location == "/en/workspace"


def test_recovery_codes_stay_as_long_as_there_is_a_passkey(client: FlaskClient, site: Session, lani: Account) -> None:
    set_up(client, lani)
    pages.add_passkey(lani)
    site.commit()
    pages.send(client, MINE, f"{APP}/removal")
    assert len(site.scalars(select(RecoveryCode)).all()) == 10


def test_each_change_is_a_letter(client: FlaskClient, lani: Account, subjects: Subjects) -> None:
    set_up(client, lani)
    pages.send(client, CODES)
    pages.send(client, MINE, f"{APP}/removal")
    pages.send(client, MINE, f"{APP}/removal")
    assert subjects() == [("lani@example.org", "How you sign in to Solidarity Stories was changed")] * 4


def test_each_change_is_a_line_of_the_security_log(client: FlaskClient, site: Session, lani: Account) -> None:
    _key, codes = set_up(client, lani)
    enter(client)
    pages.send(client, RECOVERY, code=codes[0])
    pages.send(client, MINE, f"{APP}/removal")
    site.rollback()
    lines = site.scalars(select(Event).order_by(Event.id))
    events = [line for line in lines if line.kind not in {EventKind.SIGNED_IN, EventKind.SETTINGS_CHANGED}]
    assert [(event.kind, event.details) for event in events] == [
        (EventKind.FACTOR_SET, {"what": "app added"}),
        (EventKind.RECOVERY_CODES_MADE, {"what": "first codes"}),
        (EventKind.RECOVERY_CODE_USED, {}),
        (EventKind.FACTOR_REMOVED, {"what": "app removed"}),
    ]
    assert {(event.person_id, event.by_id) for event in events} == {(lani.person_id, lani.person_id)}


def test_letters_are_in_the_language_of_their_reader_and_hold_no_code(
    app: Flask, client: FlaskClient, site: Session, lani: Account, subjects: Subjects
) -> None:
    lani.locale = "ur"
    site.commit()
    key, codes = set_up(client, lani)
    folder = Path(app.config["SETTINGS"].instance_path) / "mail"
    words = "".join(path.read_text() for path in folder.glob("*.eml"))
    assert all("Solidarity Stories" in subject and not subject.isascii() for _to, subject in subjects())
    assert not [secret for secret in (*codes, *key.split()) if secret in words]


def test_whoever_leaves_takes_it_along_and_leaves_nothing_of_it(
    client: FlaskClient, site: Session, lani: Account
) -> None:
    set_up(client, lani)
    passkey = pages.add_passkey(lani)
    site.commit()
    file = pages.send(client, "/en/account/data").data
    kept = json.loads(zipfile.ZipFile(io.BytesIO(file)).read("data.json"))["second_step"]
    assert (kept["passkeys"][0]["name"], kept["recovery_codes_left"]) == ("my phone", 10)
    assert kept["app"]["created_at"]
    assert passkey.credential_id.hex() not in str(kept)
    site.rollback()
    leaving.remove(site, site.get_one(Account, lani.id), leaving.Farewell.STAY)
    assert [site.scalars(select(table)).all() for table in (AuthenticatorApp, Passkey, RecoveryCode)] == [[], [], []]


@pytest.mark.parametrize("change", changes.Change)
def test_each_of_these_letters_says_what_happened_and_what_to_do(
    app: Flask, site: Session, lani: Account, change: changes.Change
) -> None:
    written = compose.write(
        lani, Kind.SECOND_FACTOR, at=NOW, change=change.value, device="my phone", link="http://a.example/"
    )
    body = message_from_bytes(written, policy=policy.default).get_body(("plain",))
    assert body
    hello, what, advice, link = body.get_content().replace("\r\n", "\n").strip().split("\n\n")
    assert (hello, link) == ("Hello Lani Kekoa,", "http://a.example/")
    assert what != advice
    assert ("“my phone”" in what) == ("passkey" in change.value)
    assert "choose another password right now" in advice


def test_a_steward_removes_what_somebody_lost_and_a_letter_tells_them(
    app: Flask, client: FlaskClient, site: Session, lani: Account, subjects: Subjects
) -> None:
    set_up(client, lani)
    pages.add_passkey(lani)
    steward = pages.account(site, person(site, Role.STEWARD), "sam@example.org")
    site.commit()
    pages.sign_in(client, steward)
    page = f"/en/stewarding/people/{lani.id}"
    shown = client.get(page).text
    assert all(words in shown for words in ("an authenticator app", "1 passkey", "10 recovery codes"))
    assert pages.send(client, page, f"{page}/second-factor/removal").location == page
    assert "Remove the second step" not in client.get(page).text
    assert subjects()[-1] == ("lani@example.org", "How you sign in to Solidarity Stories was changed")
    before = len(subjects())
    pages.send(client, page, f"{page}/second-factor/removal")
    assert len(subjects()) == before
    assert enter(client).location == "/en/workspace"


def test_the_command_removes_it_for_the_last_steward(
    app: Flask, client: FlaskClient, lani: Account, subjects: Subjects
) -> None:
    set_up(client, lani)
    run = app.test_cli_runner().invoke
    command = ["people", "remove-second-factor"]
    said = [run(args=[*command, address]).output for address in ("LANI@example.org", "lani@example.org", "no@one.org")]
    assert said == [
        "lani@example.org signs in with the password alone now.\n",
        "lani@example.org had no second factor.\n",
        "Error: There is no account for no@one.org.\n",
    ]
    assert len(subjects()) == 3
    assert enter(client).location == "/en/workspace"


# --- where it is demanded


@pytest.fixture
def demanding(settings: Settings, make_app: Callable[[Settings], Flask]) -> Flask:
    return make_app(replace(settings, second_factor="demanded"))


@pytest.mark.parametrize("role", [Role.MODERATOR, Role.STEWARD])
def test_a_moderator_or_steward_without_one_is_led_to_setting_it_up_and_then_to_their_desk(
    demanding: Flask, role: Role
) -> None:
    client = demanding.test_client()
    with demanding.app_context():
        account = pages.account(db.session, person(db.session, role), "mo@example.org")
        db.session.commit()
        assert enter(client, "mo@example.org").location == "/en/workspace"
        assert client.get("/en/workspace").location == MINE
        page = client.get(MINE)
        assert (page.status_code, "After that, your desk opens." in page.text) == (200, True)
        assert client.get(APP).status_code == 200
        set_up(client, account)
    assert client.get("/en/workspace").location in {"/en/moderating", "/en/stewarding/people"}
    assert "After that, your desk opens." not in client.get(MINE).text


@pytest.mark.parametrize("page", [APP, CODES])
def test_setting_up_asks_who_signed_in_a_while_ago_for_the_password_and_leads_back(
    client: FlaskClient, site: Session, lani: Account, page: str
) -> None:
    pages.add_passkey(lani)
    pages.sign_in(client, lani, ago=timedelta(minutes=11))
    verify = f"/en/account/verify?next={page}"
    assert client.get(page).location == verify
    answer = pages.send(client, verify, password=PASSWORD, next=page)
    assert (answer.location, client.get(page).status_code) == (page, 200)


def test_a_button_that_removes_asks_for_the_password_first_and_then_for_the_button_again(
    client: FlaskClient, site: Session, lani: Account
) -> None:
    passkey = pages.add_passkey(lani)
    pages.sign_in(client, lani, ago=timedelta(minutes=11))
    answer = pages.send(client, MINE, f"{MINE}/passkeys/{passkey.id}/removal")
    assert answer.location == f"/en/account/verify?next={MINE}"
    assert "my phone" in client.get(MINE).text


def test_where_it_is_demanded_the_password_can_be_given_again(demanding: Flask) -> None:
    client = demanding.test_client()
    with demanding.app_context():
        account = pages.account(db.session, person(db.session, Role.MODERATOR), "mo@example.org")
        pages.sign_in(client, account, ago=timedelta(minutes=11))
    assert client.get(client.get(APP).location).status_code == 200


def test_whoever_is_led_there_can_sign_out_instead(demanding: Flask) -> None:
    client = demanding.test_client()
    with demanding.app_context():
        pages.signed_in(db.session, client, person(db.session, Role.MODERATOR))
    assert pages.send(client, MINE, "/en/account/sign-out").location == "/en/"


def test_a_form_that_was_being_written_when_it_was_demanded_is_given_back(demanding: Flask) -> None:
    client = demanding.test_client()
    with demanding.app_context():
        pages.signed_in(db.session, client, person(db.session, Role.STEWARD))
    fields = {"csrf_token": pages.token(client, MINE), "name": "Somebody typed"}
    answer = client.post("/en/stewarding/people", data=fields, headers={"Sec-Fetch-Site": "same-origin"})
    assert (answer.status_code, "Somebody typed" in answer.text) == (428, True)


def test_the_setting_takes_two_words(tmp_path: Path) -> None:
    def demanded(word: str) -> bool:
        return Settings.from_env({"INSTANCE_PATH": str(tmp_path / "i"), "SECOND_FACTOR": word}).second_factor_demanded

    assert [demanded(word) for word in ("", "wanted", "demanded", "DEMANDED")] == [False, False, True, True]
    with pytest.raises(Misconfigured, match="SECOND_FACTOR must be wanted or demanded"):
        demanded("yes")


# --- how often one may try


def with_limits(settings: Settings, make_app: Callable[[Settings], Flask]) -> tuple[Flask, FlaskClient, str, list[str]]:
    """A site with limits, a browser, and the key and the recovery codes of somebody who has an app."""
    app = make_app(replace(settings, rate_limits=True))
    client = app.test_client()
    with app.app_context():
        account = pages.account(db.session, person(db.session, Role.LEADER), "lani@example.org")
        db.session.commit()
        key, codes = set_up(client, account)
    return app, client, key, codes


def test_five_wrong_codes_in_a_minute_are_enough_and_a_recovery_code_still_lets_its_owner_in(
    settings: Settings, make_app: Callable[[Settings], Flask]
) -> None:
    _app, client, _key, codes = with_limits(settings, make_app)
    enter(client)
    tried = {"csrf_token": pages.token(client, STEP), "code": "12345"}
    answers = [
        client.post(STEP, data=tried, environ_overrides={"REMOTE_ADDR": f"203.0.113.{number}"}) for number in range(6)
    ]
    assert [answer.status_code for answer in answers] == [422] * 5 + [429]
    assert "12345" not in answers[-1].text
    assert pages.send(client, RECOVERY, code=codes[0]).status_code == 303


def test_after_five_wrong_ones_the_owner_hears_of_it_once(
    settings: Settings, make_app: Callable[[Settings], Flask]
) -> None:
    _app, client, _key, _codes = with_limits(settings, make_app)
    folder, told = Path(settings.instance_path) / "mail", []
    enter(client)
    for way in [STEP] * 3 + [RECOVERY] * 4:
        pages.send(client, way, code="12345")
        told.append(sum("tries to sign in" in path.read_text() for path in folder.glob("*.eml")) > 0)
    assert told == [False] * 4 + [True] * 3
    assert sum("Subject: Somebody tries to sign in" in path.read_text() for path in folder.glob("*.eml")) == 1


def test_who_does_not_know_the_password_uses_up_nobodys_tries(
    settings: Settings, make_app: Callable[[Settings], Flask]
) -> None:
    app, client, key, _codes = with_limits(settings, make_app)
    stranger = app.test_client()
    token = pages.token(stranger, SIGN_IN)
    answers = [stranger.post(STEP, data={"csrf_token": token, "code": "1"}).status_code for _ in range(30)]
    assert answers == [303] * 30
    enter(client)
    assert pages.send(client, STEP, code=next_code(key)).status_code == 303
