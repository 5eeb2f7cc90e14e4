"""What training does on an NVIDIA GPU, measured in one run of under eight minutes.

    python tests/bench/gpu.py --pack shared                    on a machine with CIFAR-10 (../shared/data): 50 MiB of it
    python tests/bench/gpu.py [--data shared] [--only eager]   on any machine with CUDA, torch 2.11 and this checkout
    python tests/bench/gpu.py --device cpu --quick             the same on few pictures, to see that it runs

The second needs no more than numpy, Pillow, psutil, filelock and safetensors beside torch, and pytest, scipy and
torchvision for its tests; the checkout and the pictures are less than 64 MiB together.

Each part is a process of its own with a time limit of its own: a slow one is cut, and what it had measured by then is
kept. The last line is one JSON object with an entry a part; where the environment names a folder OUT, it is written to
OUT/gpu.json, too, as far as it has come after each part.

    machine    the GPU, its driver, torch
    eager      of each preset: the median step in ms (full and small pictures), and the run from beginning to end by its
               parts in seconds, on a warm process. The pictures are made here, as many and as large as the real ones
               (small embedded sets, repeated): times are those of the real sets, accuracies are not and are left out
    graphs     the same with torch.compile and CUDA graphs (mode "reduce-overhead"), which is what `compiled` means
    compiled   the same with torch.compile's default mode
    record     images per second of the 94 % recipe, beside the speed record's own loop (`plain_record` below)
    learning   accuracies on the real pictures that --pack has brought: fewer than CIFAR-10 has, so lower than on all
    profile    of the 94 % recipe: what a step waits for or copies, and where the GPU's time goes
    tests      `pytest -m cuda`
"""

import argparse
import contextlib
import itertools
import json
import math
import os
import platform
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import core.data
from core.data import prepared
from core.data.dataset import Dataset, Pixels, Rows
from core.training.devices import choose
from core.training.events import Finished
from core.training.experiment import Experiment
from core.training.loop import train
from core.training.presets import PRESETS
from core.training.session import Session

ROOT = Path(__file__).resolve().parents[2]
ALL_SECONDS = 450.0  # for all parts together
FILE, MOST_BYTES = "cifar10-part.npz", 50 * 2**20
LEARNED = "cifar10-part@00000000"  # the identities under which the pictures are kept while this runs
MADE = {"cifar10": "generated-cifar10@00000000", "mnist": "generated-mnist@00000000"}
SMALL_SETS = {"cifar10": "cifar10-standin", "mnist": "mnist-5k"}  # what they are made of
RECIPE = "cifar-94"
PUBLISHED = 50_000  # training pictures of CIFAR-10
QUICK_PRESETS = ("cifar-70", "mnist-mlp")
FORMS = {"eager": None, "graphs": "reduce-overhead", "compiled": "default"}  # torch.compile's modes


@dataclass(frozen=True, slots=True)
class Setup:
    """Where and how much is measured."""

    device: str
    quick: bool
    data: Path  # the folder of FILE

    @property
    def recipe(self) -> str:
        """The preset that is profiled and held against the record."""
        return QUICK_PRESETS[0] if self.quick else RECIPE

    def wait(self) -> None:
        """Wait until the GPU has done its work."""
        if self.device == "cuda":
            torch.cuda.synchronize()


def tell(**found: Any) -> None:
    """Hand a part's results to the process that waits for them."""
    print(json.dumps(found), flush=True)


# ---------------------------------------------------------------------- pictures


