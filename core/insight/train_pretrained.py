"""Train the pretrained networks of the app, measure them, and write them to core/insight/pretrained_weights.

    python -m core.insight.train_pretrained [--measure] [NAME ...]

It needs the whole of MNIST and CIFAR-10 (`python -m core data` says whether they are here) and took 146 s of processor
time on 2 shared cores, and the capsule networks 400 s more. Seeds, threads and precision are fixed, so equal machines
with equal PyTorch find equal weights (safetensors writes the names beside them in another order each time).
"""

import argparse
import json
import os
import sys
from dataclasses import dataclass, replace
from typing import Any

from core import data
from core.insight.pretrained import FOLDER, PAIRS, PRETRAINED, network, pairs_network
from core.layers.builders import mlp, with_blur_pooling
from core.layers.calculator import analyze, totals
from core.layers.specs import Activation, BatchNorm, Conv, Flatten, Linear, Pool
from core.training.augmentation.pipeline import NONE, random_affine
from core.training.experiment import Experiment
from core.training.presets import PRESETS

ALL_PICTURES = 1_000_000  # more test pictures than any dataset has
THREADS = 2  # of PyTorch: another number adds in another order, and the weights differ in their last digits


@dataclass(frozen=True, slots=True)
class Recipe:
    """A pretrained network, and its entry in the README."""

    title: str
    about: str
    experiment: Experiment
    half: bool = False  # the file holds float16, which is cast when it is read: half the size, the same answers


# short_batch: they were trained when an epoch still left out a last batch that is shorter.
_FIXED: dict[str, Any] = {"precision": "float32", "short_batch": False}
_WHOLE_MNIST: dict[str, Any] = {"train_images": 60_000, **_FIXED}
_MLP = replace(PRESETS["mnist-mlp"].experiment, layers=mlp((128, 128)), augmentation=NONE, **_WHOLE_MNIST)
_CNN = replace(PRESETS["mnist-cnn"].experiment, **_WHOLE_MNIST)
# Sabour et al. 2017, section 5.2: digits placed at random on 40 x 40 black pixels, and moved in no other way.
_CNN_40 = replace(_CNN, data="mnist-40", epochs=2, augmentation=random_affine(shift=6))
# They were trained before the betas of the presets were found.
_CAPSULE_FIXED: dict[str, Any] = {"momentum": 0.9, "beta2": 0.999, "precision": "float32"}
_CAPSULE = replace(PRESETS["capsule-small-decoder"].experiment, **_CAPSULE_FIXED)
# As the CNN beside it, until it is as often right on digits that are only placed: as many epochs as that takes.
_CAPSULE_40 = replace(
    PRESETS["capsule-small"].experiment,
    data="mnist-40",
    augmentation=_CNN_40.augmentation,
    epochs=8,
    **_CAPSULE_FIXED,
)
_CIFAR_CNN = Experiment(
    layers=(
        # As large as 7 x 7 so that there is something to see in a filter; the stride keeps it cheap.
        *(Conv(16, 7, stride=2, padding=3), BatchNorm(), Activation("relu")),
        *(Conv(32, 3, padding=1), BatchNorm(), Activation("relu"), Pool("max", 2)),
        *(Conv(64, 3, padding=1), BatchNorm(), Activation("relu"), Pool("max", 2)),
        *(Flatten(), Linear(10)),
    ),
    data="cifar10",
    epochs=3,
    batch_size=128,
    # SGD with a strong decay: the random weights a filter begins with fade, and what is left is smooth. After as many
    # epochs of AdamW at its usual decay of 0.05, the filters still look like noise, and the accuracy is the same.
    optimizer="nesterov",
    learning_rate=0.1,
    weight_decay=0.01,
    warmup=0.2,
    **_FIXED,
)

