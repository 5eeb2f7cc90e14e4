"""Global pooling: one number a plane, wherever on it the answer was; and what that makes of a face."""

from html import escape

import numpy as np
import streamlit as st

from core.images.catalogue import CATALOGUE
from core.images.display import to_bytes
from core.images.faces import face_parts
from core.images.kernels import Kernel, convolve
from core.images.layer import convolution_layer
from core.images.pictures import Picture
from core.images.pooling import global_pool
from core.shapes import format_shape
from core.ui.display import colors, image_html, numbers
from core.ui.display.image_colors import on_page
from core.ui.state.settings import Settings
from core.ui.views.pooling.figures import Plane, figure, frames, times

DEFAULTS = {"p_roll": 0}
FILTERS = ("sobel_x", "sobel_y", "diagonal_down", "diagonal_up", "ridge", "laplacian_8")
SIDE = 150  # screen pixels of a plane
FARTHEST = 16  # px
FACE_TIMES, PART_TIMES, ANSWER_TIMES = 3, 5, 2  # screen pixels a pixel
SAME = 1e-6

FACES = """Global max pooling leaves one number a kernel: the part is somewhere. **Both pictures give the same three
numbers**, so what comes after it calls both a face, or neither. Pooling in small windows loses the same thing a little
at a time: where in the window the part was.

Capsules were proposed for this. They pass on where a part is and how it is turned, and check that the parts fit
together (Sabour, Frosst and Hinton 2017)."""


def show_global(settings: Settings, plane: Plane) -> None:
    """Six feature planes of the picture, and the two numbers that global pooling leaves of each."""
    with st.container(width=320):
        moved = settings.slider(
            "p_roll",
            "Move the picture right (px)",
            0,
            FARTHEST,
            help="What leaves on the right comes back on the left.",
        )
    kernels = [CATALOGUE[key].kernel() for key in FILTERS]
    block = convolution_layer(np.roll(plane.image, moved, axis=1), kernels, relu=True, padding="wrap")
    largest, mean = global_pool(block, "max"), global_pool(block, "average")
    brightest, scale = float(largest.max()) or 1.0, times(block.shape, SIDE)
    st.html(
        frames(
            *(
                image_html.figure(
                    to_bytes(block[:, :, k] / brightest),
                    scale,
                    f"Feature plane of {CATALOGUE[key].title}",
                    escape(CATALOGUE[key].title) + _bars(k, largest, mean),
                )
                for k, key in enumerate(FILTERS)
            )
        )
    )
    height, width, depth = block.shape
    st.markdown(
        f"Six kernels and ReLU make six planes, {format_shape((depth, height, width))} = {numbers.count(block.size)} "
        "numbers. **Global max pooling** keeps the largest of each plane, **global average pooling** the mean: "
        f"{depth} numbers. Move the picture: the planes move along, and not one of these numbers changes. A network "
        "that ends so takes pictures of any size, and no longer knows where anything is."
    )


def _bars(k: int, largest: Picture, mean: Picture) -> str:
    """The two numbers of plane `k`, each with a bar as long as it is beside those of the other planes."""
    rows = "".join(
        f'<tr><th scope="row">{name}</th><td><div style="--role: {color}; width: '
        f'{100 * each[k] / (each.max() or 1):.0f}%"></div></td><td>{numbers.rounded(float(each[k]))}</td></tr>'
        for name, each, color in (("max", largest, colors.CNN.color), ("average", mean, colors.SECOND))
    )
    return f'<table class="bars">{rows}</table>'


def show_faces() -> None:
    """A face and the same with its parts swapped, what looks for each part, and what is left of its answers."""
    faces = face_parts()
    rows = "".join(
        f'<tr><th scope="row">{name}'
        f"{image_html.img(on_page(detector), PART_TIMES, f'Kernel that looks for the {name}')}</th>"
        f"<td>{_ringed(faces.face, detector, f'Answers to the {name} on the face')}"
        f"largest {numbers.rounded(faces.pooled_face[name], 2)}</td>"
        f"<td>{_ringed(faces.scrambled, detector, f'Answers to the {name} on the swapped face')}"
        f"largest {numbers.rounded(faces.pooled_scrambled[name], 2)}</td></tr>"
        for name, detector in faces.detectors.items()
    )
    left, right = st.columns([6, 5], gap="medium")
    with left:
        st.html(
            frames(
                figure(to_bytes(faces.face), FACE_TIMES, "A drawn face", "A face"),
                figure(to_bytes(faces.scrambled), FACE_TIMES, "The face with its parts swapped", "Its parts swapped"),
            )
        )
        st.markdown(FACES)
    with right:
        st.html(
            '<table class="parts"><thead><tr><th scope="col">looks for</th><th scope="col">on the face</th>'
            f'<th scope="col">on the swapped one</th></tr></thead><tbody>{rows}</tbody></table>'
        )


def _ringed(face: Picture, detector: Kernel, alt: str) -> str:
    """A kernel's answers on a drawing, the largest of them ringed."""
    answers = convolve(1 - face, detector)
    height, width = answers.shape
    rings = "".join(
        f'<i style="left: {100 * (column + 0.5) / width:.1f}%; top: {100 * (row + 0.5) / height:.1f}%"></i>'
        for row, column in np.argwhere(answers >= answers.max() - SAME)
    )
    return f'<div class="ringed">{image_html.img(on_page(answers), ANSWER_TIMES, alt)}{rings}</div>'
