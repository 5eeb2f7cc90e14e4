"""Links that commit 4334778 wrote, one of every page, open as they did."""

from urllib.parse import parse_qs

import pytest

from core.layers.cifar_networks import NETWORKS
from core.training.presets import PRESETS
from core.ui.state import old_links
from tests.pages.conftest import opened

LINKS = {
    "kernels": (
        "k_picture=Cat&k_kernel=Gaussian+blur&k_size_gaussian=5+%C3%97+5&k_colors=F+%C3%97+F+%C3%97+3"
        "&k_planes=red+against+green&k_tab=Filters+in+a+row&k_then_2=Laplacian%2C+8+neighbors",
        {
            "k_picture": "cat",
            "k_kernel": "gaussian",
            "k_colors": "depth",
            "k_planes": "red_green",
            "k_tab": "chain",
        },
    ),
    "frequency": (
        "f_picture=Coffee&f_tab=The+strongest+waves&f_keep=1%2C000&f_pass=high&f_radius=30",
        {"f_picture": "coffee", "f_tab": "strongest", "f_keep": "1000", "f_pass": "high", "f_radius": "30"},
    ),
    "filters": (
        "l_filters=Box+blur&l_filters=Gaussian+blur&l_plane=gaussian&l_depth=Color&l_tab=Locally+or+fully+connected"
        "&l_wiring=Fully+connected&l_side=16+%C3%97+16",
        {
            "l_filters": "box,gaussian",
            "l_plane": "gaussian",
            "l_depth": "color",
            "l_tab": "connectivity",
            "l_wiring": "full",
            "l_side": "16",
        },
    ),
    "layer_calculator": (
        "c_w=16&c_tab=Asked+backwards&c_want=5&c_net=lenet-5&c_net_tab=Formulas&c_row=2",
        {"c_w": "16", "c_tab": "inverse", "c_want": "5", "c_net": "lenet-5", "c_net_tab": "formulas", "c_row": "2"},
    ),
    "pooling": (
        "p_kind=Average&p_f=3&p_plane=Its+plane+of+Box+blur&p_tab=When+it+moves&p_curves=Min&p_curves=L2"
        "&p_measure=the+output+at+0+px",
        {
            "p_kind": "average",
            "p_f": "3",
            "p_plane": "box",
            "p_tab": "shift",
            "p_curves": "min,l2",
            "p_measure": "change",
        },
    ),
    "mnist": (
        "m_epochs=5&m_images=2%2C000&m_budget=Free&m_optimizer=SGD&m_schedule=Cosine&m_cnn=CNN%2C+99+%25",
        {"m_epochs": "5", "m_images": "2000", "m_optimizer": "sgd", "m_schedule": "cosine", "m_cnn": "mnist-cnn"},
    ),
    "augmentation": (
        "a_picture=Coffee&a_seed=3&a_pipeline=none&a_tab=What+it+costs",
        {"a_picture": "coffee", "a_seed": "3", "a_pipeline": "none", "a_tab": "cost"},
    ),
    "invariance": (
        "i_dx=3&i_along=Turn&i_tab=Moves+along+or+holds+still&i_by=2+px&i_network=Blur-pooled+CNN",
        {"i_dx": "3", "i_along": "rotate", "i_tab": "equivariance", "i_by": "2", "i_network": "mnist-cnn-blur"},
    ),
    "anatomy": (
        "n_network=MLP+on+MNIST&n_image=4&n_weights=Random&n_scale=The+layer&n_tab=The+answer",
        {
            "n_network": "mnist-mlp",
            "n_image": "4",
            "n_weights": "random",
            "n_scale": "layer",
            "n_tab": "prediction",
        },
    ),
    "cifar": (
        "ci_aim=Large%2C+90+%25&ci_length=Time+budget&ci_images=1%2C000&ci_aug=Strong&ci_views=Once"
        "&ci_tab=What+each+switch+gives",
        {
            "ci_aim": "cifar-90",
            "ci_length": "budget",
            "ci_images": "1000",
            "ci_aug": "strong",
            "ci_views": "none",
            "ci_tab": "ablation",
        },
    ),
}


@pytest.mark.parametrize("page", LINKS)
def test_a_link_of_before_opens(service: object, page: str) -> None:
    link, expected = LINKS[page]
    app = opened(page, {key: texts if len(texts) > 1 else texts[0] for key, texts in parse_qs(link).items()})
    assert not app.exception
    assert not app.warning, [one.value for one in app.warning]
    assert expected.items() <= dict(app.query_params).items()


def test_a_run_of_before_is_named_by_its_first_digits() -> None:
    given = {"n_network": ["Trained here: CNN on MNIST, run 3fa2b1"], "i_run": ["CNN+aug, 98.71 %, 3f2a"]}
    assert old_links.translated(given) == {"n_network": "3fa2b1", "i_run": "3f2a"}


@pytest.mark.parametrize("title", ["The notes' exercise", "The course notes' exercise"])
def test_both_titles_of_the_exercise_are_known(title: str) -> None:
    given = {"ci_aim": [title], "ci_net": [title]}
    assert old_links.translated(given) == {"ci_aim": "cifar-exercise", "ci_net": "exercise"}


@pytest.mark.parametrize("key", ["ci_aim", "ci_net"])
def test_current_titles_are_read_too(key: str) -> None:
    titles = {
        "ci_aim": {name: preset.title for name, preset in PRESETS.items() if name.startswith("cifar-")},
        "ci_net": {name: title for name, (title, _) in NETWORKS.items()},
    }[key]
    assert {name: old_links.translated({key: [title]})[key] for name, title in titles.items()} == {
        name: name for name in titles
    }
