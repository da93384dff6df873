import copy
import json
import pickle
import traceback
from types import TracebackType
from typing import Any

import msgspec
import phpserialize
import pytest
from hypothesis import given
from hypothesis import strategies as st
from loguru import logger

from messages.errors import InvalidSsid
from messages.secret import HIDDEN, Secret, redact
from messages.session import Frame
from messages.wire import ssid as checked
from messages.wire import ssid_text as pasted
from messages.wire.framing import FrameDecoder
from messages.wire.ssid import Ssid

SESSION = "canary7f3a9c51e0b2d4"
SESSION_ID = "canary0123456789abcdef0123456789"
SIGNATURE = "ca9a7deadbeefdeadbeefdeadbeef1234"
AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.0.0 Safari/537.36"


def login(user_agent: str | bytes | int | None = AGENT) -> str:
    """A session as the platform makes it on login."""
    entries = {"session_id": SESSION_ID, "ip_address": "203.0.113.7", "user_agent": user_agent, "last_activity": 17}
    present = {key: value for key, value in entries.items() if value is not None}
    serialized: bytes = phpserialize.dumps(present)
    return serialized.decode() + SIGNATURE


def body(**changes: object) -> dict[str, object]:
    """A demo body; a change to None takes the field away."""
    fields = {"session": SESSION, "isDemo": 1, "uid": 123456, "platform": 2} | changes
    return {name: value for name, value in fields.items() if value is not None}


def frame(**changes: object) -> str:
    return '42["auth",' + json.dumps(body(**changes), separators=(",", ":"), ensure_ascii=False) + "]"


DEMO = frame()
REAL = frame(session=login(), isDemo=0)
UNESCAPED = REAL.replace('\\"', '"')
CHART = frame(
    session=None, isDemo=None, platform=None, sessionToken=SESSION, uid="123456", currentUrl="cabinet/demo-quick"
)

GOOD = {
    "demo": DEMO,
    "real": REAL,
    "fast": frame(isFastHistory=True, isOptimized=True),
    "chart": CHART,
    "body only": DEMO[10:-1],
    "without 42": DEMO[2:],
    "unquoted": DEMO.replace('"', ""),
    "unquoted body": f"{{session: {SESSION}, isDemo: 1, uid: 123456, platform: 2}}",
    "single quotes": DEMO.replace('"', "'"),
    "in single quotes": f"'{DEMO}'",
    "in double quotes": f'"{DEMO}"',
    "unescaped": UNESCAPED,
    "all quotes lost": UNESCAPED.replace('"', ""),
    "outer quotes lost": UNESCAPED.replace('"session":"', "session:").replace(f'{SIGNATURE}"', SIGNATURE),
    "inner quotes lost": frame(session=login().replace('"', ""), isDemo=0),
    "bracket lost": DEMO[:-1],
    "real, bracket lost": REAL[:-1],
    "altered": frame(session=login().replace("s:32", "s:33"), isDemo=0),
    "signed twice": frame(session=login() + ".", isDemo=0),
    "no user agent": frame(session=login(None)),
    "evil user agent": frame(session=login("Mozilla\r\nCookie: canary")),
    "no platform": frame(platform=None),
    "contradiction": frame(isDemo=0, currentUrl="cabinet/demo-quick"),
    "blanks around": f"\ufeff  {DEMO}\r\n",
    "spread out": '42 [ "auth" , ' + json.dumps(body(), indent=2) + " ]",
}

