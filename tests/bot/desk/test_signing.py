"""Who may come to the desk, and who may not."""

from __future__ import annotations

from tests.bot.desk.conftest import PASSWORD, House


def test_the_desk_is_closed_to_whoever_is_not_signed_in(house: House) -> None:
    """Every page of the desk leads to the sign-in page, and remembers where one wanted to go."""
    for path in ("/desk", "/desk/notices", "/desk/cases/621021-2026-000001-6"):
        answer = house.browser().get(path)
        assert answer.status_code == 303
        assert answer.headers["location"] == f"/desk/sign-in?next={path}"


def test_the_cookie_is_out_of_reach_of_scripts_and_of_foreign_pages(house: House) -> None:
    """The cookie of a sign-in is HttpOnly, SameSite=Strict, bound to the desk, and ends after twelve hours."""
    answer = house.browser().sign_in("officer", PASSWORD)
    cookie = next(
        c for c in answer.headers.get_list("set-cookie") if c.startswith("jianting_desk=") and "Max-Age=0" not in c
    )
    for mark in ("HttpOnly", "SameSite=strict", "Path=/desk", "Max-Age=43200"):
        assert mark in cookie


def test_a_wrong_password_says_nothing_of_the_name(house: House) -> None:
    """A wrong password and an unknown name get the same sentence, and what was typed as name is kept."""
    wrong = house.browser(origin="10.1.0.1").sign_in("officer", "wrong password")
    unknown = house.browser(origin="10.1.0.2").sign_in("nobody", "wrong password")
    assert wrong.status_code == unknown.status_code == 401
    assert "用户名或口令不对" in wrong.text
    assert "用户名或口令不对" in unknown.text
    assert 'value="officer"' in wrong.text


def test_guessing_is_slowed_down(house: House) -> None:
    """After five wrong tries from one address no further one is looked at, not even the right one."""
    browser = house.browser(origin="10.2.0.1")
    for attempt in range(5):
        assert browser.sign_in(f"guess{attempt}", "wrong password").status_code == 401
    late = browser.sign_in("keeper", PASSWORD)
    assert late.status_code == 429
    assert "试错次数太多" in late.text


def test_a_sign_in_form_of_another_page_opens_nothing(house: House) -> None:
    """Without the token of the page the right password is not even looked at."""
    browser = house.browser()
    answer = browser.client.post("/desk/sign-in", data={"username": "officer", "password": PASSWORD})
    assert answer.status_code == 403
    assert "jianting_desk" not in browser.client.cookies


def test_the_way_back_stays_inside(house: House) -> None:
    """A sign-in leads only to pages of the desk, whatever the address asked for."""
    browser = house.browser()
    for foreign in ("https://example.org/desk", "//example.org", "/desk/../privacy", "/deskx"):
        form = {"username": "officer", "password": PASSWORD, "csrf": browser.token("/desk/sign-in"), "next": foreign}
        assert browser.client.post("/desk/sign-in", data=form).headers["location"] == "/desk"
        browser.client.cookies.clear()


def test_signing_out_ends_the_sign_in_on_the_server(house: House) -> None:
    """A copied cookie opens nothing after its owner signed out."""
    browser = house.browser()
    browser.sign_in("officer", PASSWORD)
    copied = browser.client.cookies["jianting_desk"]
    browser.client.post("/desk/sign-out", data={"csrf": browser.token("/desk")})
    thief = house.browser()
    thief.client.cookies.set("jianting_desk", copied)
    assert thief.get("/desk").status_code == 303


def test_strangers_who_try_a_name_do_not_lock_its_owner_out(house: House) -> None:
    """Wrong tries from many addresses close the name to strangers, not to where its owner signed in before."""
    assert house.browser(origin="10.3.0.1").sign_in("locked", PASSWORD).status_code == 303
    for attempt in range(6):
        house.browser(origin=f"10.3.1.{attempt}").sign_in("locked", "wrong password")
    assert house.browser(origin="10.3.2.1").sign_in("locked", PASSWORD).status_code == 429
    assert house.browser(origin="10.3.0.1").sign_in("locked", PASSWORD).status_code == 303
