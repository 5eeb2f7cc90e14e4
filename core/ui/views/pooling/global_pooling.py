"""Global pooling: one number per plane, independent of position; and its limits, shown with a face."""

import numpy as np
import streamlit as st
from markupsafe import Markup, escape

from core.images.convolution import convolve
from core.images.faces import face_parts
from core.images.filter_layer import convolution_layer
from core.images.kernel_catalogue import CATALOGUE
from core.images.kernels import Kernel
from core.images.pictures import Picture
from core.images.pooling import global_pool
from core.images.rendering import full_size, to_bytes
from core.size_text import format_shape
from core.ui.display import colors, image_html, numbers
from core.ui.display.image_colors import on_page
from core.ui.layout import column_grid
from core.ui.state.settings import Settings
from core.ui.views.pooling.figures import Plane, figure, frames, zoom

DEFAULTS = {"p_roll": 0}
FILTERS = ("sobel_x", "sobel_y", "diagonal_down", "diagonal_up", "ridge", "laplacian_8")
PLANE_SIDE = 150  # screen pixels
MAX_SHIFT = 16  # px
FACE_ZOOM, PART_ZOOM, RESPONSE_ZOOM = 3, 5, 2  # screen pixels per pixel
TOLERANCE = 1e-6

FACES = """Global max pooling keeps one number per kernel: the part is somewhere in the picture. **Both pictures give
the same three numbers**, so the following layers classify both as a face, or neither. Small pooling windows
also lose position, a little at a time: where in the window the part was.

Capsules were proposed as a remedy. They pass on the position and orientation of each part, and check that the parts fit
together (Sabour, Frosst and Hinton 2017)."""


def show_global(settings: Settings, plane: Plane) -> None:
    """Draw six feature planes of the picture, and the two numbers that global pooling keeps of each."""
    with st.container(width=320):
        shift = settings.slider(
            "p_roll",
            "Move the picture right (px)",
            0,
            MAX_SHIFT,
            help="Pixels that leave on the right come back on the left.",
        )
    kernels = [CATALOGUE[key].kernel() for key in FILTERS]
    block = convolution_layer(np.roll(plane.image, shift, axis=1), kernels, relu=True, padding="wrap")
    largest, mean = global_pool(block, "max"), global_pool(block, "average")
    brightest, scale = full_size(largest), zoom(block.shape, PLANE_SIDE)
    st.html(
        frames(
            *(
                Markup(
                    image_html.figure(
                        to_bytes(block[:, :, k] / brightest),
                        scale,
                        f"Feature plane of {CATALOGUE[key].title}",
                        escape(CATALOGUE[key].title) + _bars(k, largest, mean),
                    )
                )
                for k, key in enumerate(FILTERS)
            )
        )
    )
    height, width, depth = block.shape
    st.markdown(
        f"Six kernels and ReLU make six planes, {format_shape((depth, height, width))} = {numbers.count(block.size)} "
        "numbers. **Global max pooling** keeps the largest of each plane, **global average pooling** the mean: "
        f"{depth} numbers. Move the picture: the planes move with it, and none of these numbers change. A network "
        "that ends with global pooling accepts pictures of any size, and its output does not depend on position."
    )


def _bars(k: int, largest: Picture, mean: Picture) -> Markup:
    """Return the two numbers of plane `k`, each with a bar relative to the largest of all planes."""
    row = Markup('<tr><th scope="row">{}</th><td><div style="--role: {}; width: {:.0f}%"></div></td><td>{}</td></tr>')
    rows = Markup().join(
        row.format(name, color, 100 * values[k] / (values.max() or 1), numbers.rounded(float(values[k])))
        for name, values, color in (("max", largest, colors.CNN.color), ("average", mean, colors.SECOND))
    )
    return Markup('<table class="bars">{}</table>').format(rows)


def show_faces() -> None:
    """Draw a face and a copy with swapped parts, a detector for each part, and its pooled responses."""
    faces = face_parts()
    row = Markup('<tr><th scope="row">{}{}</th><td>{}largest {}</td><td>{}largest {}</td></tr>')
    rows = Markup().join(
        row.format(
            name,
            Markup(image_html.img(on_page(detector), PART_ZOOM, f"Kernel that detects the {name}")),
            _ringed(faces.face, detector, f"Response to the {name} on the face"),
            numbers.rounded(faces.pooled_face[name], 2),
            _ringed(faces.scrambled, detector, f"Response to the {name} on the swapped face"),
            numbers.rounded(faces.pooled_scrambled[name], 2),
        )
        for name, detector in faces.detectors.items()
    )
    left, right = column_grid.halves()
    with left:
        st.html(
            frames(
                figure(to_bytes(faces.face), FACE_ZOOM, "A drawn face", "A face"),
                figure(to_bytes(faces.scrambled), FACE_ZOOM, "The face with its parts swapped", "Its parts swapped"),
            )
        )
        st.markdown(FACES)
    with right:
        st.html(
            Markup(
                '<table class="parts"><thead><tr><th scope="col">detects</th><th scope="col">face</th>'
                '<th scope="col">swapped face</th></tr></thead><tbody>{}</tbody></table>'
            ).format(rows)
        )


def _ringed(face: Picture, detector: Kernel, alt: str) -> Markup:
    """Return a kernel's response to a drawing, with its maxima ringed."""
    response = convolve(1 - face, detector)
    height, width = response.shape
    ring = Markup('<i style="left: {:.1f}%; top: {:.1f}%"></i>')
    rings = Markup().join(
        ring.format(100 * (column + 0.5) / width, 100 * (row + 0.5) / height)
        for row, column in np.argwhere(response >= response.max() - TOLERANCE)
    )
    picture = Markup(image_html.img(on_page(response), RESPONSE_ZOOM, alt))
    return Markup('<div class="ringed">{}{}</div>').format(picture, rings)
