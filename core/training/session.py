"""The state of one training run: network, optimizer and position."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

import core.data
from core.nets.network import build, up_to_logits
from core.training import measured_memory
from core.training.augmentation.batch import augment, mix
from core.training.clock import Clock
from core.training.devices import Device
from core.training.evaluation import Evaluation, autocast
from core.training.evaluation_plan import stratified
from core.training.experiment import Experiment
from core.training.experiment_checks import examples, input_shapes, smallest_batch
from core.training.initialization import prepare
from core.training.learning_rate import learning_rate
from core.training.objective import Objective, right
from core.training.optimizers import optimizer
from core.training.tensors import Tensors, tensors
from core.training.weight_averaging import Average


def random_seed(seed: int, purpose: str, index: int) -> int:
    """Return a 32-bit seed for one purpose at one place of a run, unrelated to its neighbors' (SeedSequence)."""
    words = [seed, int.from_bytes(purpose.encode()[:4].ljust(4)), index]
    return int(np.random.SeedSequence(words).generate_state(1)[0])


class Session:
    """The state of one training run: `train` advances it, and a checkpoint holds it."""

    def __init__(self, experiment: Experiment, device: Device) -> None:
        """Put data and network on the device. Raises as `core.training.loop.train` does."""
        self.experiment, self.device = experiment, device
        # by its identity: "mnist" may stand for the digits that come with the app until the real set is here
        self.data: Tensors = tensors(core.data.resolve(experiment.data), device, experiment.shuffle_pixels)
        self.examples = examples(experiment, self.data.info)
        self.batch_size = min(experiment.batch_size, self.examples)
        rest = self.examples % self.batch_size
        least = smallest_batch(experiment.layers, *input_shapes(experiment, self.data.info))
        kept = experiment.short_batch and rest >= least
        self.epoch_images = self.examples if kept else self.examples - rest  # what is left out comes next epoch
        self.steps_per_epoch = math.ceil(self.epoch_images / self.batch_size)
        self.steps = self.steps_per_epoch * experiment.epochs  # of the schedule
        self.last_step = min(self.steps, experiment.stop_step) if experiment.stop_step else self.steps
        torch.manual_seed(random_seed(experiment.seed, "weights", 0))
        network = build(experiment.layers, self.data.info.shape)
        network = up_to_logits(network, experiment.layers, self.data.info.shape)
        self.train_images = self.data.train_images(self.examples)
        prepare(network, experiment, self.train_images)
        self.network = network.to(device.name, memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.optimizer = optimizer(experiment, self.network, device.dtype)
        self.average = (
            None
            if experiment.averaging == "none"
            else Average(experiment.averaging, experiment.averaging_decay, self.network)
        )
        self.has_dropout = any(isinstance(module, nn.modules.dropout._DropoutNd) for module in self.network.modules())
        self.objective = Objective(self.network, self.data.normalization, experiment.label_smoothing)
        self.forward: Callable[[Tensor], Tensor] = self.objective.trunk
        if experiment.compiled:
            self.forward = torch.compile(
                self.objective.trunk, mode="reduce-overhead" if device.name == "cuda" else "default"
            )
        self.scaler = torch.amp.GradScaler(device.name, enabled=device.precision == "fp16")
        self.step = 0  # batches done
        self.done = 0.0  # as `note_done` last found it
        self.rate = 0.0  # of the last step
        self.clock = Clock()
        self.order, self.order_of = torch.empty(0), -1  # this epoch's order of the pictures, and the epoch it is of

    # ------------------------------------------------------------------ time

    def note_done(self) -> None:
        """Note the fraction of the schedule that is done, from 0 to 1: of its steps, or of the time budget if larger.

        Once a step, so that the clock does not give two answers to those who ask between two steps: a run would be over
        for one and not for the other, and end without its last evaluation.
        """
        budget = self.experiment.time_budget
        self.done = max(self.step / self.steps, min(1.0, self.clock.training / budget) if budget else 0.0)

    @property
    def images(self) -> int:
        """The number of pictures trained on so far, repeats counted."""
        epochs, place = divmod(self.step, self.steps_per_epoch)
        return epochs * self.epoch_images + place * self.batch_size

    @property
    def over(self) -> bool:
        """True if no step is left, or no time."""
        return self.step >= self.last_step or bool(self.experiment.time_budget and self.done >= 1)

    # ------------------------------------------------------------------ training

    def train_step(self) -> Tensor:
        """Train on one batch: forward, backward, update.

        Returns:
            (2,): the sum of its losses, and the number of right predictions.

        Raises:
            ExperimentError: The batch does not fit in memory; the message names the largest that does.
        """
        self.clock.start_training()
        try:
            return self._train_step()
        except (MemoryError, RuntimeError) as error:
            if not measured_memory.is_out_of_memory(error):
                raise
            self.optimizer.zero_grad(set_to_none=True)
        least = smallest_batch(self.experiment.layers, self.data.info.shape)  # `_try_batch` shows pictures of full size
        raise measured_memory.refuse(self.batch_size, self._try_batch, self.device, least)

    def _train_step(self) -> Tensor:
        experiment = self.experiment
        done = self.done
        images, targets = self._batch(done)
        if self.has_dropout:
            self.device.manual_seed(random_seed(experiment.seed, "dropout", self.step))
        place = done * self.steps if experiment.time_budget else None
        self.rate = learning_rate(experiment, self.step, self.steps, self.steps_per_epoch, place)
        for group in self.optimizer.param_groups:
            group["lr"] = self.rate * group["multiple"]
        self.network.train()
        self.optimizer.zero_grad(set_to_none=True)
        with autocast(self.device):
            outputs, loss = self.objective.finish(self.forward(images), images, targets)
        self.scaler.scale(loss).backward()
        self.scaler.step(self.optimizer)
        self.scaler.update()
        self.step += 1
        self.note_done()
        if self.average is not None:  # one that is stopped early was averaged up to there as if it went on
            self.average.update(self.network, self.step, 1.0 if self.done >= 1 else done)
        with torch.no_grad():
            return torch.stack([loss.detach() * len(targets), right(outputs, targets)])

    def _batch(self, done: float) -> tuple[Tensor, Tensor]:
        """Return this step's augmented pictures and their labels: (N,), or (N, classes) if they are mixed."""
        experiment = self.experiment
        epoch, place = divmod(self.step, self.steps_per_epoch)
        if place == 0 or self.order_of != epoch:
            self._shuffle(epoch)
        rows = self.order[place * self.batch_size : min((place + 1) * self.batch_size, self.epoch_images)]
        images, targets = self.train_images[rows], self.data.train_labels[rows]
        if pipeline := experiment.augmentation:
            generator = self.device.generator(random_seed(experiment.seed, "augment", self.step))
            images = augment(images, pipeline, generator, self.data.normalization, epoch=epoch, indices=rows)
            images, targets = mix(images, targets, pipeline, generator, len(self.data.info.classes))
        if side := next((side for until, side in experiment.sizes if done < until), None):
            images = functional.interpolate(images, (side, side), mode="bilinear", align_corners=False)
        return images.contiguous(memory_format=torch.channels_last), targets

    def _try_batch(self, batch: int) -> None:
        """Run forward and backward on `batch` pictures, for the memory that takes; the network does not change."""
        images, labels = self.train_images[:batch], self.data.train_labels[:batch]
        with autocast(self.device):
            _, loss = self.objective.finish(self.objective.trunk(images), images, labels)
        loss.backward()
        self.optimizer.zero_grad(set_to_none=True)

    def _shuffle(self, epoch: int) -> None:
        generator = self.device.generator(random_seed(self.experiment.seed, "order", epoch))
        order = torch.randperm(self.examples, generator=generator, device=generator.device)
        self.order = order.to(self.device.name)
        self.order_of = epoch

    # ------------------------------------------------------------------ evaluation

    @property
    def evaluated_network(self) -> nn.Sequential:
        """The network that is evaluated and saved: the averaged one if there is one."""
        found = self.network if self.average is None else self.average.network
        assert isinstance(found, nn.Sequential)
        return found

    @property
    def views(self) -> str:
        """Views used for evaluation: test-time augmentation only at the end, as six views cost one epoch."""
        return self.experiment.test_time if self.over else "none"

    def evaluation(self, split: str, pictures: int | None = None) -> Evaluation:
        """Return an evaluation that is still to be done.

        Args:
            split: "test" or "held-out".
            pictures: How many pictures of the split, with equal shares of every class; None for all.
        """
        if split == "test":
            images, labels = self.data.test_images, self.data.test_labels
        else:
            images, labels = self.data.held_out(self.experiment.held_out)
        if pictures is not None and pictures < len(labels):
            rows = torch.from_numpy(stratified(labels.cpu().numpy(), pictures)).to(labels.device)
            images, labels = images[rows], labels[rows]
        classes = len(self.data.info.classes)
        return Evaluation(
            self.evaluated_network, images, labels, self.data.normalized, classes, self.device, self.views
        )

    def place(self) -> dict[str, Any]:
        """Return the run's position, as events hold it: step, epoch, images, seconds."""
        return {
            "step": self.step,
            "epoch": self.step / self.steps_per_epoch,
            "images": self.images,
            "seconds": self.clock.training,
            "whole_seconds": self.clock.whole,
        }

    @property
    def parameters(self) -> int:
        """The number of the network's parameters, frozen ones among them."""
        return sum(p.numel() for p in self.network.parameters())
