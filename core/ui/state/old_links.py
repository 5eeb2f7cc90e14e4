"""Translate old links: texts that URLs once held, and the values that replace them.

Earlier versions wrote the labels of options into the URL, and several choices one by one. Labels that are reworded must
stay in this table.
"""

import re
from collections.abc import Mapping, Sequence

from core.ui.state import kernel_link

LISTS = {"l_filters", "p_curves"}
"""Keys with several values, once written one by one: "l_filters=Box+blur&l_filters=Sobel+x"."""

FROM_ONE = {"v_claim_digit": "v_claim_example"}
"""Keys of numbers that began at 1, and the keys whose numbers begin at 0."""

RUNS = {"n_network", "i_run", "i_cifar_run", "i_network", "i_cifar_network"}
"""Keys whose value can be a run, given by the first digits of its id."""

_SIZE = re.compile(r"(\d+) × \1|(\d+) px")
_RUN = re.compile(r".*(?:, run |, )([0-9a-f]{4,6})")
_PICTURES = {
    "Cat": "cat",
    "Astronaut": "astronaut",
    "Coffee": "coffee",
    "Rocket": "rocket",
    "Deep field": "hubble",
    "Photographer": "camera",
    "Coins": "coins",
    "Handwriting": "writing",
    "Brick": "brick",
    "Gravel": "gravel",
    "Grass": "grass",
    "Horse": "horse",
    "Step edge": "step",
    "One white pixel": "dot",
    "Disc": "disc",
    "Checkerboard": "checkerboard",
    "Zone plate": "zone_plate",
    "Color wheel": "color_wheel",
    "MNIST digit": "mnist",
    "CIFAR-10 picture": "cifar10",
    "Your picture …": "upload",
    "Your camera …": "webcam",
}
_KERNELS = {
    "Identity": "identity",
    "Box blur": "box",
    "Gaussian blur": "gaussian",
    "Motion blur": "motion",
    "Sharpen": "sharpen",
    "Unsharp mask": "unsharp",
    "Sobel x": "sobel_x",
    "Sobel y": "sobel_y",
    "Prewitt x": "prewitt_x",
    "Prewitt y": "prewitt_y",
    "Scharr x": "scharr_x",
    "Scharr y": "scharr_y",
    "Diagonal edge ↘": "diagonal_down",
    "Diagonal edge ↗": "diagonal_up",
    "Laplacian, 4 neighbors": "laplacian_4",
    "Laplacian, 8 neighbors": "laplacian_8",
    "Laplacian of Gaussian": "log",
    "Ridge": "ridge",
    "Emboss": "emboss",
    "Random": "random",
}
_SCHEDULES = {"Constant": "constant", "Linear": "linear", "Cosine": "cosine", "Step": "step"}
_OPTIMIZERS = {
    "AdamW": "adamw",
    "Adam": "adam",
    "SGD": "sgd",
    "SGD with Nesterov momentum": "nesterov",
    "Adadelta": "adadelta",
    "Muon": "muon",
}

