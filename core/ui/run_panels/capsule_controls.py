"""The sizes of a small capsule network as controls, the same on every page that trains one."""

from dataclasses import dataclass
from typing import Any

from core.layers.builders import capsule_network
from core.layers.specs import CapsuleDecoder, Conv, Network, PrimaryCapsules, RoutedCapsules
from core.ui.state.settings import Settings, Width

TYPES, POSE, DIMENSIONS, ITERATIONS, FILTERS = (1, 32), (2, 16), (2, 32), (0, 5), (1, 256)
DECODER = (256, 512)  # units of the hidden layers


@dataclass(frozen=True, slots=True)
class CapsuleControls:
    """The controls of one page or card; their keys begin with `prefix`."""

    settings: Settings
    prefix: str
    width: Width = "stretch"

    @staticmethod
    def defaults(prefix: str, *, decoder: bool = False) -> dict[str, Any]:
        """Return the default settings: the preset capsule-small."""
        sizes = {"types": 8, "pose": 8, "dims": 16, "iterations": 3, "filters": 48, "decoder": decoder}
        return {f"{prefix}_{name}": size for name, size in sizes.items()}

    def iterations(self) -> int:
        """Draw the number of routing iterations."""
        return int(
            self._slider(
                "iterations",
                "Iterations",
                ITERATIONS,
                "Iterations of routing: how often the capsules compare their votes. With 0 or 1 all count the same.",
            )
        )

    def types(self, *, disabled: bool = False) -> int:
        """Draw the number of types of primary capsules."""
        help = "Kinds of primary capsules. Each kind is there at 4 × 4 places: 8 types are 128 capsules."
        return int(self._slider("types", "Capsule types", TYPES, help, disabled=disabled))

    def pose(self) -> int:
        """Draw the numbers of a primary capsule."""
        return int(self._slider("pose", "Pose numbers", POSE, "Length of each primary capsule's vector: its numbers."))

    def dimensions(self) -> int:
        """Draw the numbers of a digit's capsule."""
        help = "Numbers of each digit's capsule, the vector whose length is the prediction."
        return int(self._slider("dims", "Dimensions", DIMENSIONS, help))

    def filters(self, *, disabled: bool = False) -> int:
        """Draw the filters of the convolution before the capsules."""
        help = "Kernels of the convolution before the capsules."
        return int(self._slider("filters", "Filters K", FILTERS, help, disabled=disabled))

    def decoder(self) -> bool:
        """Draw the switch of the decoder."""
        return self.settings.switch(
            f"{self.prefix}_decoder",
            "Reconstruction",
            help="A decoder redraws the digit from its capsule's numbers, and its error is part of the training loss: "
            "the numbers then have to describe the digit. It takes no part in the prediction.",
        )

    def _slider(self, name: str, label: str, limits: tuple[int, int], help: str, *, disabled: bool = False) -> Any:
        return self.settings.slider(
            f"{self.prefix}_{name}", label, *limits, help=help, disabled=disabled, width=self.width
        )


def read(layers: Network, prefix: str) -> dict[str, Any] | None:
    """Return the controls' values for a network of this family; None for any other network."""
    first = next((layer for layer in layers if isinstance(layer, Conv)), None)
    primary = next((layer for layer in layers if isinstance(layer, PrimaryCapsules)), None)
    routed = next((layer for layer in layers if isinstance(layer, RoutedCapsules)), None)
    if first is None or primary is None or routed is None:
        return None
    drawn = any(isinstance(layer, CapsuleDecoder) for layer in layers)
    sizes = {
        "types": primary.types,
        "pose": primary.dimensions,
        "dims": routed.dimensions,
        "iterations": routed.iterations,
        "filters": first.filters,
    }
    limits = {"types": TYPES, "pose": POSE, "dims": DIMENSIONS, "iterations": ITERATIONS, "filters": FILTERS}
    fits = all(limits[name][0] <= size <= limits[name][1] for name, size in sizes.items())
    if not fits or network(**sizes, decoder=drawn) != layers:
        return None
    return {f"{prefix}_{name}": size for name, size in {**sizes, "decoder": drawn}.items()}


def network(types: int, pose: int, dims: int, iterations: int, filters: int, decoder: bool) -> Network:
    """Return the network of these settings."""
    return capsule_network(
        filters,
        types=types,
        pose=pose,
        dimensions=dims,
        iterations=iterations,
        decoder=DECODER if decoder else None,
    )
