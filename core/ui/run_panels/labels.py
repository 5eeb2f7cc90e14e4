"""What settings of a training are called on the screen."""

OPTIMIZER_NAMES = {
    "adamw": "AdamW",
    "adam": "Adam",
    "sgd": "SGD",
    "nesterov": "SGD with Nesterov momentum",
    "adadelta": "Adadelta",
    "muon": "Muon",
}
