"""Break the code in many places, one at a time, and see that a test fails each time.

`python -m tests.mutation` tries all of them in a copy of the project; `python -m tests.mutation 3 10` tries those two.
A break names a folder, a text that stands there exactly once, what is written instead, and the tests that must notice;
where the text is not found (the line was changed or moved to another folder), the break is to be written anew.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
MARKS = "not browser and not nightly and not realdata"
TESTS_FAILED = 1  # pytest's exit code; others mean that it could not run


@dataclass(frozen=True, slots=True)
class Break:
    """One wrong line."""

    where: str  # a folder
    old: str  # stands there exactly once
    new: str
    tests: str  # files of tests/, separated by spaces


BREAKS = (
    # images
    Break(
        "core/images",
        "= np.conj(scipy.fft.rfft2(weights, s=size))",
        "= scipy.fft.rfft2(weights, s=size)",
        "images/test_convolution.py",
    ),
    Break(
        "core/images",
        "[((size - 1) // 2, size // 2) for size in weights.shape]",
        "[(size // 2, (size - 1) // 2) for size in weights.shape]",
        "images/test_convolution.py",
    ),
    Break(
        "core/images",
        "abs((cycles + samples / 2) % samples - samples / 2)",
        "abs(cycles % samples)",
        "images/test_aliasing.py",
    ),
    Break("core/images", "np.arctan2(0 - down, across)", "np.arctan2(down, across)", "images/test_edges.py"),
    Break(
        "core/images",
        "np.minimum(np.arange(count) * step + size, length + 2 * border)",
        "(np.arange(count) * step + size)",
        "images/test_pooling.py",
    ),
    # layers
    Break(
        "core/layers",
        "(plane[0] + 2 * padding[0] - spans[0]) // stride[0] + 1",
        "(plane[0] + 2 * padding[0] - spans[0] + 1) // stride[0] + 1",
        "layers/test_calculator.py",
    ),
    Break(
        "core/layers",
        "if ceil and (count - 1) * stride >= n + padding:",
        "if ceil and (count - 1) * stride > n + padding:",
        "layers/test_calculator.py",
    ),
    Break(
        "core/layers",
        "(n - 1) - np.abs((n - 1) - np.abs(taps))",
        "np.clip(taps, 0, n - 1)",
        "layers/test_receptive_field.py",
    ),
    Break(
        "core/layers",
        "range(max(0, -(-least // 2)), most // 2 + 1)",
        "range(max(0, least // 2), most // 2 + 1)",
        "layers/test_inverse.py",
    ),
    Break(
        "core/layers",
        "macs=weights * plane[0] * plane[1],",
        "macs=weights * output[0] * output[1],",
        "layers/test_calculator.py",
    ),
    Break(
        "core/layers",
        "return (kernel - 1) // 2, kernel // 2",
        "return kernel // 2, (kernel - 1) // 2",
        "nets/test_blur.py layers/test_calculator.py",
    ),
    # nets
    Break("core/nets", "self.body(x) + self.shortcut(x)", "self.body(x) - self.shortcut(x)", "nets/test_network.py"),
    Break("core/nets", "nn.Softmax(dim=1)", "nn.Softmax(dim=-1)", "nets/test_network.py"),
    # data
    Break("core/data", "squares / count - means**2", "squares / count", "data/test_statistics.py"),
    Break(
        "core/data",
        ".permutation(shape[1] * shape[2])",
        ".permutation(shape[2] * shape[1] - 1)",
        "data/test_pixel_shuffle.py",
    ),
    # training
    Break(
        "core/training",
        "(1 + math.cos(math.pi * done)) / 2",
        "math.cos(math.pi * done / 2)",
        "training/test_optimizers.py",
    ),
    Break(
        "core/training",
        "math.ceil(self.epoch_images / self.batch_size)",
        "self.epoch_images // self.batch_size",
        "training/test_experiment_checks.py training/test_clock.py",
    ),
    Break(
        "core/training",
        'if p.ndim <= 1], "weight_decay": 0.0,',
        'if p.ndim <= 1], "weight_decay": decay,',
        "training/test_optimizers.py",
    ),
    Break(
        "core/training",
        "weight.mul_(len(weight) ** 0.5 / (",
        "weight.mul_(len(weight) / (",
        "training/test_muon.py",
    ),
    Break(
        "core/training", "(cos - sin * slant) / scale", "(cos + sin * slant) / scale", "training/test_augmentation.py"
    ),
    Break("core/training", "(hsv[:, :1] + turn) % 1", "(hsv[:, :1] - turn) % 1", "training/test_augmentation.py"),
    Break(
        "core/training",
        "int(PLANNED_SHARE * trained /",
        "int(PLANNED_SHARE * trained *",
        "training/test_clock.py training/test_duration_estimate.py",
    ),
    Break(
        "core/training",
        "(work + max(0.0, end - since))",
        "work",
        "training/test_duration_estimate.py",
    ),
    Break("core/training", "* (work + max(0.0, end - since))", "* work", "training/test_duration_estimate.py"),
    Break("core/training", "1.0 if self.done >= 1 else done", "1.0 if self.over else done", "training/test_recipe.py"),
    # insight
    Break("core/insight", "x.abs() <= width / 2", "x.abs() <= width / 2 - 0.5", "insight/test_pixel_moves.py"),
    Break(
        "core/insight",
        "enumerate(pipeline.steps) if not step.idle",
        "enumerate(pipeline.steps)",
        "insight/test_augmentation_draws.py",
    ),
    Break(
        "core/insight", "share * (1 - share) + squared / (4 * n)", "share * (1 - share)", "insight/test_confusion.py"
    ),
    Break(
        "core/insight",
        "max(0.0, share.low), min(1.0, share.high)",
        "max(0.0, share.high), min(1.0, share.low)",
        "insight/test_robustness.py",
    ),
    Break(
        "core/insight",
        "(weights * plane).sum(dim=1)[0].relu()",
        "(weights * plane).sum(dim=1)[0].abs()",
        "insight/test_gradcam.py",
    ),
    Break(
        "core/insight",
        "np.bincount(truth * classes + guess,",
        "np.bincount(guess * classes + truth,",
        "insight/test_confusion.py",
    ),
    # runs
    Break(
        "core/runs",
        'return active.get(owner, 0), last.get(owner, float("-inf")), rest',
        'return 0, last.get(owner, float("-inf")), rest',
        "runs/test_scheduler.py",
    ),
    Break(
        "core/runs",
        "now.total - stored.free_bytes(), now.limit *",
        "now.total - stored.free_bytes(), now.limit + 0 *",
        "runs/test_retention.py",
    ),
    Break(
        "core/runs",
        "files[: max(0, len(files) - self._most)]",
        "files[max(0, len(files) - self._most) :]",
        "runs/test_measurement_cache.py",
    ),
    # ui: display, charts, components, layout, run_panels, backend, views
    Break(
        "core/ui/display",
        "digits - 1 - math.floor(math.log10(abs(number)))",
        "digits - 1 - math.ceil(math.log10(abs(number)))",
        "ui/display/test_numbers.py",
    ),
    Break("core/ui/display", "spent * (1 / run.done - 1)", "spent * (1 / run.done)", "ui/display/test_run_times.py"),
    Break(
        "core/ui/display",
        "return self.left + self.width + self.depth",
        "return self.left + self.width",
        "ui/display/test_network_diagram.py",
    ),
    Break(
        "core/ui/charts",
        "placed[i] = min(placed[i], ceiling)",
        "placed[i] = max(placed[i], ceiling)",
        "ui/charts/test_learning_curves.py",
    ),
    Break(
        "core/ui/components",
        "row.parameters / max(sums.parameters, 1)",
        "row.parameters / max(sums.macs, 1)",
        "ui/components pages/test_layer_calculator.py",
    ),
    Break(
        "core/ui/components",
        'return low if self.f_pass == "low" else 1 - low',
        'return 1 - low if self.f_pass == "low" else low',
        "ui/views/test_frequency.py pages/test_frequency.py",
    ),
    Break(
        "core/ui/layout",
        "len(kept) > MAX_FILES or sum(",
        "len(kept) > MAX_FILES and sum(",
        "ui/layout/test_session_uploads.py",
    ),
    Break(
        "core/ui/layout",
        "PAGES[(PAGES.index(current) + 1) % len(PAGES)]",
        "PAGES[(PAGES.index(current) + 2) % len(PAGES)]",
        "ui/layout/test_navigation.py pages/test_home.py",
    ),
    Break(
        "core/ui/run_panels",
        "max(TICK_SECONDS, min(planned) / MIN_TICKS)",
        "max(TICK_SECONDS, max(planned) / MIN_TICKS)",
        "ui/run_panels/test_redraw_interval.py",
    ),
    Break(
        "core/ui/run_panels",
        "min(experiment.train_images, info.train_images - held_out)",
        "min(experiment.train_images, info.train_images)",
        "pages/test_settings_file.py",
    ),
    Break("core/ui/backend", "table[name] + getattr(self, name)", "table[name]", "ui/backend/test_continued_runs.py"),
    Break(
        "core/ui/views",
        "(self.width + 2 * self.padding - self.span) % self.stride",
        "(self.width + self.padding - self.span) % self.stride",
        "pages/test_layer_calculator.py",
    ),
    Break(
        "core/ui/views",
        "math.log(low) + part * (math.log(high) - math.log(low))",
        "math.log(low) + part",
        "ui/views/test_mnist_width_budget.py",
    ),
)


def files_with(broken: Break, root: Path = ROOT) -> list[Path]:
    """Return each file of the break's folder once for every time that its text stands in it."""
    files = sorted((root / broken.where).rglob("*.py"))
    return [file for file in files for _ in range(file.read_text(encoding="utf-8").count(broken.old))]


