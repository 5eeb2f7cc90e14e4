"""A table of the runs on the screen: the settings in which they differ, their cost and their results."""

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from core.layers.specs import (
    Activation,
    BatchNorm,
    BlurPool,
    CapsuleDecoder,
    Conv,
    Dropout,
    Linear,
    Network,
    Pool,
    PrimaryCapsules,
    RoutedCapsules,
)
from core.runs.run import FINISHED, Run
from core.training.experiment import Experiment
from core.ui.backend import continued_runs
from core.ui.display import numbers, run_accuracies, run_times
from core.ui.run_panels.setting_labels import OPTIMIZER_NAMES
from core.ui.state import pipeline_link
from core.ui.widgets.download_button import download_button

ONE_VIEW = "With one view (%)"  # test accuracy without test-time augmentation
TOTAL, TRAINING, TESTING, PREPARING = "Total (s)", "Training (s)", "Testing (s)", "Preparing (s)"
SECONDS = {
    TOTAL: "From start to result: preparing, training, testing and saving, without the time in the queue",
    TRAINING: "Time spent on training steps",
    TESTING: "Time spent on all evaluations, including the last one",
    PREPARING: "Time spent reading the data and building the network",
}
OPTIONAL = (ONE_VIEW, TESTING, PREPARING)  # columns that are left out where no run has them


def table(runs: Mapping[str, Run]) -> pd.DataFrame:
    """Return one row for each run.

    Args:
        runs: By their names on the chart.

    Returns:
        Columns: settings that differ, state, parameters, test accuracy with its 95 % interval (%) and the number of
        test pictures, the accuracy with one view where the other is of several, total seconds and their parts, images
        per second. Values that a run has not reached yet, or that an older run did not measure, are missing.
    """
    settings = pd.DataFrame({name: describe_settings(run.experiment) for name, run in runs.items()}).T
    differing = [column for column in settings if column == "Network" or settings[column].nunique() > 1]
    results = pd.DataFrame({name: _results(run) for name, run in runs.items()}).T
    if all(run.state == FINISHED for run in runs.values()):
        results = results.drop(columns="State")
    results = results.drop(columns=[column for column in OPTIONAL if results[column].isna().all()])
    return settings[differing].join(results).rename_axis("Run").reset_index()


def show(runs: Mapping[str, Run]) -> None:
    """Draw the table of the runs that ended, with a download as CSV."""
    ended = {name: run for name, run in runs.items() if not run.active and run.summary}
    if not ended:
        st.markdown("No run has ended yet.")
        return
    rows = table(ended)
    st.dataframe(
        rows,
        hide_index=True,
        alt="The runs compared: settings that differ, parameters, accuracy, seconds",
        column_config={
            "Network": st.column_config.TextColumn(width="medium"),
            "Parameters": st.column_config.NumberColumn(format="localized"),
            "Test accuracy (%)": st.column_config.NumberColumn(format="%.2f", help="On the test images, at the end"),
            "from (%)": st.column_config.NumberColumn(
                format="%.2f", help="95 % interval: range expected with another test set"
            ),
            "to (%)": st.column_config.NumberColumn(
                format="%.2f", help="95 % interval: range expected with another test set"
            ),
            "Tested on": st.column_config.NumberColumn(
                format="localized", help="Number of test images: evaluations during training use only some of them"
            ),
            ONE_VIEW: st.column_config.NumberColumn(
                format="%.2f",
                help="Accuracy without test-time augmentation, for runs that use it",
            ),
            "Images/s": st.column_config.NumberColumn(
                format="localized", help="Training images per second of training, over the whole run"
            ),
            **{name: st.column_config.NumberColumn(format="%.1f", help=help) for name, help in SECONDS.items()},
        },
    )
    download_button(
        "Table as CSV",
        rows.to_csv(index=False),
        "runs.csv",
        "text/csv",
        key="download_table",
        help="The table above, one run per line",
    )


