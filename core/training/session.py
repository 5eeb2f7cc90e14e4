"""One run's network, optimizer and place: what a training moves forward and a checkpoint holds."""

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

import core.data
from core import nets
from core.layers.calculator import analyse
from core.training.augmentation import augment, mix
from core.training.checkpoints import CheckpointError
from core.training.devices import Device
from core.training.events import Checkpoint
from core.training.experiment import Experiment, ExperimentError
from core.training.optimizers import learning_rate, optimizer
from core.training.tensors import Tensors, tensors

EVALUATION_BATCH = 250  # small enough that a layer's output stays in the processor's cache


def random_seed(seed: int, purpose: str, index: int) -> int:
    """A 32-bit seed for one purpose at one place of a run, far from its neighbors (numpy's SeedSequence mixes it)."""
    words = [seed, int.from_bytes(purpose.encode()[:4].ljust(4)), index]
    return int(np.random.SeedSequence(words).generate_state(1)[0])


def autocast(device: Device) -> torch.autocast:
    """The device's number format for the forward pass; weights stay float32."""
    return torch.autocast(device.name, dtype=device.dtype, enabled=device.precision != "float32")


def predict(network: nn.Module, images: Tensor, device: Device) -> Tensor:
    """The network's probabilities, (N, classes) float32 on the CPU, for normalized pictures (N, C, H, W)."""
    network.eval()
    with torch.inference_mode(), autocast(device):
        logits = torch.cat([network(batch).float() for batch in images.split(EVALUATION_BATCH)])
    return logits.softmax(dim=1).cpu()


def _right(answers: Tensor, targets: Tensor) -> Tensor:
    """How many of the answers (N,) are right; of a mixture of labels (N, classes), an answer has its label's part."""
    if targets.ndim == 1:
        return (answers == targets).sum().float()
    return targets.gather(1, answers.unsqueeze(1)).sum()