def outcome(broken: Break, copy: Path, timeout: float) -> str:
    """Break one line in the copy, run the tests that must notice, and mend it. Returns "noticed" or what went wrong."""
    found = files_with(broken, copy)
    if len(found) != 1:
        return f"its text stands {len(found)} times in {broken.where}, not once: write this break anew"
    sound = found[0].read_text(encoding="utf-8")
    found[0].write_text(sound.replace(broken.old, broken.new), encoding="utf-8")
    try:
        code = _tested(broken.tests.split(), copy, timeout)
    except subprocess.TimeoutExpired:
        return "noticed"  # a loop without an end is a failure too
    finally:
        found[0].write_text(sound, encoding="utf-8")
    return {0: "NOT NOTICED", TESTS_FAILED: "noticed"}.get(code, f"pytest could not run (exit code {code})")


def _tested(files: list[str], copy: Path, timeout: float) -> int:
    """Return pytest's exit code for these files of tests/."""
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-n", "0", "-p", "no:cacheprovider", "-m", MARKS]
    environment = os.environ | {"PYTHONDONTWRITEBYTECODE": "1"}  # a file changed twice in a second looks unchanged
    paths = [f"tests/{file}" for file in files]
    done = subprocess.run([*command, *paths], cwd=copy, env=environment, capture_output=True, timeout=timeout)
    return done.returncode


def main() -> int:
    """Try the breaks that the command line names. Returns 1 where one was not noticed."""
    parser = argparse.ArgumentParser(description="Break the code, one line at a time, and see that a test fails.")
    parser.add_argument("numbers", nargs="*", type=int, help="of the breaks to try, from 1; all unless given")
    parser.add_argument("--timeout", type=float, default=300.0, help="seconds a break (300)")
    arguments = parser.parse_args()
    numbers = arguments.numbers or range(1, len(BREAKS) + 1)
    failed = 0
    with tempfile.TemporaryDirectory(prefix="mutation-") as folder:
        copy = Path(folder) / "project"
        ignored = shutil.ignore_patterns("__pycache__", ".git", ".venv", "node_modules")
        shutil.copytree(ROOT, copy, ignore=ignored)
        for number in numbers:
            broken = BREAKS[number - 1]
            told = outcome(broken, copy, arguments.timeout)
            failed += told != "noticed"
            print(f"{number:3}  {broken.where:22} {broken.old[:60]:60}  {told}", flush=True)
    print(f"{failed} of {len(numbers)} not noticed")
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