SESSION_ONLY = pasted.SESSION_ONLY
BAD = {
    "empty": ("", pasted.EMPTY),
    "blank": (" \n", pasted.EMPTY),
    "session id": (SESSION, SESSION_ONLY),
    "quoted session id": (f'"{SESSION}"', SESSION_ONLY),
    "number": ("42", SESSION_ONLY),
    "login session": (login(), SESSION_ONLY),
    "quoted login session": (f"'{login()}'", SESSION_ONLY),
    "auth without body": (f'42["auth","{SESSION}"]', SESSION_ONLY),
    "double-encoded frame": (json.dumps(DEMO), pasted.DOUBLE_ENCODED),
    "double-encoded real frame": (json.dumps(REAL), pasted.DOUBLE_ENCODED),
    "escaped frame": (json.dumps(DEMO)[1:-1], pasted.DOUBLE_ENCODED),
    "double-encoded body": ('42["auth",' + json.dumps(json.dumps(body())) + "]", pasted.DOUBLE_ENCODED),
    "double-encoded alone": (json.dumps(json.dumps(body())), pasted.DOUBLE_ENCODED),
    "escaped body": ('42["auth",' + json.dumps(DEMO[10:-1])[1:-1] + "]", pasted.DOUBLE_ENCODED),
    "double-escaped session": (frame(session=json.dumps(login())[1:-1]), pasted.DOUBLE_ENCODED),
    "string as body": (f'42["auth","{{{SESSION}}}"]', pasted.NOT_AUTH),
    "other event": (DEMO.replace("auth", "subfor"), pasted.NOT_AUTH),
    "third argument": (DEMO[:-1] + ",1]", pasted.NOT_AUTH),
    "other frame": ('42["getBalance",{}]', pasted.NOT_AUTH),
    "list as body": (f'42["auth",[{{"session":"{SESSION}"}}]]', pasted.NOT_AUTH),
    "cut in the session": (DEMO[:30], pasted.UNREADABLE),
    "cut in the uid": (DEMO[: DEMO.index("456")], pasted.UNREADABLE),
    "brace lost": (DEMO[:-2], pasted.UNREADABLE),
    "quote in the session": (frame().replace(SESSION, f'{SESSION}"{SESSION}'), pasted.UNREADABLE),
    "unescaped and altered": (UNESCAPED.replace("s:32", "s:31"), pasted.UNREADABLE),
    "unescaped and unclosed": (UNESCAPED.replace(f'{SIGNATURE}"', SIGNATURE), pasted.UNREADABLE),
    "unknown escape": (DEMO[:-1].replace(SESSION, SESSION + "\\x"), pasted.UNREADABLE),
    "blank in the session": (f"{{session: {SESSION} {SESSION}, isDemo: 1, uid: 1, platform: 2}}", pasted.UNREADABLE),
    "field twice": (f"{{session: {SESSION}, session: {SESSION}, isDemo: 1, uid: 1}}", pasted.UNREADABLE),
    "value missing": (f"{{session: {SESSION}, isDemo: , uid: 1}}", pasted.UNREADABLE),
    "name missing": (f"{{session: {SESSION}, : 1, uid: 1}}", pasted.UNREADABLE),
    "two frames": (DEMO + DEMO, pasted.UNREADABLE),
    "text behind": (DEMO + " 183 12:01", pasted.UNREADABLE),
    "nothing in it": ("42[auth,{}]", pasted.UNREADABLE),
    "too deep": ('42["auth",{"session":"' + SESSION + '","x":' + "[" * 10_000 + "]" * 10_000 + "}]", pasted.TOO_LONG),
    "nested": ('42["auth",{"session":"' + SESSION + '","x":' + "[" * 5_000 + "]" * 5_000 + "}]", pasted.UNREADABLE),
    "not UTF-8": (DEMO.replace("456", "\udcff"), pasted.NOT_UTF8),
    "no session": (frame(session=None), checked.NO_SESSION),
    "two sessions": (frame(sessionToken=SESSION), checked.NO_SESSION),
    "no account": (frame(isDemo=None), checked.NO_ACCOUNT),
}

_WRONG_FIELDS: dict[str, tuple[object, ...]] = {
    "session": (1, "", [SESSION], {"session_id": SESSION}, True),
    "sessionToken": (1, "", [SESSION]),
    "isDemo": (2, -1, "1", 0.5, [], "demo"),
    "uid": (0, -1, 1.5, "", "12a", " 1", "1\n", [], True, 10**19, "1" * 19),
    "platform": (0, 4, "2", 1.5, True, []),
    "currentUrl": (1, [], True),
}
WRONG = {
    f"{name} {number}": (frame(**{name: value}), name)
    for name, values in _WRONG_FIELDS.items()
    for number, value in enumerate(values)
}
WRONG["no uid"] = (frame(uid=None), "uid")
WRONG["no uid, unquoted"] = (f"{{session: {SESSION}, isDemo: 1}}", "uid")
WRONG["text for a number, unquoted"] = (f"{{session: {SESSION}, isDemo: yes, uid: 1}}", "isDemo")

