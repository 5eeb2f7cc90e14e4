"""Named experiments: what the pages offer and `python -m core train NAME` runs."""

from dataclasses import dataclass, replace

from core.layers.specs import Activation, BatchNorm, Conv, Flatten, Layer, Linear, Network, Pool
from core.training.experiment import Augmentation, Experiment


@dataclass(frozen=True, slots=True)
class Preset:
    """An experiment with a name, and what it is for."""

    name: str
    title: str
    purpose: str
    experiment: Experiment


def _mnist_cnn(filters: tuple[int, int], batch_norm: bool) -> Network:
    norm: tuple[Layer, ...] = (BatchNorm(),) if batch_norm else ()
    return (
        *(Conv(filters[0], 5), Pool("max", 2), *norm, Activation()),
        *(Conv(filters[1], 3), Pool("max", 2), *norm, Activation()),
        *(Flatten(), Linear(256), Activation(), Linear(10)),
    )


_MLP = Experiment(
    layers=(Flatten(), Linear(512), Activation(), Linear(512), Activation(), Linear(10)),
    epochs=3,
    batch_size=256,
    learning_rate=0.003,
    momentum=0.9,
    beta2=0.99,
    weight_decay=0.02,
    warmup=0.3,
    augmentation=Augmentation(shift=1),
)
_CNN = Experiment(
    layers=_mnist_cnn((24, 32), batch_norm=False),
    epochs=1,
    batch_size=256,
    learning_rate=0.01,
    momentum=0.7,
    beta2=0.9,
    warmup=0.3,
)
_CNN_995 = replace(
    _CNN,
    layers=_mnist_cnn((24, 48), batch_norm=True),
    epochs=4,
    learning_rate=0.006,
    momentum=0.85,
    beta2=0.95,
    weight_decay=0.02,
    augmentation=Augmentation(shift=1),
)

PRESETS: dict[str, Preset] = {
    preset.name: preset
    for preset in (
        Preset("mnist-mlp", "MLP, 98.5 %", "A multilayer perceptron that reads 98.5 % of MNIST's test digits.", _MLP),
        Preset("mnist-cnn", "CNN, 99 %", "A small convolutional network: 99 % after one look at each digit.", _CNN),
        Preset("mnist-cnn-995", "CNN, 99.5 %", "The same idea with batch norm and moved digits: 99.5 %.", _CNN_995),
    )
}