def pack(dataset: Dataset, folder: Path, most_bytes: int = MOST_BYTES) -> Path:
    """Write as much of a dataset as fits into `most_bytes`, four training pictures for each of the test's.

    A pixel is kept as its difference from its left neighbor, which packs a fifth smaller.
    """
    folder.mkdir(parents=True, exist_ok=True)
    sample = dataset.train_images[:1000]
    count = int(most_bytes * len(sample) / len(zlib.compress(_differences(sample).tobytes())))
    path = folder / FILE
    while True:
        test = min(count // 5, len(dataset.test_images))
        train = min(count - test, len(dataset.train_images))
        np.savez_compressed(
            path,
            train_images=_differences(dataset.train_images[:train]),
            train_labels=dataset.train_labels[:train],
            test_images=_differences(dataset.test_images[:test]),
            test_labels=dataset.test_labels[:test],
            classes=np.array(dataset.info.classes),
        )
        if path.stat().st_size <= most_bytes:
            return path
        count = int(0.98 * count)


def _differences(images: Pixels) -> Pixels:
    """(N, C, H, W) uint8 less the pixel to the left, modulo 256."""
    return np.diff(images, axis=-1, prepend=np.uint8(0))


def unpack(path: Path) -> Rows:
    """Read what `pack` wrote."""
    with np.load(path, allow_pickle=False) as file:
        images = [np.cumsum(file[f"{split}_images"], axis=-1, dtype=np.uint8) for split in ("train", "test")]
        labels = [file[f"{split}_labels"] for split in ("train", "test")]
        classes = tuple(str(name) for name in file["classes"])
    return _rows(images, labels, classes, f"CIFAR-10, {len(labels[0]):,} of its training pictures")


def _rows(images: Sequence[Pixels], labels: Sequence[Pixels], classes: tuple[str, ...], title: str) -> Rows:
    """Training and test pictures (N, C, H, W) and labels (N,) as a prepared copy has them."""
    array = [np.column_stack([b, a.reshape(len(a), -1)]) for a, b in zip(images, labels, strict=True)]
    return Rows(
        array=np.concatenate(array), train=len(labels[0]), shape=images[0].shape[1:], classes=classes, title=title
    )


def made(name: str, setup: Setup) -> str:
    """Return the identity of as many pictures as "mnist" or "cifar10" has: a small embedded set, repeated."""
    identity = MADE[name]
    if prepared.sidecar(identity) is None:
        small = core.data.load(SMALL_SETS[name])
        counts = (100, 50) if setup.quick else (60_000 if name == "mnist" else PUBLISHED, 10_000)
        parts = ((small.train_images, small.train_labels), (small.test_images, small.test_labels))
        images, labels = zip(
            *(
                tuple(array[np.arange(count) % len(array)] for array in part)
                for part, count in zip(parts, counts, strict=True)
            ),
            strict=True,
        )
        _keep(identity, _rows(images, labels, small.info.classes, f"{small.info.title}, repeated"))
    return identity


def learned(setup: Setup) -> str | None:
    """Return the identity of the real pictures that have come along; None where there are none."""
    path = setup.data / FILE
    if prepared.sidecar(LEARNED) is None:
        if not path.is_file():
            return None
        _keep(LEARNED, unpack(path))
    return LEARNED


def _keep(identity: str, rows: Rows) -> None:
    prepared.folder().mkdir(parents=True, exist_ok=True)
    prepared.write(identity, rows, "tests/bench/gpu.py", lambda progress: None)


def experiment_of(preset: str, data: str, setup: Setup) -> Experiment:
    """A preset's experiment on other pictures."""
    experiment = replace(PRESETS[preset].experiment, data=data)
    return replace(experiment, train_images=100, batch_size=25, epochs=1) if setup.quick else experiment


# ---------------------------------------------------------------------- parts


def machine(setup: Setup) -> None:
    """Name what this is measured on."""
    tell(python=platform.python_version(), torch=torch.__version__, cores=os.cpu_count(), device=setup.device)
    if setup.device == "cuda":
        properties = torch.cuda.get_device_properties(0)
        tell(gpu=properties.name, memory_gib=round(properties.total_memory / 2**30, 1), cuda=torch.version.cuda)
        command = ["nvidia-smi", "--query-gpu=driver_version", "--format=csv,noheader"]
        with contextlib.suppress(OSError):  # where there is no such program
            tell(driver=subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip())


@contextlib.contextmanager
def compiling(form: str, setup: Setup) -> Iterator[bool]:
    """Make `compiled` experiments compile as `form` says; yields whether they are to be compiled at all."""
    mode, compile = FORMS[form], torch.compile
    if mode is None:
        yield False
        return
    # a smoke run without a GPU goes through the compiler's front alone, which takes no C++ compiler
    how = {"backend": "eager"} if setup.quick and setup.device == "cpu" else {"mode": mode}
    torch._dynamo.reset()  # it gives up on code that it has compiled for many networks
    with mock.patch.object(torch, "compile", lambda network, **_: compile(network, **how)):
        yield True


def warm_session(experiment: Experiment, setup: Setup) -> tuple[Session, float]:
    """Return a session a few steps on, and the seconds that the first of them took (compiling among them)."""
    session = Session(experiment, choose(setup.device, experiment.precision))
    began = time.perf_counter()
    session.train_step()
    setup.wait()
    first = time.perf_counter() - began
    for _ in range(1 if setup.quick else 10):
        session.train_step()
    setup.wait()
    return session, first


def step_ms(session: Session, steps: int, setup: Setup) -> float:
    """The median step in ms: on the GPU's own clock, the next one's work being sent while it computes."""
    if setup.device != "cuda":
        spent = []
        for _ in range(steps):
            began = time.perf_counter()
            session.train_step()
            spent.append(1000 * (time.perf_counter() - began))
        return statistics.median(spent)
    marks = [torch.cuda.Event(enable_timing=True) for _ in range(steps + 1)]
    marks[0].record()
    for mark in marks[1:]:
        session.train_step()
        mark.record()
    torch.cuda.synchronize()
    return statistics.median(a.elapsed_time(b) for a, b in itertools.pairwise(marks))


def speed(form: str, setup: Setup) -> None:
    """Step times and whole seconds of each preset in one form."""
    names = QUICK_PRESETS if setup.quick else sorted(PRESETS, key=lambda name: (name != RECIPE, "cifar" not in name))
    steps = 2 if setup.quick else 60
    for name in names:
        began = time.perf_counter()
        found: dict[str, Any] = {}
        try:
            with compiling(form, setup) as compiled:
                data = made(PRESETS[name].experiment.data, setup)
                experiment = replace(experiment_of(name, data, setup), compiled=compiled)
                session, found["first_step_seconds"] = warm_session(experiment, setup)
                if experiment.sizes:
                    found["small_step_ms"] = step_ms(session, steps, setup)
                    session.step = math.ceil(max(until for until, _ in experiment.sizes) * session.steps)
                    for _ in range(3):
                        session.train_step()  # compiles for pictures of this size
                found["step_ms"] = step_ms(session, steps, setup)
                found["steps"], found["batch"] = session.steps, session.batch_size
                found["images_per_second"] = 1000 * session.batch_size / found["step_ms"]
                tell(**{name: found})
                del session
                finished = finished_run(experiment, setup)
                found["whole_seconds"] = finished.whole_seconds
                found["parts"] = [finished.prepare_seconds, finished.train_seconds, finished.evaluate_seconds]
                found["parts"].append(finished.save_seconds)
        except Exception as error:  # one preset that does not run is a result
            found["error"] = _first_line(error)
        tell(**{name: found | {"took": time.perf_counter() - began}})


def finished_run(experiment: Experiment, setup: Setup) -> Finished:
    """Train from beginning to end; returns the last event."""
    *_, last = train(experiment, setup.device)
    assert isinstance(last, Finished)
    return last


def _first_line(error: BaseException) -> str:
    return f"{type(error).__name__}: {str(error).strip().splitlines()[0] if str(error).strip() else ''}"[:300]


def learning(setup: Setup) -> None:
    """What each CIFAR-10 preset, and the record's own loop, learn from the real pictures that have come along."""
    data = learned(setup)
    if data is None:
        tell(error=f"There is no {FILE} in {setup.data}: make it with --pack where CIFAR-10 is, and bring it along.")
        return
    dataset = core.data.load(data)
    tell(data=dataset.info.title, train_images=dataset.info.train_images, test_images=dataset.info.test_images)
    names = [name for name in PRESETS if PRESETS[name].experiment.data == "cifar10"]
    for seed in range(1 if setup.quick else 2):
        for name in QUICK_PRESETS[:1] if setup.quick else sorted(names, key=lambda name: name != RECIPE):
            experiment = experiment_of(name, data, setup)
            experiment = replace(experiment, train_images=min(experiment.train_images, dataset.info.train_images))
            last = finished_run(replace(experiment, seed=seed), setup)
            told = {"accuracy": last.test_accuracy, "train_images": last.train_images, "seconds": last.whole_seconds}
            tell(**{f"{name}, seed {seed}": told})
        tell(**{f"plain record, seed {seed}": plain_record(dataset, setup, seed=seed)})
    if setup.quick:
        return
    # as many pictures as from the whole set, repeats counted: fewer pictures a run are fewer steps, which cost the most
    times = PUBLISHED / dataset.info.train_images
    experiment = experiment_of(RECIPE, data, setup)
    count = min(experiment.train_images, dataset.info.train_images)
    longer = replace(experiment, train_images=count, epochs=round(experiment.epochs * times))
    last = finished_run(longer, setup)
    told = {"accuracy": last.test_accuracy, "epochs": longer.epochs, "seconds": last.whole_seconds}
    tell(**{f"{RECIPE}, as many steps": told})
    tell(**{"plain record, as many steps": plain_record(dataset, setup, epochs=round(8 * times))})


COUNTED = (
    *("cudaStreamSynchronize", "cudaDeviceSynchronize", "cudaEventSynchronize", "cudaMemcpyAsync", "cudaMemcpy"),
    *("aten::item", "aten::_local_scalar_dense", "aten::nonzero", "aten::to", "aten::copy_"),
    *("cudaLaunchKernel", "cuLaunchKernel", "cuLaunchKernelEx", "cudaLaunchKernelExC", "cudaGraphLaunch"),
)
COPIES = {"HtoD": "Memcpy HtoD", "DtoH": "Memcpy DtoH", "DtoD": "Memcpy DtoD"}


def profile(setup: Setup) -> None:
    """What a warm step of the recipe waits for or copies, and where its time goes.

    The one cudaDeviceSynchronize (and what torch's profiler adds to it) stands at the end, not in a step.
    """
    steps = 2 if setup.quick else 20
    activities = [torch.profiler.ProfilerActivity.CPU]
    if setup.device == "cuda":
        activities.append(torch.profiler.ProfilerActivity.CUDA)
    for form in ("eager",) if setup.quick else ("eager", "graphs"):
        with compiling(form, setup) as compiled:
            data = made("cifar10", setup)
            experiment = replace(experiment_of(setup.recipe, data, setup), compiled=compiled, low_res_fraction=0.0)
            session, _ = warm_session(experiment, setup)
            began = time.perf_counter()
            with torch.profiler.profile(activities=activities) as profiled:
                for _ in range(steps):
                    session.train_step()
                setup.wait()
            seconds = time.perf_counter() - began
        averages = profiled.key_averages()
        counts = {name: sum(e.count for e in averages if e.key == name) / steps for name in COUNTED}
        copies = {name: sum(e.count for e in averages if e.key.startswith(key)) / steps for name, key in COPIES.items()}
        found = {"per_step": counts | copies, "profiled_ms_per_step": 1000 * seconds / steps, "steps": steps}
        tell(**{form: found})
        kernels = _kernels(averages, setup)
        busy = sum(microseconds for _, microseconds, _ in kernels)
        top = [
            {"name": name[:120], "share": microseconds / max(busy, 1e-9), "calls": count / steps}
            for name, microseconds, count in kernels[:10]
        ]
        tell(**{form: found | {"top": top, "busy_ms_per_step": busy / 1000 / steps}})


def _kernels(averages: Any, setup: Setup) -> list[tuple[str, float, int]]:
    """Name, microseconds and calls of what ran on the GPU (else of torch's operations on the CPU), longest first."""
    if setup.device == "cuda":
        on_gpu = [e for e in averages if e.device_type == torch.autograd.DeviceType.CUDA]
        found = [(e.key, float(e.self_device_time_total), e.count) for e in on_gpu]
    else:
        found = [(e.key, float(e.self_cpu_time_total), e.count) for e in averages]
    return sorted(found, key=lambda kernel: -kernel[1])


def record(setup: Setup) -> None:
    """Images per second of the 94 % recipe in each form, beside the record's own loop on the same pictures."""
    data = made("cifar10", setup)
    dataset = core.data.load(data)
    for mode in (None,) if setup.quick else (None, "default"):
        if mode is not None or not setup.quick:
            plain_record(dataset, setup, epochs=1, mode=mode)  # warms up, and compiles
        tell(**{f"plain record, {mode or 'eager'}": plain_record(dataset, setup, mode=mode)})
    for form in ("eager",) if setup.quick else ("eager", "graphs"):
        with compiling(form, setup) as compiled:
            experiment = replace(experiment_of(setup.recipe, data, setup), compiled=compiled)
            for label, low_res_fraction in (("full pictures", 0.0), ("small pictures", 0.95)):
                session, _ = warm_session(replace(experiment, low_res_fraction=low_res_fraction), setup)
                began, steps = time.perf_counter(), 2 if setup.quick else 150
                for _ in range(steps):
                    session.train_step()
                setup.wait()
                rate = steps * session.batch_size / (time.perf_counter() - began)
                tell(**{f"{setup.recipe}, {form}, {label}": {"images_per_second": rate, "batch": session.batch_size}})


def tests(setup: Setup) -> None:
    """Run the tests that need a GPU."""
    # only files that have some, as others may need what is not here
    files = [path for path in sorted(ROOT.glob("tests/*/test_*.py")) if "@pytest.mark.cuda" in path.read_text()]
    where = [str(path.relative_to(ROOT)) for path in files][: 1 if setup.quick else None]
    command = [sys.executable, "-m", "pytest", "-m", "cuda", "-v", "--tb=line", "-p", "no:cacheprovider"]
    command += ["--continue-on-collection-errors", *where]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as run:
        assert run.stdout is not None
        counts = dict.fromkeys(("PASSED", "FAILED", "ERROR", "SKIPPED"), 0)
        failures: list[str] = []  # and their first lines
        for line in run.stdout:
            outcome = re.match(r"tests/\S+::.* (PASSED|FAILED|ERROR|SKIPPED)", line)
            if outcome:
                counts[outcome[1]] += 1
                if outcome[1] in ("FAILED", "ERROR"):
                    failures.append(line.strip()[:200])
            elif re.match(r"(E  |/.*:\d+: )", line):
                failures.append(line.strip()[:300])
            if outcome and sum(counts.values()) % 10 == 0:
                tell(**counts, failures=failures[:60])
    tell(**counts, failures=failures[:60], exit=run.returncode)


# ---------------------------------------------------------------------- the record's own loop


class Block(nn.Sequential):
    """Two 3 x 3 convolutions with batch norm and GELU; the first halves the picture."""

    def __init__(self, planes: int, width: int) -> None:
        def conv(source: int) -> nn.Conv2d:
            made = nn.Conv2d(source, width, 3, padding="same", bias=False)
            nn.init.dirac_(made.weight.data[:source])
            return made

        def norm() -> nn.BatchNorm2d:
            made = nn.BatchNorm2d(width, eps=1e-12, momentum=0.4)
            made.weight.requires_grad_(False)
            return made

        super().__init__(conv(planes), nn.MaxPool2d(2), norm(), nn.GELU(), conv(width), norm(), nn.GELU())


class RecordNetwork(nn.Module):
    """The network of K. Jordan, "94 % on CIFAR-10 in 3.29 seconds on a single GPU" (2024), section 3."""

    def __init__(self) -> None:
        super().__init__()
        self.whiten = nn.Conv2d(3, 24, 2)
        self.whiten.weight.requires_grad_(False)
        self.blocks = nn.Sequential(nn.GELU(), Block(24, 64), Block(64, 256), Block(256, 256), nn.MaxPool2d(3))
        self.head = nn.Linear(256, 10, bias=False)
        self.head.weight.data /= self.head.weight.data.std()

    def forward(self, images: Tensor) -> Tensor:
        return self.head(self.blocks(self.whiten(images)).flatten(1)) / self.head.in_features

    @torch.no_grad()
    def whiten_with(self, images: Tensor) -> None:
        """Set the first filters to the eigenvectors of 2 x 2 patches, over the roots of their variances, and minus."""
        patches = images.float().unfold(2, 2, 1).unfold(3, 2, 1).permute(0, 2, 3, 1, 4, 5).reshape(-1, 12)
        variances, vectors = torch.linalg.eigh(patches.T @ patches / len(patches))
        filters = (vectors / (variances + 5e-4).sqrt()).T.reshape(12, 3, 2, 2)
        self.whiten.weight.data.copy_(torch.cat([filters, -filters]))
        self.whiten.bias.data.zero_()


class PlainMuon:
    """Muon of the record: Nesterov's momentum made orthogonal by three rounds of Newton and Schulz's iteration."""

    def __init__(self, weights: list[nn.Parameter], rate: float, momentum: float) -> None:
        self.weights, self.rate, self.momentum = weights, rate, momentum
        self.buffers = [torch.zeros_like(weight) for weight in weights]

    @torch.no_grad()
    def step(self, factor: float) -> None:
        """Move every weight, at `factor` times the first rate."""
        for weight, buffer in zip(self.weights, self.buffers, strict=True):
            assert weight.grad is not None
            buffer.mul_(self.momentum).add_(weight.grad)
            x = weight.grad.add(buffer, alpha=self.momentum).flatten(1).bfloat16()
            x = x / (x.norm() + 1e-7)
            tall = x.shape[0] > x.shape[1]
            x = x.T if tall else x
            for _ in range(3):
                gram = x @ x.T
                x = 3.4445 * x + (-4.7750 * gram + 2.0315 * gram @ gram) @ x
            x = x.T if tall else x
            weight.mul_(len(weight) ** 0.5 / weight.norm())
            weight.add_(x.reshape(weight.shape).to(weight.dtype), alpha=-self.rate * factor)


def plain_record(
    dataset: Dataset, setup: Setup, *, epochs: int = 8, mode: str | None = None, seed: int = 0
) -> dict[str, Any]:
    """Train as the record with Muon does (airbench94_muon), written fresh from its description, and test it.

    Half precision, all pictures on the GPU, the whole epoch shifted (reflected borders, 2 pixels) and flipped at once,
    every other epoch the other way round; batches of 2,000; label smoothing 0.2; six views in the test.
    """
    torch.manual_seed(seed)
    device, half = setup.device, torch.float16 if setup.device == "cuda" else torch.float32
    batch, epochs = (25, 1) if setup.quick else (min(2000, len(dataset.train_labels) // 4), epochs)
    raw = [torch.from_numpy(np.array(part)).to(device) for part in (dataset.train_images, dataset.test_images)]
    train_labels, test_labels = (
        torch.from_numpy(part.astype(np.int64)).to(device) for part in (dataset.train_labels, dataset.test_labels)
    )
    setup.wait()
    began = time.perf_counter()
    mean = torch.tensor(core.data.statistics(dataset), device=device).view(2, 1, 3, 1, 1)
    train_images, test_images = (
        (((part.float() / 255 - mean[0]) / mean[1]).to(half).contiguous(memory_format=torch.channels_last))
        for part in raw
    )
    network = RecordNetwork().to(device, half, memory_format=torch.channels_last)  # type: ignore[call-overload]
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.float()
    network.whiten_with(train_images[:5000])
    forward = network if mode is None else torch.compile(network, mode=mode)
    filters = [p for p in network.blocks.parameters() if p.ndim == 4]
    biases = [p for p in network.blocks.parameters() if p.ndim == 1 and p.requires_grad]
    assert network.whiten.bias is not None
    decay = 2e-6 * batch
    groups: list[dict[str, Any]] = [
        {"params": [network.whiten.bias], "lr": 0.053, "weight_decay": decay / 0.053},
        {"params": biases, "lr": 0.053, "weight_decay": decay / 0.053},
        {"params": [network.head.weight], "lr": 0.67, "weight_decay": decay / 0.67},
    ]
    sgd = torch.optim.SGD(groups, momentum=0.85, nesterov=True, fused=True)
    rates = [group["lr"] for group in groups]
    muon = PlainMuon(filters, 0.24, 0.6)
    per_epoch = len(train_images) // batch
    steps, step = epochs * per_epoch, 0
    padded = functional.pad(train_images, (2, 2, 2, 2), mode="reflect")
    flipped = torch.rand(len(train_images), device=device) < 0.5
    every = torch.arange(len(train_images), device=device)
    setup.wait()
    training = time.perf_counter()
    network.train()
    for epoch in range(epochs):
        top, left = torch.randint(5, (2, len(every)), device=device)
        moved = padded.unfold(2, 32, 1).unfold(3, 32, 1)[every, :, top, left]  # (N, 3, 32, 32)
        turned = flipped ^ bool(epoch % 2)
        shown = torch.where(turned.view(-1, 1, 1, 1), moved.flip(-1), moved).contiguous(
            memory_format=torch.channels_last
        )
        order = torch.randperm(len(every), device=device)
        for place in range(per_epoch):
            rows = order[place * batch : (place + 1) * batch]
            outputs = forward(shown[rows])
            loss = functional.cross_entropy(outputs, train_labels[rows], label_smoothing=0.2, reduction="sum")
            loss.backward()
            left_over = 1 - step / steps
            # the whitening's bias learns in the first three epochs
            factors = (max(0.0, 1 - step / (3 * per_epoch)), left_over, left_over)
            for group, rate, factor in zip(sgd.param_groups, rates, factors, strict=True):
                group["lr"] = rate * factor
            sgd.step()
            muon.step(left_over)
            network.zero_grad(set_to_none=True)
            step += 1
    setup.wait()
    trained = time.perf_counter()
    network.eval()
    right = torch.zeros((), device=device)
    with torch.inference_mode():
        for images, labels in zip(test_images.split(2000), test_labels.split(2000), strict=True):
            around = functional.pad(images, (1, 1, 1, 1), mode="reflect")
            views = ((images, 0.25), (around[..., :32, :32], 0.125), (around[..., 2:, 2:], 0.125))
            answers = sum(weight * (network(view).float() + network(view.flip(-1)).float()) for view, weight in views)
            assert isinstance(answers, Tensor)
            right += (answers.argmax(1) == labels).sum()
    accuracy = float(right) / len(test_labels)  # waits
    ended = time.perf_counter()
    return {
        "images_per_second": steps * batch / (trained - training),
        "train_seconds": trained - training,
        "whole_seconds": ended - began,
        "accuracy": accuracy if dataset.info.name == LEARNED else None,  # of pictures made here it means nothing
        "train_images": len(train_images),
        "epochs": epochs,
        "batch": batch,
    }


# ---------------------------------------------------------------------- all of it

Part = Callable[[Setup], None]
PARTS: dict[str, tuple[Part, float]] = {  # and the seconds it may take at most
    "machine": (machine, 30),
    "eager": (lambda setup: speed("eager", setup), 75),
    "record": (record, 75),
    "learning": (learning, 60),
    "profile": (profile, 60),
    "tests": (tests, 90),
    "graphs": (lambda setup: speed("graphs", setup), 120),
    "compiled": (lambda setup: speed("compiled", setup), 90),
}


def measured(name: str, command: list[str], limit: float, environment: dict[str, str]) -> dict[str, Any]:
    """Run a part in a process of its own for at most `limit` seconds; returns what it told until then."""
    began = time.perf_counter()
    found: dict[str, Any] = {}
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as complaints:
        run = subprocess.Popen(
            [*command, "--part", name], stdout=out, stderr=complaints, env=environment, start_new_session=True
        )
        try:
            ended = "done" if run.wait(limit) == 0 else "failed"
        except subprocess.TimeoutExpired:
            ended = f"cut after {limit:.0f} s"
        with contextlib.suppress(ProcessLookupError):
            os.killpg(run.pid, signal.SIGKILL)  # and what it has started
        run.wait()
        for stream in (out, complaints):
            stream.seek(0)
        for line in out:
            with contextlib.suppress(ValueError):
                told = json.loads(line)
                found |= told if isinstance(told, dict) else {}
        if ended == "failed":
            found["error"] = (complaints.read().strip().splitlines() or ["without a word"])[-1][:300]
    return found | {"ended": ended, "part_seconds": round(time.perf_counter() - began, 1)}


def main() -> None:
    """Run every part and print the results as one line of JSON."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--device", default="cuda", choices=["cuda", "cpu"])
    parser.add_argument("--quick", action="store_true", help="few pictures and steps: whether it runs, not how fast")
    parser.add_argument("--data", type=Path, default=ROOT / "shared", help=f"the folder with {FILE}")
    parser.add_argument("--only", nargs="*", choices=list(PARTS), default=list(PARTS))
    parser.add_argument("--pack", type=Path, metavar="FOLDER", help=f"write {FILE} there from CIFAR-10, and end")
    parser.add_argument("--part", choices=list(PARTS), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.pack:
        os.environ.setdefault("CNNLAB_DATA", str(ROOT.parent / "shared" / "data"))
        dataset = core.data.load("cifar10")
        if dataset.info.standin:
            raise SystemExit(f"{os.environ['CNNLAB_DATA']} has no CIFAR-10: nothing is packed of a stand-in.")
        path = pack(dataset, arguments.pack)
        print(f"{path}: {unpack(path).title}, {path.stat().st_size / 2**20:.1f} MiB")
        return
    setup = Setup(arguments.device, arguments.quick, arguments.data)
    if arguments.part:
        PARTS[arguments.part][0](setup)
        return
    command = [sys.executable, str(Path(__file__).resolve()), "--device", setup.device, "--data", str(setup.data)]
    command += ["--quick"] if setup.quick else []
    ends = time.perf_counter() + ALL_SECONDS
    results: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as home:
        # compiled code is kept for the next part
        environment = os.environ | {"CNNLAB_HOME": home, "TORCHINDUCTOR_CACHE_DIR": f"{home}/inductor"}
        for name in arguments.only:
            limit = min(PARTS[name][1], ends - time.perf_counter())
            if limit < 5:
                results[name] = {"ended": "no time was left"}
                continue
            results[name] = measured(name, command, limit, environment)
            print(f"{name}: {results[name]['ended']}, {results[name]['part_seconds']} s", flush=True)
            if out := os.environ.get("OUT"):
                (Path(out) / "gpu.json").write_text(json.dumps(results))
    print(json.dumps(results))


if __name__ == "__main__":
    main()
