"""Named experiments: what the pages offer and `python -m core train NAME` runs.

Chosen on 5,000 held-out training pictures (random search, then the mean of 4 seeds). Their test accuracy and duration
are measured by tests/bench/mnist.py and tests/bench/cifar.py and written in docs/performance.md.
"""

from dataclasses import dataclass, replace

from core.layers import cifar_networks
from core.layers.builders import CAPSNET, capsule_network, cnn_of_blocks, mlp
from core.training.augmentation.pipeline import NONE, random_affine
from core.training.augmentation.pipeline import PRESETS as PIPELINES
from core.training.experiment import Experiment


@dataclass(frozen=True, slots=True)
class Preset:
    """An experiment with a name, and its purpose."""

    name: str
    title: str
    purpose: str
    experiment: Experiment


_MLP = Experiment(
    layers=mlp((320, 320)),  # as right on held-out digits as 384 twice, for four fifths of the multiply-adds
    train_images=47_000,
    epochs=3,
    batch_size=256,
    learning_rate=0.004,
    momentum=0.85,
    beta2=0.95,
    weight_decay=0.03,
    warmup=0.2,
    label_smoothing=0.1,  # the largest single gain found in runs as short as these
    augmentation=random_affine(shift=1),
)
_CNN = Experiment(
    layers=cnn_of_blocks([(16, 3), (32, 5)], padded=False, batch_norm=True, dense=128),
    train_images=34_000,  # little more than half the digits are enough for 99 %
    epochs=1,
    batch_size=100,
    learning_rate=0.006,
    momentum=0.8,
    beta2=0.98,
    weight_decay=0.05,
    warmup=0.2,
    label_smoothing=0.1,
)
_CNN_995 = Experiment(
    layers=cnn_of_blocks([(16, 5), (48, 5)], padded=False, batch_norm=True, dense=256),
    epochs=3,
    batch_size=200,
    learning_rate=0.006,
    momentum=0.9,
    beta2=0.98,
    weight_decay=0.03,
    warmup=0.2,
    label_smoothing=0.1,
    augmentation=random_affine(shift=1),
)

_CAPSULE = Experiment(
    layers=capsule_network(),
    epochs=2,
    batch_size=128,
    optimizer="adam",
    learning_rate=0.004,
    momentum=0.85,
    beta2=0.98,
    warmup=0.3,
    augmentation=random_affine(shift=1),
)
_CAPSULE_DECODER = replace(_CAPSULE, layers=capsule_network(decoder=(128, 256)), epochs=3)
_CAPSNET = replace(
    _CAPSULE,
    layers=CAPSNET,
    epochs=10,
    learning_rate=0.001,
    momentum=0.9,
    beta2=0.999,
    augmentation=random_affine(shift=2),
)

# The recipe of the speed records (see core.layers.cifar_networks).
_SPEED = Experiment(
    layers=cifar_networks.LARGE,
    data="cifar10",
    train_images=50_000,
    epochs=5,
    batch_size=250,
    optimizer="muon",
    learning_rate=0.1,
    momentum=0.6,
    head_lr_factor=0.1,
    non_matrix_lr_factor=12.0,
    label_smoothing=0.2,
    augmentation=PIPELINES["records"],
    whitening=True,
    dirac_init=True,
    norm_momentum=0.4,
    norm_scale=False,
    head_scale=0.004,
)
_CIFAR_70 = replace(
    _SPEED,
    layers=cifar_networks.SMALL,
    train_images=23_000,  # fewer than half of the pictures are enough for 70 %
    epochs=1,
    batch_size=100,
    learning_rate=0.14,
    label_smoothing=0.1,
    augmentation=NONE,  # a picture that is seen once needs no other side
    norm_scale=True,
    head_scale=1.0,
    head_lr_factor=1.0,
    test_time="mirror",  # shifted views give half a point more for three times the wait
)
_CIFAR_80 = replace(
    _CIFAR_70,
    layers=cifar_networks.MID,
    train_images=40_000,
    epochs=2,
    batch_size=200,
    augmentation=PIPELINES["records"],
    low_res_fraction=0.4,
    test_time="mirror+shift",  # a tenth of the wait for half a point or more
)
_CIFAR_90 = replace(
    _SPEED,
    head_lr_factor=0.05,
    low_res_fraction=0.5,
    middle_until=0.75,
    test_time="mirror+shift",
)
_CIFAR_94 = replace(
    _SPEED, layers=cifar_networks.RECORD, epochs=12, batch_size=500, low_res_fraction=0.4, test_time="mirror+shift"
)
_CIFAR_EXERCISE = Experiment(
    layers=cifar_networks.EXERCISE,
    data="cifar10",
    train_images=50_000,
    epochs=8,
    batch_size=128,
    learning_rate=0.002,
    weight_decay=0.01,
    warmup=0.2,
)

PRESETS: dict[str, Preset] = {
    preset.name: preset
    for preset in (
        Preset("mnist-mlp", "MLP, 98.5 %", "A multilayer perceptron with 98.5 % test accuracy on MNIST.", _MLP),
        Preset("mnist-cnn", "CNN, 99 %", "A small CNN: 99 % after one epoch of 34,000 of MNIST's digits.", _CNN),
        Preset("mnist-cnn-995", "CNN, 99.5 %", "A wider CNN with digits shifted by up to a pixel: 99.5 %.", _CNN_995),
        Preset(
            "capsule-small",
            "Capsules, 99 %",
            "128 primary capsules that vote for ten digits: 99 % on MNIST after two epochs.",
            _CAPSULE,
        ),
        Preset(
            "capsule-small-decoder",
            "Capsules that draw",
            "The same with a small decoder, which redraws the digit from its capsule.",
            _CAPSULE_DECODER,
        ),
        Preset(
            "capsule-affine",
            "Capsules without routing",
            "All capsules count the same and share their transformations (Gu and Tresp 2019): 97 %.",
            replace(_CAPSULE, layers=capsule_network(iterations=1, shared=True)),
        ),
        Preset(
            "capsule-cnn",
            "The capsules' companion",
            "A plain CNN with as many parameters as capsule-small: 99.2 % after one epoch of 34,000 digits.",
            replace(_CNN, layers=cnn_of_blocks([(24, 5), (48, 5)], padded=False, batch_norm=True, dense=273)),
        ),
        Preset("capsnet", "CapsNet", "The published network of 8.2 million parameters (Sabour et al. 2017).", _CAPSNET),
        Preset(
            "cifar-70",
            "Small, 70 %",
            "70 % on CIFAR-10 in seconds, after one epoch of half of its pictures.",
            _CIFAR_70,
        ),
        Preset("cifar-80", "Mid, 80 %", "80 % on CIFAR-10 after two epochs of most of its pictures.", _CIFAR_80),
        Preset("cifar-90", "Large, 90 %", "90 % on CIFAR-10 in minutes, with a low-resolution phase first.", _CIFAR_90),
        Preset("cifar-94", "Speed record", "The network of the 94 % speed record, made for a GPU.", _CIFAR_94),
        Preset(
            "cifar-exercise",
            "The course notes' exercise",
            "The course notes' network for CIFAR-10, trained with AdamW and a warm-up only.",
            _CIFAR_EXERCISE,
        ),
    )
}