EVERY_BAD = {name: text for name, (text, _) in (BAD | WRONG).items()}


def parse(text: str) -> Ssid:
    return Ssid.parse(Secret(text))


def sent(ssid: Ssid) -> dict[str, Any]:
    """The body of the authentication, as the other side decodes it."""
    received = FrameDecoder().feed(ssid.auth_frame().reveal().encode(), True)
    assert isinstance(received, Frame)
    assert received.event == "auth"
    return msgspec.json.decode(received.payload, type=dict[str, Any])


# What is read


def test_a_demo_frame_is_read_as_it_is() -> None:
    ssid = parse(DEMO)

    assert (ssid.is_demo, ssid.uid, ssid.platform, ssid.user_agent, ssid.warnings) == (True, "123456", 2, None, ())
    assert ssid.auth_frame() == Secret(DEMO)


def test_a_real_session_names_its_user_agent() -> None:
    ssid = parse(REAL)

    assert (ssid.is_demo, ssid.user_agent, ssid.warnings) == (False, AGENT, ())
    assert ssid.auth_frame() == Secret(REAL)


@given(st.text(st.characters(codec="ascii", min_codepoint=32, max_codepoint=126), min_size=1, max_size=150))
def test_any_printable_user_agent_is_found(user_agent: str) -> None:
    assert parse(frame(session=login(user_agent), isDemo=0)).user_agent == user_agent


@pytest.mark.parametrize(
    ("changes", "is_demo"),
    [
        ({"isDemo": 1}, True),
        ({"isDemo": 0}, False),
        ({"isDemo": True}, True),
        ({"isDemo": False}, False),
        ({"isDemo": 0, "currentUrl": "cabinet/quick-high-low"}, False),
        ({"isDemo": 0, "currentUrl": "cabinet/demo-quick-high-low"}, True),
        ({"isDemo": 1, "currentUrl": "cabinet/quick-high-low"}, True),
        ({"isDemo": None, "currentUrl": "cabinet/demo-quick-high-low"}, True),
        ({"isDemo": None, "currentUrl": "cabinet/quick-high-low"}, False),
    ],
)
def test_demo_is_told_by_flag_or_address(changes: dict[str, object], is_demo: bool) -> None:  # noqa: FBT001
    assert parse(frame(**changes)).is_demo is is_demo


@pytest.mark.parametrize("uid", [123456, "123456"])
def test_a_uid_may_be_a_number_or_text(uid: int | str) -> None:
    ssid = parse(frame(uid=uid))

    assert ssid.uid == "123456"
    assert sent(ssid)["uid"] == uid


def test_the_session_may_be_called_session_token() -> None:
    ssid = parse(CHART)

    assert ssid.is_demo
    assert ssid.platform is None
    assert ssid.warnings == (checked.NO_PLATFORM,)
    assert sent(ssid) == {"sessionToken": SESSION, "uid": "123456", "currentUrl": "cabinet/demo-quick"}


def test_fields_nobody_knows_are_sent_on() -> None:
    fields = body(lang="en", isChart=1, extra={"a": [1, None]})

    assert sent(parse(frame(**fields))) == fields


@pytest.mark.parametrize("name", GOOD)
def test_every_good_form_is_sent_as_one_auth_event(name: str) -> None:
    fields = sent(parse(GOOD[name]))

    assert str(fields["uid"]) == "123456"
    assert "canary" in str(fields.get("session", fields.get("sessionToken")))


# What is repaired


@pytest.mark.parametrize(
    ("name", "warnings"),
    [
        ("body only", [pasted.NOT_WHOLE]),
        ("without 42", [pasted.NOT_WHOLE]),
        ("unquoted", [pasted.NOT_JSON]),
        ("unquoted body", [pasted.NOT_WHOLE, pasted.NOT_JSON]),
        ("single quotes", [pasted.NOT_JSON]),
        ("in single quotes", [pasted.QUOTED]),
        ("in double quotes", [pasted.QUOTED]),
        ("bracket lost", [pasted.NOT_JSON]),
        ("blanks around", []),
    ],
)
def test_a_repaired_demo_session_is_the_same_and_warned_about(name: str, warnings: list[str]) -> None:
    ssid = parse(GOOD[name])

    assert sent(ssid) == body()
    assert list(ssid.warnings) == warnings


