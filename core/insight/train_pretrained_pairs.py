"""Train the capsule network that comes with the app for two overlapping digits, and measure it on 10,000 test pairs.

    python -m core.insight.train_pretrained_pairs [--epochs 10]

As in MultiMNIST (Sabour, Frosst and Hinton 2017): every training picture is a new pair, both digits' capsules should be
long, and the decoder redraws each digit from its own capsule. Smaller: 28 x 28 pixels, the layers of `capsule-small`,
and a decoder that keeps the file under 0.9 MB. Needs the whole of MNIST; one thread, seeds and precision fixed.
"""

import argparse
import json
import math
import sys
import time
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from core import data
from core.insight import capsules, multi_mnist
from core.insight.loaded_network import load
from core.insight.pretrained import FOLDER, PAIRS, pairs_network
from core.insight.train_pretrained import write_description, write_readme
from core.layers.builders import capsule_network
from core.nets.capsule import CapsuleDecoder, lengths, margin_loss, reconstruction_loss
from core.nets.network import build
from core.training import checkpoints
from core.training.augmentation.normalization import Normalization
from core.training.augmentation.pipeline import NONE
from core.training.events import Checkpoint
from core.training.presets import PRESETS

CHUNK = 12_000  # pairs that are drawn at a time
PER_EPOCH = 60_000
BATCH = 128
TEST_PAIRS, TEST_SEED = 10_000, 1_000_000
PAIR_EXPERIMENT = replace(
    PRESETS["capsule-small-decoder"].experiment,
    layers=capsule_network(decoder=(96, 160)),
    train_images=PER_EPOCH,
    epochs=10,
    batch_size=BATCH,
    momentum=0.9,
    warmup=0.1,
    augmentation=NONE,  # but for the shifts of the pairs
    precision="float32",
)


def train(epochs: int) -> None:
    """Train the network, and write its weights and what was measured."""
    torch.manual_seed(0)
    torch.set_num_threads(1)
    digits = data.load("mnist", exact=True)
    mean, std = (np.float64(one) for one in (digits.train_images.mean() / 255, digits.train_images.std() / 255))
    normalization = Normalization((float(mean),), (float(std),))
    network = build(PAIR_EXPERIMENT.layers, (1, 28, 28)).to(memory_format=torch.channels_last).train()
    (decoder,) = (module for module in network if isinstance(module, CapsuleDecoder))
    front = network[: list(network).index(decoder)]
    recipe = PAIR_EXPERIMENT
    betas = (recipe.momentum, recipe.beta2)
    optimizer = torch.optim.Adam(network.parameters(), lr=recipe.learning_rate, betas=betas)
    total = epochs * PER_EPOCH // BATCH
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer,
        lambda step: min(step / (recipe.warmup * total), (1 + math.cos(math.pi * min(step / total, 1))) / 2) + 1e-3,
    )
    began, step = time.process_time(), 0
    for chunk in range(epochs * PER_EPOCH // CHUNK):
        drawn = multi_mnist.pairs(digits.train_images, digits.train_labels, CHUNK, chunk, 28)
        pictures = normalization(drawn.pictures)
        for start in range(0, CHUNK, BATCH):
            part = slice(start, start + BATCH)
            labels = torch.from_numpy(drawn.labels[part])
            alone = torch.from_numpy(drawn.alone[part].astype(np.float32) / 255).flatten(2).flatten(0, 1)
            loss = loss_of(front(pictures[part]), decoder, labels, alone)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
            schedule.step()
            step += 1
        print(f"{(chunk + 1) * CHUNK:,} pairs, loss {loss:.4f}, {time.process_time() - began:.0f} s", file=sys.stderr)
    seconds = time.process_time() - began
    state = {
        "experiment": replace(recipe, epochs=epochs).to_json(),
        "data": "mnist",
        "shape": (1, 28, 28),
        "mean": normalization.mean,
        "std": normalization.std,
    }
    tensors = {f"model.{name}": tensor.half().contiguous() for name, tensor in network.state_dict().items()}
    checkpoints.save_weights(
        FOLDER / f"{PAIRS}.safetensors", Checkpoint(step=step, epoch=float(epochs), tensors=tensors, state=state)
    )
    about = {
        "title": "Capsules for pairs",
        "experiment": json.loads(replace(recipe, epochs=epochs).to_json()),
        "pairs": epochs * PER_EPOCH,
        "processor_seconds": round(seconds),
        **measured(),
    }
    write_description(PAIRS, about)
    pairs_network.cache_clear()


def loss_of(vectors: Tensor, decoder: CapsuleDecoder, labels: Tensor, alone: Tensor) -> Tensor:
    """Return the loss of a batch of pairs: both margins, and both digits redrawn, each from its own capsule.

    Args:
        vectors: (N, 10, E).
        decoder: The layer that draws.
        labels: (N, 2).
        alone: (2 N, pixels), the digits of each pair one after the other, from 0 to 1.
    """
    shown = functional.one_hot(labels, vectors.shape[1]).sum(dim=1).to(vectors.dtype)
    drawn = decoder.pictures(vectors.repeat_interleave(2, dim=0), labels.flatten())
    return margin_loss(lengths(vectors), shown) + 2 * reconstruction_loss(drawn, alone)


def measured() -> dict[str, int]:
    """Return of how many test pairs both digits are the two longest capsules."""
    digits = data.load("mnist", exact=True)
    drawn = multi_mnist.pairs(digits.test_images, digits.test_labels, TEST_PAIRS, TEST_SEED, 28)
    loaded = load(FOLDER / f"{PAIRS}.safetensors")
    found = lengths(capsules.vectors(loaded, drawn.pictures)).topk(2, dim=1).indices.numpy()
    both = (np.sort(found, axis=1) == np.sort(drawn.labels, axis=1)).all(axis=1)
    return {"correct_pairs": int(both.sum()), "test_pairs": TEST_PAIRS}


def main() -> None:
    """Train the network and write it, its description and the README."""
    parser = argparse.ArgumentParser(description="Train the network for two overlapping digits.")
    parser.add_argument(
        "--epochs", type=int, default=PAIR_EXPERIMENT.epochs, help=f"of {PER_EPOCH:,} pairs, all of them new"
    )
    train(parser.parse_args().epochs)
    write_readme()


if __name__ == "__main__":
    main()
