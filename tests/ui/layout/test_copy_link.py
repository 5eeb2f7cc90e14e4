"""The title line's tools: the code of an address, and what a link cannot hold."""

import cv2
import numpy as np
import pytest

from core.ui.layout.copy_link import MAX_QR, missing, modules
from core.ui.state import page_url


@pytest.mark.parametrize("length", [20, 200, 900])
def test_a_code_is_read_as_its_address(length: int) -> None:
    address = f"https://lab.example.org/kernels?k_kernel={'x' * length}"
    rows = modules(address)
    assert rows is not None
    black = np.array([[module == "1" for module in row] for row in rows])
    picture = np.kron(np.pad(np.where(black, 0, 255), 4, constant_values=255), np.ones((6, 6))).astype(np.uint8)
    assert cv2.QRCodeDetector().detectAndDecode(picture)[0] == address


def test_an_address_that_is_too_long_has_no_code() -> None:
    assert modules("a" * MAX_QR) is not None
    assert modules("a" * (MAX_QR + 1)) is None
    assert modules("") is None


def test_what_no_link_holds_is_said() -> None:
    assert missing(False, ["box"]) == []
    assert len(missing(True, ["box"])) == 1
    assert len(missing(True, ["x" * (page_url.MAX_LENGTH + 1)])) == 2