@pytest.mark.parametrize(
    ("name", "warnings"),
    [
        ("unescaped", [pasted.NOT_JSON]),
        ("all quotes lost", [pasted.NOT_JSON]),
        ("outer quotes lost", [pasted.NOT_JSON]),
        ("real, bracket lost", [pasted.NOT_JSON]),
        ("inner quotes lost", [checked.INNER_QUOTES]),
    ],
)
def test_a_repaired_real_session_is_the_same_and_warned_about(name: str, warnings: list[str]) -> None:
    ssid = parse(GOOD[name])

    assert ssid.auth_frame() == Secret(REAL)
    assert list(ssid.warnings) == warnings
    assert ssid.user_agent == AGENT


@pytest.mark.parametrize(
    ("name", "warning"),
    [
        ("altered", checked.ALTERED),
        ("signed twice", checked.ALTERED),
        ("no user agent", checked.NO_USER_AGENT),
        ("evil user agent", checked.NO_USER_AGENT),
    ],
)
def test_a_suspicious_session_is_warned_about_and_names_no_user_agent(name: str, warning: str) -> None:
    ssid = parse(GOOD[name])

    assert ssid.warnings == (warning,)
    assert ssid.user_agent is None


def test_a_missing_platform_is_warned_about_and_not_invented() -> None:
    ssid = parse(GOOD["no platform"])

    assert ssid.warnings == (checked.NO_PLATFORM,)
    assert ssid.platform is None
    assert "platform" not in sent(ssid)


def test_a_contradiction_about_the_account_is_warned_about() -> None:
    assert parse(GOOD["contradiction"]).warnings == (checked.CONTRADICTION,)


def test_flags_keep_their_types_through_a_repair() -> None:
    ssid = parse(frame(isFastHistory=True, isOptimized=False, lang="en", code="007").replace('"', ""))

    assert sent(ssid) == body(isFastHistory=True, isOptimized=False, lang="en", code="007")


def test_a_session_of_digits_stays_text_through_a_repair() -> None:
    assert sent(parse("{session: 1234567890, isDemo: 1, uid: 1, platform: 2}"))["session"] == "1234567890"


# What is refused


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_ssid_is_refused_with_its_problem(name: str) -> None:
    text, problem = BAD[name]

    with pytest.raises(InvalidSsid) as caught:
        parse(text)

    assert caught.value.problem == problem


@pytest.mark.parametrize("name", WRONG)
def test_a_field_of_a_wrong_type_is_refused_by_its_name(name: str) -> None:
    text, field = WRONG[name]

    with pytest.raises(InvalidSsid, match=field):
        parse(text)


@pytest.mark.parametrize("cut", range(1, len(UNESCAPED) - 1))
def test_a_cut_off_frame_is_never_taken_for_a_whole(cut: int) -> None:
    for text in (UNESCAPED, REAL):
        with pytest.raises(InvalidSsid):
            parse(text[:cut])


def test_the_refusal_shows_what_is_expected() -> None:
    with pytest.raises(InvalidSsid) as caught:
        parse("")

    assert '42["auth",{"session":"…","isDemo":1,"uid":123456,"platform":2}]' in str(caught.value)
    assert "single quotes" in str(caught.value)


@given(
    st.text(max_size=60)
    | st.lists(
        st.sampled_from(['42["auth",', "{", "}", "]", "session", "isDemo", ":", ",", '"', "'", "a:1:{", "1"])
    ).map("".join)
)
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        ssid = parse(text)
    except InvalidSsid:
        return
    assert sent(ssid)


@given(st.sampled_from([DEMO, REAL, UNESCAPED]), st.data())
def test_a_changed_character_is_read_or_refused(text: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(text) - 1))
    character = data.draw(st.sampled_from(list("\"'\\{}[],:;a1 \n")) | st.characters())

    try:
        ssid = parse(text[:at] + character + text[at + 1 :])
    except InvalidSsid:
        return
    assert sent(ssid)