RECIPES: dict[str, Recipe] = {
    "mnist-linear": Recipe(
        "Linear classifier",
        "ten units with a weight for every pixel",
        Experiment(
            layers=mlp(()),
            batch_size=100,
            optimizer="sgd",
            learning_rate=0.02,
            weight_decay=0.02,  # the weights of pixels that say nothing fade, which makes pictures of the rest
            **_FIXED,
        ),
    ),
    "mnist-mlp": Recipe("MLP", "two hidden layers of 128 units", _MLP),
    "mnist-cnn": Recipe("CNN", "two convolutions of 16 and 32 filters", _CNN),
    "mnist-cnn-moved": Recipe(
        "CNN with augmentation",
        "the same on digits moved by up to 4 px, turned by up to 20° and scaled by up to 15 %",
        replace(_CNN, epochs=3, augmentation=random_affine(shift=4, rotate=20, scale=0.15)),
    ),
    "mnist-cnn-blur": Recipe(
        "Blur-pooled CNN",
        "the CNN with each max pooling blurred by 3 × 3 before every second value is kept (Zhang 2019)",
        replace(_CNN, layers=with_blur_pooling(_CNN.layers)),
    ),
    "mnist-40-cnn": Recipe("CNN for 40 × 40", "the CNN, trained as the paper on affNIST has it", _CNN_40),
    "mnist-40-cnn-blur": Recipe(
        "Blur-pooled CNN for 40 × 40",
        "the same, blur-pooled",
        replace(_CNN_40, layers=with_blur_pooling(_CNN_40.layers)),
    ),
    "mnist-capsule": Recipe(
        "Capsules",
        "128 primary capsules that vote for ten digits, and a decoder that redraws the digit",
        _CAPSULE,
        half=True,
    ),
    "mnist-40-capsule": Recipe(
        "Capsules for 40 × 40",
        "392 primary capsules that vote for ten digits, trained as the paper on affNIST has it",
        _CAPSULE_40,
        half=True,
    ),
    "cifar-cnn": Recipe("CNN for CIFAR-10", "three convolutions, the first of 16 filters of 3 × 7 × 7", _CIFAR_CNN),
}


def train_network(name: str) -> None:
    """Train one network of RECIPES on the CPU, and write its weights and what was measured.

    Raises:
        DataError: The whole dataset is not available.
    """
    from core.training import checkpoints  # torch, which those who only read RECIPES do without
    from core.training.events import Checkpoint, Evaluated
    from core.training.loop import train

    recipe = RECIPES[name]
    data.load(recipe.experiment.data, exact=True)
    for event in train(recipe.experiment, "cpu", threads=THREADS):
        match event:
            case Evaluated():
                print(f"{name}: epoch {event.epoch:.2f}, {event.accuracy:.2%} of the test set", file=sys.stderr)
            case Checkpoint():
                last = event
    tensors = {key: tensor.half() for key, tensor in last.tensors.items()} if recipe.half else last.tensors
    checkpoints.save_weights(FOLDER / f"{name}.safetensors", replace(last, tensors=tensors, state=_lasting(last.state)))
    about = {
        "title": recipe.title,
        "experiment": json.loads(recipe.experiment.to_json()),
        "mean": last.state["mean"],
        "std": last.state["std"],
    }
    write_description(name, {**about, **measured(name)})


def remeasure(name: str) -> None:
    """Measure a network again without training it."""
    about = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    write_description(name, {**about, **measured(name)})


def measured(name: str) -> dict[str, object]:
    """Measure the network in a file on the whole test set.

    Returns:
        How many answers are right of how many, and the accuracy lost by shifts, with its 95 % interval: {px: [loss,
        low, high]}.
    """
    from core.insight import invariance
    from core.insight.loaded_network import load
    from core.insight.transforms import AffineTransform

    pictures, labels = invariance.some_pictures(ALL_PICTURES, 0, RECIPES[name].experiment.data)
    network = load(FOLDER / f"{name}.safetensors")
    right = invariance.answers(network, pictures, [AffineTransform()], exact=True)[0] == labels
    found = invariance.losses(network, pictures, labels)
    return {
        "correct": int(right.sum()),
        "test_images": len(labels),
        "lost": {str(distance): [share.value, share.low, share.high] for distance, share in found.items()},
    }


