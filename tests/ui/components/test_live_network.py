"""Home's network: what the browser computes is what torch does."""

import json
from pathlib import Path

import numpy as np
import pytest

from core.data import embedded_digits
from core.insight import browser_network
from core.insight.pretrained import NetworkError, network
from core.ui.components.live_network import NETWORK, SHOWN, message
from core.ui.layout.navigation import PAGES
from tests.test_javascript import run


def test_two_hundred_digits_get_torchs_logits(tmp_path: Path) -> None:
    from core.insight.loaded_network import load

    digits = embedded_digits.load().test_images[::5].copy()
    assert len(digits) == 200
    head, weights = browser_network.pack(NETWORK)
    file = tmp_path / "message"
    line = json.dumps({"network": head, "bytes": len(weights)}).encode()
    file.write_bytes(line + b"\n" + weights + digits.tobytes())
    done = run("node", "tests/js/answers.js", str(file))
    assert done.returncode == 0, done.stderr
    found = np.array(json.loads(done.stdout))
    loaded = load(network(NETWORK).file)
    expected = loaded.logits(loaded.prepared(digits)).detach().float().numpy()
    np.testing.assert_allclose(found, expected, rtol=0, atol=5e-3)
    np.testing.assert_array_equal(found.argmax(1), expected.argmax(1))


def test_the_browser_gets_a_test_digit_of_each_class_and_a_place_for_each_page() -> None:
    line, _, rest = message().partition(b"\n")
    head = json.loads(line)
    assert set(head["labels"]) == set(range(10))
    assert len(rest) == head["bytes"] + len(SHOWN) * 28 * 28
    assert len(message()) < 180_000  # bytes a visitor of home gets
    assert [page["name"] for page in head["pages"]] == [page.name for page in PAGES[1:]]
    pictures = np.frombuffer(rest[head["bytes"] :], np.uint8).reshape(-1, 28, 28)
    tests = embedded_digits.load()
    for picture, label in zip(pictures, head["labels"], strict=True):
        same = (tests.test_images[:, 0] == picture).all(axis=(1, 2))
        assert tests.test_labels[same].tolist() == [label]


def test_only_a_cnn_of_two_blocks_is_packed() -> None:
    with pytest.raises(NetworkError, match="no CNN of two blocks"):
        browser_network.pack("mnist-mlp")
