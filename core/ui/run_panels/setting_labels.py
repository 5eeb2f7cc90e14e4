"""Screen labels of training settings."""

OPTIMIZER_NAMES = {
    "adamw": "AdamW",
    "adam": "Adam",
    "sgd": "SGD",
    "nesterov": "SGD with Nesterov momentum",
    "adadelta": "Adadelta",
    "muon": "Muon",
}