# A credential


def texts_of(ssid: Ssid) -> list[str]:
    return [secret.reveal() for secret in ssid.secrets]


@pytest.mark.parametrize("name", GOOD)
def test_the_secrets_hold_whatever_could_leak(name: str) -> None:
    ssid = parse(GOOD[name])

    texts = texts_of(ssid)

    assert GOOD[name].strip() in texts
    assert ssid.auth_frame().reveal() in texts
    assert SESSION in texts or SESSION_ID in texts or name in ("altered", "signed twice")
    assert texts == sorted(texts, key=len, reverse=True)
    assert "" not in texts


def test_the_parts_of_a_login_are_secrets_too() -> None:
    texts = texts_of(parse(REAL))

    assert {REAL, login(), json.dumps(login())[1:-1], SESSION_ID, SIGNATURE} == set(texts)


@pytest.mark.parametrize("name", GOOD)
def test_the_secrets_suffice_for_redaction(name: str) -> None:
    ssid = parse(GOOD[name])

    for text in (GOOD[name], ssid.auth_frame().reveal(), f"sent {ssid.auth_frame().reveal()!r}"):
        assert "canary" not in redact(text, ssid.secrets)


@pytest.mark.parametrize("name", GOOD)
def test_a_good_ssid_shows_itself_nowhere(name: str) -> None:
    ssid = parse(GOOD[name])

    shown = f"{ssid} {ssid!r} {ssid.warnings} {ssid.secrets} {ssid.auth_frame()} {ssid.auth_frame()!r} {[ssid]}"

    assert "canary" not in shown
    assert "123456" not in shown
    assert HIDDEN in shown


def test_the_repr_tells_demo_from_real() -> None:
    assert repr(parse(DEMO)) == "Ssid(demo, uid=…56)"
    assert repr(parse(REAL)) == "Ssid(real, uid=…56)"


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_an_ssid_is_not_pickled(protocol: int) -> None:
    with pytest.raises(TypeError) as caught:
        pickle.dumps(parse(REAL), protocol)

    assert "canary" not in "".join(traceback.format_exception(caught.value))


def test_an_ssid_is_not_copied_or_encoded() -> None:
    for spread in (copy.deepcopy, msgspec.json.encode):
        with pytest.raises(TypeError):
            spread(parse(REAL))


def failure_of(secret: Secret) -> InvalidSsid:
    try:
        Ssid.parse(secret)
    except InvalidSsid as error:
        return error
    raise AssertionError


def chain(error: BaseException | None) -> list[BaseException]:
    """The error and everything that hangs on it."""
    if error is None:
        return []
    return [error, *chain(error.__cause__), *chain(error.__context__)]


def variables_in(trace: TracebackType | None) -> str:
    """What a debugger sees in every frame the error passed through."""
    return "" if trace is None else repr(trace.tb_frame.f_locals) + variables_in(trace.tb_next)


def logged(error: BaseException) -> str:
    """What loguru's default sink would print of the error: it shows variables."""
    lines: list[str] = []
    sink = logger.add(lines.append, level="TRACE", backtrace=True, diagnose=True)
    try:
        logger.opt(exception=error).error("caught")
    finally:
        logger.remove(sink)
    return "".join(lines)


@pytest.mark.parametrize("name", EVERY_BAD)
def test_a_refusal_shows_the_text_nowhere(name: str) -> None:
    secret = Secret(EVERY_BAD[name])

    error = failure_of(secret)

    shown = [str(error), repr(error), repr(error.args), repr(vars(error)), logged(error)]
    shown += traceback.format_exception(error)
    shown += traceback.TracebackException.from_exception(error, capture_locals=True).format()
    shown += [variables_in(link.__traceback__) for link in chain(error)]
    assert "canary" not in "".join(shown)
    assert b"canary" not in pickle.dumps(error.args)


def test_a_text_in_a_variable_would_be_seen() -> None:
    def careless(text: str) -> None:
        raise InvalidSsid(text[:0])

    with pytest.raises(InvalidSsid) as caught:
        careless(SESSION)

    assert "canary" in logged(caught.value)
    assert "canary" in variables_in(caught.value.__traceback__)