def describe_settings(experiment: Experiment) -> dict[str, str]:
    """Return every setting of an experiment in words, by its name."""
    return {
        "Network": describe_network(experiment.layers),
        "Training images": numbers.count(experiment.train_images),
        "Held-out images": numbers.count(experiment.held_out),
        "Epochs": str(experiment.epochs),
        "Ended early": f"after step {numbers.count(experiment.stop_step)}" if experiment.stop_step else "no",
        "Batch": str(experiment.batch_size),
        "Shorter last batch": "kept" if experiment.short_batch else "left out",
        "Optimizer": OPTIMIZER_NAMES[experiment.optimizer],
        "Learning rate": f"{experiment.learning_rate:g}",
        "Schedule": experiment.schedule,
        "Warm-up": f"{experiment.warmup:g}",
        "Momentum": f"{experiment.momentum:g}, {experiment.beta2:g}",
        "Weight decay": f"{experiment.weight_decay:g}",
        "Augmentation": pipeline_link.words(experiment.augmentation),
        "Label smoothing": f"{experiment.label_smoothing:g}",
        "Whitening": "yes" if experiment.whitening else "no",
        "Dirac initialization": "yes" if experiment.dirac_init else "no",
        "Batch norm": f"momentum {experiment.norm_momentum:g}, scale {'learned' if experiment.norm_scale else '1'}",
        "Last layer's first weights": f"× {experiment.head_scale:g}",
        "Muon's other rates": f"last layer × {experiment.head_lr_factor:g}, biases × "
        f"{experiment.non_matrix_lr_factor:g}, momentum {experiment.rest_momentum:g}",
        "Weight averaging": experiment.averaging,
        "Averaging decay": f"{experiment.averaging_decay:g}",
        "Test-time augmentation": experiment.test_time,
        "Low-resolution phase": ", ".join(f"{side} px to {100 * end:g} %" for end, side in experiment.sizes) or "no",
        "Time budget": f"{experiment.time_budget:g} s" if experiment.time_budget else "none",
        "Learning rate changed": ", ".join(f"{rate:g} at step {step}" for step, rate in experiment.lr_changes) or "no",
        "Continued from": continued_runs.run_name(experiment.parent_run) if experiment.parent_run else "nothing",
        "Pixels": "shuffled" if experiment.shuffle_pixels else "in order",
        "Seed": str(experiment.seed),
        "Precision": experiment.precision,
        "Compiled": "yes" if experiment.compiled else "no",
        "Data": experiment.data,
    }


def describe_network(layers: Network) -> str:
    """Return a network in one line: "conv 16 of 3 × 3, pool, dense 64, 10"."""
    parts: list[str] = []
    for layer in layers:
        match layer:
            case Conv():
                parts.append(f"conv {layer.filters} of {_size(layer.kernel)}")
            case Pool():
                parts.append("pool" if layer.kind == "max" else f"{layer.kind} pool")
            case BlurPool():
                parts.append("blur")
            case Linear():
                parts.append(f"dense {layer.units}" if layer is not layers[-1] else str(layer.units))
            case BatchNorm():
                parts.append("norm")
            case Dropout():
                parts.append(f"drop {layer.p:g}")
            case Activation() if layer.kind != "relu":
                parts.append(layer.kind)
            case PrimaryCapsules():
                parts.append(f"capsules of {layer.dimensions}, {layer.types} types of {_size(layer.kernel)}")
            case RoutedCapsules():
                alike = "shared " if layer.shared else ""
                parts.append(f"{layer.capsules} {alike}capsules of {layer.dimensions}, routing {layer.iterations}")
            case CapsuleDecoder():
                parts.append(f"decoder {layer.first}, {layer.second}")
    return ", ".join(parts)


def _size(kernel: int | tuple[int, int]) -> str:
    height, width = (kernel, kernel) if isinstance(kernel, int) else kernel
    return f"{height} × {width}"


def _results(run: Run) -> dict[str, object]:
    summary = run.summary
    accuracy = summary.get("test_accuracy")
    pictures = run_accuracies.sample_size(summary) if accuracy is not None else None
    low, high = run_accuracies.interval(accuracy, pictures) if accuracy is not None and pictures else (None, None)
    durations = run_times.parts(summary)
    return {
        "State": run.state,
        "Parameters": summary.get("parameters"),
        "Test accuracy (%)": _percent(accuracy),
        "from (%)": _percent(low),
        "to (%)": _percent(high),
        "Tested on": pictures,
        ONE_VIEW: _percent(run_accuracies.one_view(summary)),
        TOTAL: run_times.whole(summary),
        TRAINING: run_times.training(summary),
        TESTING: durations.evaluate if durations else None,
        PREPARING: durations.prepare if durations else None,
        "Images/s": _rounded(run.images_per_second),
    }


def _rounded(number: float | None) -> int | None:
    return None if number is None else round(number)


def _percent(fraction: float | None) -> float | None:
    return None if fraction is None else 100 * fraction
