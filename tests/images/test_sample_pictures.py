import subprocess
import sys
from importlib.metadata import files

import numpy as np
import pytest

from core.images import sample_pictures
from core.images.pictures import PictureError
from core.images.sample_pictures import SAMPLES, sample


def test_every_photograph_is_in_scikit_images_own_package():
    """In the list of what pip installed, that is: not something a data fetcher left beside it."""
    installed = {str(path) for path in files("scikit-image")}
    for entry in SAMPLES.values():
        if isinstance(entry.source, str):
            assert f"skimage/data/{entry.source}" in installed


@pytest.mark.parametrize("key", SAMPLES)
def test_every_sample_is_a_picture_with_words(key):
    picture, entry = sample(key, 96), SAMPLES[key]
    assert picture.dtype == np.float32
    assert picture.ndim == 2 or picture.shape[2] == 3
    assert max(picture.shape[:2]) == 96
    assert picture.min() >= 0
    assert picture.max() <= 1
    assert picture.std() > 0.005, "there is something to see"
    assert entry.key == key
    assert len(entry.alt) > 10
    assert any(word in entry.credit for word in ("CC0", "public domain", "no known copyright", "Drawn by CNN Lab"))


def test_a_sample_keeps_its_shape_and_is_not_made_larger():
    assert sample("cat").shape == (300, 451, 3)
    assert sample("astronaut").shape == (512, 512, 3)
    assert sample("coffee", 300).shape == (200, 300, 3)
    assert sample("camera").ndim == 2


def test_no_sample_needs_the_network_or_the_app():
    """Reading them all loads no fetcher, and neither torch nor Streamlit."""
    program = (
        "import sys, socket\n"
        "def refuse(*_): raise AssertionError('network')\n"
        "socket.socket.connect = refuse\n"
        "from core.images.sample_pictures import SAMPLES, sample\n"
        "for key in SAMPLES: sample(key, 64)\n"
        "bad = {'pooch', 'torch', 'streamlit', 'skimage.data._fetchers', 'requests'} & set(sys.modules)\n"
        "assert not bad, bad\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr


def test_a_missing_file_and_an_unknown_name_are_sentences(monkeypatch):
    with pytest.raises(PictureError, match="no picture named 'lena'"):
        sample("lena")
    monkeypatch.setattr(sample_pictures.resources, "files", lambda _: __import__("pathlib").Path("/nowhere"))
    with pytest.raises(PictureError, match="reinstall"):
        sample("cat")