class Session:
    """One run's network, optimizer and place: what `train` moves forward and a checkpoint holds."""

    def __init__(self, experiment: Experiment, device: Device) -> None:
        """Put data and network on the device. Raises as `train` does."""
        self.experiment, self.device = experiment, device
        # by its identity: "mnist" may stand for the digits that come with the app until the real set is here
        self.data: Tensors = tensors(core.data.resolve(experiment.data), device, experiment.shuffle_pixels)
        self.examples = self._count()
        self.batch_size = min(experiment.batch_size, self.examples)
        self.steps_per_epoch = self.examples // self.batch_size  # what is left over is another picture next epoch
        self.steps = self.steps_per_epoch * experiment.epochs
        torch.manual_seed(random_seed(experiment.seed, "weights", 0))
        network = nets.build(experiment.layers, self.data.info.shape)
        self.network = network.to(device.name, memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.optimizer = optimizer(experiment, self.network)
        self.scaler = torch.amp.GradScaler(device.name, enabled=device.precision == "fp16")
        self.step = 0  # batches done
        self.seconds, self.evaluate_seconds = 0.0, 0.0  # of training and of evaluation, over all attempts
        self.order, self.order_of = torch.empty(0), -1  # this epoch's order of the pictures, and the epoch it is of

    def _count(self) -> int:
        """How many pictures are trained on. Raises ExperimentError when that leaves none."""
        info, held_out = self.data.info, self.experiment.held_out
        outputs = analyse(self.experiment.layers, info.shape)[-1].output_shape
        if outputs != (len(info.classes),):
            raise ExperimentError(
                f"{info.title} has {len(info.classes)} classes, so the network must end in as many units, "
                f"but it ends in {' x '.join(map(str, outputs))}."
            )
        if held_out >= info.train_images:
            raise ExperimentError(f"{info.title} has {info.train_images:,} training pictures: hold out fewer of them.")
        return min(self.experiment.train_images, info.train_images - held_out)

    def train_step(self) -> Tensor:
        """One batch: forward, backward, update. Returns (2,): the mean loss, and how many answers were right."""
        experiment, device = self.experiment, self.device
        epoch, place = divmod(self.step, self.steps_per_epoch)
        if place == 0 or self.order_of != epoch:
            self._shuffle(epoch)
        rows = self.order[place * self.batch_size : (place + 1) * self.batch_size]
        images, targets = self._augmented(rows, epoch)
        images = images.contiguous(memory_format=torch.channels_last)
        torch.manual_seed(random_seed(experiment.seed, "dropout", self.step))
        rate = learning_rate(experiment, self.step, self.steps, self.steps_per_epoch)
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        self.network.train()
        self.optimizer.zero_grad(set_to_none=True)
        with autocast(device):
            logits = self.network(images)
        loss = functional.cross_entropy(logits.float(), targets, label_smoothing=experiment.label_smoothing)
        self.scaler.scale(loss).backward()
        self.scaler.step(self.optimizer)
        self.scaler.update()
        self.step += 1
        with torch.no_grad():
            return torch.stack([loss.detach(), _right(logits.argmax(dim=1), targets)])

    def _augmented(self, rows: Tensor, epoch: int) -> tuple[Tensor, Tensor]:
        """The pictures of `rows` as this step sees them, and their labels: (N,), or (N, classes) where mixed."""
        images, labels = self.data.train_images[rows], self.data.train_labels[rows]
        pipeline = self.experiment.augmentation
        if not pipeline:
            return images, labels
        generator = torch.Generator().manual_seed(random_seed(self.experiment.seed, "augment", self.step))
        images = augment(images, pipeline, generator, self.data.normalization, epoch=epoch, indices=rows)
        return mix(images, labels, pipeline, generator, len(self.data.info.classes))

    def _shuffle(self, epoch: int) -> None:
        generator = torch.Generator().manual_seed(random_seed(self.experiment.seed, "order", epoch))
        self.order = torch.randperm(self.examples, generator=generator).to(self.device.name)
        self.order_of = epoch

    def score(self, split: str) -> tuple[float, float]:
        """Mean cross-entropy and accuracy over the whole of "test", or of "held-out"."""
        if split == "test":
            images, labels = self.data.test_images, self.data.test_labels
        else:
            kept = len(self.data.train_labels) - self.experiment.held_out
            images, labels = self.data.train_images[kept:], self.data.train_labels[kept:]
        self.network.eval()
        sums = torch.zeros(2, device=self.device.name)
        with torch.inference_mode():
            batches = zip(images.split(EVALUATION_BATCH), labels.split(EVALUATION_BATCH), strict=True)
            for pictures, truth in batches:
                with autocast(self.device):
                    logits = self.network(pictures).float()
                loss = functional.cross_entropy(logits, truth, reduction="sum")
                sums += torch.stack([loss, (logits.argmax(dim=1) == truth).sum().float()])
        loss_sum, right = sums.tolist()
        return loss_sum / len(labels), right / len(labels)

    def place(self) -> dict[str, Any]:
        """Where the run stands, as the events say it: step, epoch, images, seconds."""
        return {
            "step": self.step,
            "epoch": self.step / self.steps_per_epoch,
            "images": self.step * self.batch_size,
            "seconds": self.seconds,
        }

    @property
    def parameters(self) -> int:
        """Trainable numbers of the network."""
        return sum(p.numel() for p in self.network.parameters())

    def checkpoint(self) -> Checkpoint:
        """Copies of all that the next step depends on. Random numbers need no state: they follow from seed and step."""
        held: dict[str, Tensor] = {f"model.{name}": t for name, t in self.network.state_dict().items()}
        for index, state in self.optimizer.state_dict()["state"].items():
            held |= {f"optimizer.{index}.{name}": t for name, t in state.items() if isinstance(t, Tensor)}
        normalization = self.data.normalization
        return Checkpoint(
            step=self.step,
            epoch=self.step / self.steps_per_epoch,
            # safetensors stores plain rows, so channels_last is undone here and redone on loading
            tensors={name: t.detach().to("cpu", copy=True).contiguous() for name, t in held.items()},
            state={
                "experiment": self.experiment.to_json(),
                "data": self.data.info.name,
                "shape": list(self.data.info.shape),
                "mean": list(normalization.mean),
                "std": list(normalization.std),
                "seconds": self.seconds,
                "evaluate_seconds": self.evaluate_seconds,
                "scaler": self.scaler.state_dict(),
            },
        )

    def _is_of(self, text: object) -> bool:
        """Whether the text is this experiment's JSON, in today's form or an older one."""
        try:
            return isinstance(text, str) and Experiment.from_json(text) == self.experiment
        except ExperimentError:
            return False

    def restore(self, checkpoint: Checkpoint) -> None:
        """Go on from `checkpoint`. Raises CheckpointError when it is of another experiment or data."""
        state = checkpoint.state
        if not self._is_of(state.get("experiment")) or state.get("data") != self.data.info.name:
            raise CheckpointError("This checkpoint is of another experiment, so the run cannot go on from it.")
        by_part: dict[str, dict[str, Tensor]] = {"model": {}, "optimizer": {}}
        for name, tensor in checkpoint.tensors.items():
            part, _, rest = name.partition(".")
            by_part[part][rest] = tensor
        try:
            self.network.load_state_dict(by_part["model"])
        except RuntimeError as error:
            raise CheckpointError("This checkpoint's weights do not fit the network.") from error
        held = self.optimizer.state_dict()
        for name, tensor in by_part["optimizer"].items():
            index, _, item = name.partition(".")
            held["state"].setdefault(int(index), {})[item] = tensor
        self.optimizer.load_state_dict(held)
        if state["scaler"]:
            self.scaler.load_state_dict(state["scaler"])
        self.step, self.seconds = checkpoint.step, state["seconds"]
        self.evaluate_seconds = state["evaluate_seconds"]
