"""The formulas of layers of capsules: how planes become vectors, the routing between them, and the decoder."""

import itertools
import math

from core.layers.formulas.notation import tex
from core.layers.shape_inference.inferred_layer import Shape
from core.layers.specs import CapsuleDecoder, PrimaryCapsules, RoutedCapsules


def _squash(index: str) -> str:
    """Return the formula of capsules, shortened to a length below 1."""
    s = f"s_{index}"
    square = rf"\lVert {s} \rVert^2"
    return rf"v_{index} &= \frac{{{square}}}{{1 + {square}}} \, \frac{{{s}}}{{\lVert {s} \rVert}}"


def primary_capsules(layer: PrimaryCapsules, capsules: int, plane: Shape) -> list[str]:
    """Return how the planes of a convolution are read as vectors."""
    planes = tex(layer.types * layer.dimensions)
    numbers = rf"{tex(layer.types)} \cdot {plane[0]} \cdot {plane[1]} = {tex(capsules)}"
    return [
        rf"K &= T \cdot E = {layer.types} \cdot {layer.dimensions} = {planes}",
        rf"\text{{capsules}} &= T \cdot H_{{\text{{out}}}} \cdot W_{{\text{{out}}}} = {numbers}",
        _squash("j"),
    ]


def routed_capsules(layer: RoutedCapsules, input_shape: Shape) -> list[str]:
    """Return predictions, coupling coefficients, sums and cost of a routing."""
    count, size = input_shape
    matrix = "W_j" if layer.shared else "W_{ij}"
    routed = layer.iterations > 1
    weights = r"J \cdot D \cdot E" if layer.shared else r"I \cdot J \cdot D \cdot E"
    factors = [layer.capsules, size, layer.dimensions]
    numbers = r" \cdot ".join(map(tex, factors if layer.shared else [count, *factors]))
    products = count * math.prod(factors)
    parameters = math.prod(factors) if layer.shared else products
    all_numbers = r" \cdot ".join(map(tex, [count, *factors]))
    return [
        rf"\hat{{u}}_{{ij}} &= u_i {matrix}",
        r"c_{ij} &= \frac{e^{b_{ij}}}{\sum_k e^{b_{ik}}}"
        if routed
        else rf"c_{{ij}} &= \frac{{1}}{{J}} = \frac{{1}}{{{tex(layer.capsules)}}}",
        *([r"b_{ij} &\leftarrow b_{ij} + \hat{u}_{ij} \cdot v_j"] if routed else []),
        r"s_j &= \sum_i c_{ij} \hat{u}_{ij}",
        _squash("j"),
        rf"\text{{parameters}} &= {weights} = {numbers} = {tex(parameters)}",
        rf"\text{{MACs}} &= I \cdot J \cdot D \cdot E = {all_numbers} = {tex(products)}",
    ]


def decoder(layer: CapsuleDecoder, input_shape: Shape, pixels: int) -> list[str]:
    """Return the cost of a decoder: three fully connected layers, from all capsules, all but one set to 0."""
    units = (math.prod(input_shape), layer.first, layer.second, pixels)
    pairs = list(itertools.pairwise(units))
    sums = " + ".join(rf"{tex(before)} \cdot {tex(after)}" for before, after in pairs)
    letters = r"J E \cdot N_1 + N_1 \cdot N_2 + N_2 \cdot N_{\text{pixels}}"
    macs, biases = sum(before * after for before, after in pairs), sum(units[1:])
    bias_sum = f"{' + '.join(map(tex, units[1:]))} = {tex(biases)}"
    return [
        r"y &= v \text{, unchanged}",
        rf"\text{{weights}} &= {letters} = {sums} = {tex(macs)}",
        rf"\text{{biases}} &= N_1 + N_2 + N_{{\text{{pixels}}}} = {bias_sum}",
        rf"\text{{parameters}} &= {tex(macs)} + {tex(biases)} = {tex(macs + biases)}",
        rf"\text{{MACs}} &= {tex(macs)}",
    ]
