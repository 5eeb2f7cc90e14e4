"""Who asks: the same browser is the same person, whatever mask its cookie wears."""

from streamlit.web.server.starlette.starlette_app_utils import generate_xsrf_token_string

from core.ui.backend.client import _token


def test_the_token_under_the_mask_stays() -> None:
    token = bytes(range(16))
    cookies = {generate_xsrf_token_string(token, 1_700_000_000) for _ in range(5)}
    assert len(cookies) == 5
    assert {_token(cookie) for cookie in cookies} == {token}


def test_anything_else_is_no_token() -> None:
    for cookie in ("", "2|zz|00|1", "1|00|00|1", "2||00|1", "a|b", "2|00|00"):
        assert _token(cookie) is None
