import inspect
import itertools
import sys

import pytest
import torch

from core.layers.specs import Flatten, Linear
from core.training.experiment import OPTIMIZERS, SCHEDULES, Experiment
from core.training.learning_rate import learning_rate
from core.training.optimizers import kept_tensors, optimizer

SMALL = (Flatten(), Linear(10))


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("adamw", torch.optim.AdamW),
        ("adam", torch.optim.Adam),
        ("sgd", torch.optim.SGD),
        ("nesterov", torch.optim.SGD),
        ("adadelta", torch.optim.Adadelta),
    ],
)
def test_each_name_is_torchs_own(name: str, kind: type[torch.optim.Optimizer]) -> None:
    made = optimizer(Experiment(layers=SMALL, optimizer=name), torch.nn.Linear(3, 2))
    assert isinstance(made, kind)
    assert made.defaults.get("nesterov", False) == (name == "nesterov")


def test_every_optimizer_of_the_spec_can_be_built() -> None:
    for name in OPTIMIZERS:
        network = torch.nn.Linear(3, 2)
        made = optimizer(Experiment(layers=SMALL, optimizer=name, learning_rate=0.1), network)
        before = network.weight.detach().clone()
        network(torch.ones(1, 3)).sum().backward()
        made.step()
        assert not torch.equal(before, network.weight)
        assert kept_tensors(made) == [
            {item: t.ndim > 0 for item, t in made.state[p].items() if isinstance(t, torch.Tensor)}
            for p in network.parameters()
        ]


def test_no_optimizer_needs_torchs_compiler(monkeypatch: pytest.MonkeyPatch) -> None:
    """It takes longer to import than all the rest of torch, and no step of an optimizer is ever compiled."""
    for name in ("add_param_group", "zero_grad", "state_dict", "load_state_dict"):
        method = inspect.unwrap(getattr(torch.optim.Optimizer, name))
        monkeypatch.delattr(method, "__dynamo_disable", raising=False)  # where torch keeps what it imported it for
    monkeypatch.setitem(sys.modules, "torch._dynamo", None)  # from now on an import fails
    with pytest.raises(ImportError):
        torch.optim.SGD(torch.nn.Linear(3, 2).parameters())
    for name in OPTIMIZERS:
        network = torch.nn.Linear(3, 2)
        made = optimizer(Experiment(layers=SMALL, optimizer=name, learning_rate=0.1), network)
        network(torch.ones(1, 3)).sum().backward()
        made.step()
        made.zero_grad()
        made.load_state_dict(made.state_dict())


def test_weight_decay_spares_biases() -> None:
    network = torch.nn.Linear(3, 2)
    made = optimizer(Experiment(layers=SMALL, weight_decay=0.5), network)
    decay = {id(p): group["weight_decay"] for group in made.param_groups for p in group["params"]}
    assert decay == {id(network.weight): 0.5, id(network.bias): 0.0}


@pytest.mark.parametrize("schedule", SCHEDULES)
@pytest.mark.parametrize("warmup", [0.0, 0.3])
def test_the_rate_stays_between_zero_and_its_peak(schedule: str, warmup: float) -> None:
    experiment = Experiment(layers=SMALL, learning_rate=0.5, schedule=schedule, warmup=warmup)
    rates = [learning_rate(experiment, step, 100, 10) for step in range(100)]
    assert all(0 < rate <= 0.5 for rate in rates)
    assert max(rates) == pytest.approx(0.5, rel=0.02)
    if warmup:
        assert rates[0] < 0.02
        assert all(a < b for a, b in itertools.pairwise(rates[:30]))  # the warm-up's share of 100 steps
    assert all(a >= b for a, b in itertools.pairwise(rates[30 if warmup else 0 :]))


def test_schedules_agree_with_torchs() -> None:
    parameter = torch.nn.Parameter(torch.zeros(1))
    for schedule, scheduler in (
        ("cosine", lambda o: torch.optim.lr_scheduler.CosineAnnealingLR(o, 100)),
        ("linear", lambda o: torch.optim.lr_scheduler.LinearLR(o, 1.0, 1e-12, 100)),
        ("step", lambda o: torch.optim.lr_scheduler.StepLR(o, 10, 0.7)),
    ):
        theirs = torch.optim.SGD([parameter], lr=0.5)
        torchs = scheduler(theirs)
        experiment = Experiment(layers=SMALL, learning_rate=0.5, schedule=schedule)
        for step in range(100):
            assert learning_rate(experiment, step, 100, 10) == pytest.approx(theirs.param_groups[0]["lr"], abs=1e-9)
            theirs.step()
            torchs.step()
