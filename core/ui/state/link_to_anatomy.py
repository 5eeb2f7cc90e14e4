"""Parameters of a link to the anatomy page: the network, and the networks' titles there."""

from collections.abc import Mapping

from core.insight import pretrained
from core.runs.run import Run
from core.training.experiment import Experiment
from core.ui.display import colors

NETWORK = "n_network"


def title(name: str, runs: Mapping[str, Run]) -> str:
    """Return the title of a pretrained network or of a run; no two networks share one."""
    if name in runs:
        experiment = runs[name].experiment
        return f"Trained here: {colors.role(experiment).name} on {_data(experiment)}, run {name[:6]}"
    trained = pretrained.network(name)
    return f"{trained.title.removesuffix(' for CIFAR-10')} on {_data(trained.experiment)}"


def _data(experiment: Experiment) -> str:
    return {"mnist": "MNIST", "cifar10": "CIFAR-10"}.get(experiment.data, experiment.data)