def write_description(name: str, about: dict[str, object]) -> None:
    """Write the JSON beside a network's weights."""
    (FOLDER / f"{name}.json").write_text(json.dumps(about, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _lasting(state: dict[str, object]) -> dict[str, object]:
    """Return a checkpoint's state without what differs from one training to the next."""
    return {key: value for key, value in state.items() if key in ("experiment", "data", "shape", "mean", "std")}


_README = """\
# Networks that come with the app

Small networks, trained and measured by `python -m core.insight.train_pretrained`, which writes this file too.
`NAME.safetensors` holds the weights, named as `core.nets.network.build` names them, of capsule networks in half
precision; `NAME.json` the experiment, the mean and deviation that normalize a picture, and what was measured.
`core.insight.pretrained` reads them without torch.

Accuracy on the test set, 10,000 pictures the network was not trained on, with Wilson's 95 % interval:

| name | what it is | parameters | epochs | test set | right of 10,000 | accuracy | 95 % interval |
| --- | --- | ---: | ---: | --- | ---: | ---: | --- |
{rows}

Accuracy lost when the same pictures are moved by 2, 4 and 8 px, in percentage points with the 95 % interval: the mean
over right, left, down and up, black coming in (`core.insight.invariance.losses`), in float32. The invariance page
quotes these, and computes the same of some hundred pictures from its map, in the number format that is fastest where it
runs. What a shift of 8 px pushes out of the frame is lost for every network.

| name | 2 px | 4 px | 8 px |
| --- | ---: | ---: | ---: |
{losses}

{pairs}

Trained on the CPU in float32, one seed each: another seed gives another network and a slightly other accuracy. The
settings of the MLP, of MNIST's CNNs and of the capsule networks were found on held-out digits, with those of
`core.training.presets`; those of the linear classifier and of CIFAR-10 were chosen for weights that are clear to look
at.
"""


def write_readme() -> None:
    """Write the README with the table of all pretrained networks, from what was measured."""
    (FOLDER / "README.md").write_text(
        _README.format(
            rows="\n".join(map(_row, PRETRAINED)), losses="\n".join(map(_lost_row, PRETRAINED)), pairs=_pairs()
        ),
        encoding="utf-8",
    )


def _row(name: str) -> str:
    trained = network(name)
    experiment = trained.experiment
    info = data.info(experiment.data)
    parameters = totals(analyze(experiment.layers, info.shape)).parameters
    low, high = trained.interval
    cells = (
        f"`{name}`",
        f"{trained.title}: {RECIPES[name].about}",
        f"{parameters:,}",
        experiment.epochs,
        info.title,
        f"{trained.correct:,}",
        f"{_percent(trained.accuracy)} %",
        f"{_percent(low)} to {_percent(high)} %",
    )
    return f"| {' | '.join(map(str, cells))} |"


def _lost_row(name: str) -> str:
    cells = [
        f"{_percent(share.value)} ({_percent(share.low)} to {_percent(share.high)})".replace("-", "−")
        for share in network(name).lost.values()
    ]
    return f"| `{name}` | {' | '.join(cells)} |"


def _pairs() -> str:
    """Return the paragraph about the network for two digits, which `core.insight.train_pretrained_pairs` trains."""
    about = pairs_network()
    low, high = about.interval
    return (
        f"`{PAIRS}` is for two overlapping digits (`python -m core.insight.train_pretrained_pairs`): `mnist-capsule`'s "
        f"layers with a smaller decoder, trained on {about.trained_on:,} pairs in {about.seconds} s of processor "
        f"time. Of {about.pairs:,} pairs of test digits its two longest capsules are both right in {about.correct:,}: "
        f"{_percent(about.correct / about.pairs)} % ({_percent(low)} to {_percent(high)})."
    )


def _percent(fraction: float) -> str:
    return f"{100 * fraction:.2f}"


def main() -> None:
    """Train the named networks, or all, and write the README."""
    parser = argparse.ArgumentParser(description="Train the networks that come with the app.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(PRETRAINED)}; all unless named")
    parser.add_argument("--measure", action="store_true", help="do not train: measure the present networks again")
    arguments = parser.parse_args()
    names = arguments.names or PRETRAINED
    if unknown := sorted(set(names) - set(RECIPES)):
        parser.error(f"there is no recipe {unknown[0]!r}; there are {', '.join(RECIPES)}")
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # before torch: see core.training.devices
    FOLDER.mkdir(exist_ok=True)
    try:
        for name in names:
            (remeasure if arguments.measure else train_network)(name)
    except data.DataError as error:
        raise SystemExit(str(error)) from None
    network.cache_clear()
    write_readme()


if __name__ == "__main__":
    main()