VALUES: dict[str, dict[str, str]] = {
    "p_picture": _PICTURES,
    "p_plane": {"The picture itself": "picture"} | {f"Its plane of {title}": name for title, name in _KERNELS.items()},
    "p_kind": {"Max": "max", "Average": "average", "Min": "min", "L2": "l2"},
    "p_move": {"One white pixel": "dot", "An upright edge": "step", "What is pooled above": "plane"},
    "p_measure": {
        "the output a pixel before": "step",
        "the output at 0 px": "change",
        "an output that moves along": "error",
    },
    "p_kernel": _KERNELS,
    "k_picture": _PICTURES,
    "k_kernel": _KERNELS,
    "k_colors": {"Each channel": "channels", "Luminance": "luminance", "F × F × 3": "depth"},
    "k_gradient": {"Sobel": "sobel", "Prewitt": "prewitt", "Scharr": "scharr"},
    "k_then_2": _KERNELS | {"None": "none"},
    "k_then_3": _KERNELS | {"None": "none"},
    "k_then_4": _KERNELS | {"None": "none"},
    "k_planes": {"mean of the three": "mean", "red against green": "red_green", "blue against yellow": "blue_yellow"},
    "f_picture": _PICTURES,
    "f_far_picture": _PICTURES,
    "f_from": {"Rings that get finer": "rings", "The picture above": "picture"},
    "f_kernel": _KERNELS,
    "l_picture": _PICTURES,
    "l_depth": {"Gray": "gray", "Color": "color"},
    "l_padding": {"Zeros around": "zero", "None": "valid"},
    "l_network": {
        "Comes with the app: CNN, 16 filters of 7 × 7, 73.8 % on CIFAR-10": "cifar-cnn",
        "Comes with the app: CNN, 16 filters of 3 × 3, 99.2 % on MNIST": "mnist-cnn",
        "Comes with the app: CNN with augmentation, 16 filters of 3 × 3, 99.1 % on MNIST": "mnist-cnn-moved",
    },
    "l_wiring": {"Convolution": "shared", "Locally connected": "local", "Fully connected": "full"},
    "m_optimizer": _OPTIMIZERS,
    "m_schedule": _SCHEDULES,
    "m_budget": {"Free": "free", "Same parameters": "parameters", "Same training time": "time"},
    "m_cnn": {
        "Your own": "own",
        "CNN, 99 %": "mnist-cnn",
        "CNN, 99.5 %": "mnist-cnn-995",
        "From the layer calculator": "calculator",
    },
    "m_cnn_pool": {"Max": "max", "Average": "average"},
    "m_mlp": {"Your own": "own", "MLP, 98.5 %": "mnist-mlp", "From the layer calculator": "calculator"},
    "m_aug": {
        "Your own": "own",
        "CNN, 99 %": "mnist-cnn",
        "CNN, 99.5 %": "mnist-cnn-995",
        "From the layer calculator": "calculator",
    },
    "m_aug_pool": {"Max": "max", "Average": "average"},
    "m_start": {"From 0 %": "0", "From 80 %": "80", "From 95 %": "95"},
    "m_x": {"Epochs": "epochs", "Images": "images", "Seconds": "seconds"},
    "a_picture": _PICTURES,
    "ci_aim": {
        "Small, 70 %": "cifar-70",
        "Mid, 80 %": "cifar-80",
        "Large, 90 %": "cifar-90",
        "Speed record": "cifar-94",
        "The notes' exercise": "cifar-exercise",
        "The course notes' exercise": "cifar-exercise",
    },
    "ci_net": {
        "The notes' exercise": "exercise",
        "The course notes' exercise": "exercise",
        "Small": "small",
        "Mid": "mid",
        "Large": "large",
        "94 % speed record": "record",
        "ResNet-18": "resnet-18",
        "Your own": "own",
    },
    "ci_length": {"Epochs": "epochs", "Time budget": "budget"},
    "ci_opt": _OPTIMIZERS,
    "ci_average": {"None": "none", "EMA": "ema", "Lookahead": "lookahead"},
    "ci_views": {"Once": "none", "And mirrored": "mirror", "And shifted": "mirror+shift"},
    "ci_aug": {
        "None": "none",
        "The notes': scale, rotate, crop": "notes",
        "Crop and mirror": "standard",
        "The records': crop less, mirror in turn": "records",
        "Strong": "strong",
        "From the augmentation page": "given",
    },
    "ci_schedule": _SCHEDULES,
    "ci_view": {
        "Against the clock": "clock",
        "Learning curves": "curves",
        "Known by heart": "gap",
        "Learning rate": "rate",
    },
    "n_network": {
        "Linear classifier on MNIST": "mnist-linear",
        "MLP on MNIST": "mnist-mlp",
        "CNN on MNIST": "mnist-cnn",
        "CNN with augmentation on MNIST": "mnist-cnn-moved",
        "Blur-pooled CNN on MNIST": "mnist-cnn-blur",
        "CNN for 40 × 40 on mnist-40": "mnist-40-cnn",
        "Blur-pooled CNN for 40 × 40 on mnist-40": "mnist-40-cnn-blur",
        "CNN on CIFAR-10": "cifar-cnn",
    },
    "n_weights": {"Trained": "trained", "Random": "random"},
    "n_scale": {"Each plane": "plane", "The layer": "layer", "The network": "network"},
    "n_picture": _PICTURES | {"A test picture": "test", "Draw a digit": "draw"},
    "i_take": {"MNIST digit": "digit", "CIFAR-10 picture": "picture", "Your picture": "own"},
    "i_along": {
        "Shift right": "dx",
        "Shift down": "dy",
        "Turn": "rotate",
        "Scale": "scale",
        "Slant": "shear",
        "Blur": "blur",
    },
    "i_along_runs": {"Shift": "dx", "Turn": "rotate", "Scale": "scale"},
    "i_measure": {"Shift": "shift", "Turn": "rotate", "Scale": "scale", "Slant": "shear", "Blur": "blur"},
    "i_network": {"CNN": "mnist-cnn", "CNN with augmentation": "mnist-cnn-moved", "Blur-pooled CNN": "mnist-cnn-blur"},
    "l_filters": _KERNELS | {"Your filter A": "own_a", "Your filter B": "own_b"},
    "c_tab": {"F, S and P against the size": "size_curves", "Asked backwards": "inverse"},
    "c_net_tab": {
        "Drawn to scale": "drawing",
        "Formulas": "formulas",
        "Take it with you": "export",
        "All the famous ones": "reference",
    },
    "k_tab": {
        "The kernel itself": "kernel",
        "Color as three planes": "color",
        "Edges: how strong, which way": "gradient",
        "Along a line": "profile",
        "Filters in a row": "chain",
        "Take it with you": "export",
    },
    "a_tab": {
        "On average": "average",
        "One setting": "sweep",
        "What was drawn": "draws",
        "What it costs": "cost",
        "Take it away": "export",
    },
    "l_tab": {
        "Shapes and parameters": "shapes",
        "Filters that were learned": "learned",
        "Locally or fully connected": "connectivity",
    },
    "p_tab": {
        "Thrown away": "detail",
        "When it moves": "shift",
        "Overlap and stride": "alternatives",
        "Blur pooling": "blur",
        "Global pooling": "global",
        "Where it hurts": "limits",
    },
    "n_tab": {
        "In space": "3d",
        "The filters": "filters",
        "What excites it most": "top",
        "Against random weights": "random",
        "The answer": "prediction",
    },
    "i_tab": {
        "All test pictures": "robustness",
        "One pixel": "consistency",
        "Moves along or holds still": "equivariance",
        "Train and see": "training",
        "affNIST": "affnist",
    },
    "f_tab": {
        "Low + high = picture": "sum",
        "Two pictures in one": "hybrid",
        "The strongest waves": "strongest",
        "Fewer pixels": "aliasing",
        "A kernel is a filter": "kernel",
    },
    "ci_tab": {
        "The network": "network",
        "Where it errs": "mistakes",
        "How sure it is": "calibration",
        "Where it looks": "gradcam",
        "Your picture": "picture",
        "Take it with you": "export",
        "Learning by heart": "overfitting",
        "What each switch gives": "ablation",
        "All runs": "runs",
    },
    "ci_device": {"Auto": "auto"},
    "m_device": {"Auto": "auto"},
    "p_curves": {
        "Max": "max",
        "Min": "min",
        "Average": "average",
        "L2": "l2",
        "Blur max": "blur_max",
        "Blur average": "blur_average",
        "Pixels left out": "strided",
    },
}
"""By key: each label that commit 4334778 wrote, and its value."""


def translated(given: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Return a link's parameters in today's form, by key. The last value of a repeated key counts."""
    parameters = {}
    for key, texts in given.items():
        values = [_value(key, text) for text in texts]
        parameters[key] = ",".join(values) if key in LISTS else values[-1]
    if (edited := parameters.pop(kernel_link.EDIT, None)) is not None:
        parameters = kernel_link.from_edit(edited) | parameters
    for old, new in FROM_ONE.items():
        if (number := parameters.pop(old, None)) is not None:
            parameters.setdefault(new, str(int(number) - 1) if number.isdecimal() else number)
    return parameters


def _value(key: str, text: str) -> str:
    """Return one text in today's form: the side of a square, the id at the end of a run's title, or a label's value."""
    if size := _SIZE.fullmatch(text):
        return size[1] or size[2]
    if key in RUNS and (run := _RUN.fullmatch(text)):
        return run[1]
    return VALUES.get(key, {}).get(text, text)
