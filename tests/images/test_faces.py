import numpy as np
import pytest

from core.images.convolution import convolve
from core.images.faces import face_parts
from core.images.pooling import global_pool, pool


def test_a_scrambled_face_gives_the_same_pooled_answers():
    faces = face_parts()
    assert faces.face.shape == faces.scrambled.shape == (64, 64)
    assert faces.pooled_face == pytest.approx(faces.pooled_scrambled, abs=1e-12)
    assert (faces.face != faces.scrambled).mean() > 0.02, "to the eye they differ"
    np.testing.assert_array_equal(np.sort(faces.face, axis=None), np.sort(faces.scrambled, axis=None))


def test_each_detector_answers_1_at_its_own_part_and_less_elsewhere():
    faces = face_parts()
    for picture in (faces.face, faces.scrambled):
        ink = (1 - picture) / (1 - picture).max()
        for name, detector in faces.detectors.items():
            answers = convolve(ink, detector)
            assert global_pool(answers, "max") == pytest.approx(faces.pooled_face[name], abs=1e-5)
            places = np.argwhere(answers > 0.9)
            assert len(places) == (2 if name == "eye" else 1)
    assert faces.pooled_face == pytest.approx({"eye": 1, "nose": 1, "mouth": 1}, abs=1e-6)


def test_pooling_less_keeps_where_the_parts_are():
    """In 4 x 4 windows of 16 px the two differ: the coarser the pooling, the less it knows of place."""
    faces = face_parts()
    one, other = (
        pool(convolve(1 - picture, faces.detectors["mouth"]), "max", 16) for picture in (faces.face, faces.scrambled)
    )
    assert np.abs(one - other).max() > 0.4
