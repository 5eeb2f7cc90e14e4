"""An augmentation pipeline: the steps done to each training picture, in their order. A frozen spec, without torch.

Its canonical JSON is a list of steps, in an experiment's JSON and in a link alike:

    [{"step": "PaddedCrop", "mode": "zero", "padding": 4}, {"step": "HorizontalFlip", "alternating": true, "p": 0.5}]

`batch` runs it on whole batches, `core.insight.augmentation_draws` picture by picture as torchvision does.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from core.training.augmentation.specs import (
    MIXING,
    Affine,
    ColorJitter,
    CutMix,
    Erasing,
    HorizontalFlip,
    Normalize,
    PaddedCrop,
    Rotation,
    from_data,
    to_data,
)
from core.training.augmentation.step import PipelineError, Step, settings

MAX_STEPS = 12
MAX_JSON_CHARACTERS = 20_000  # characters of JSON


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Steps, done in their order.

    Raises:
        PipelineError: There are too many, or a mixing step is not at the end.
    """

    steps: tuple[Step, ...] = ()

    def __post_init__(self) -> None:
        """Check the number and order of the steps."""
        object.__setattr__(self, "steps", tuple(self.steps))
        if not all(isinstance(step, Step) for step in self.steps):
            raise PipelineError("An augmentation is made of steps.")
        if len(self.steps) > MAX_STEPS:
            raise PipelineError(f"An augmentation has at most {MAX_STEPS} steps; this has {len(self.steps)}.")
        mixing = [index for index, step in enumerate(self.steps) if isinstance(step, MIXING)]
        if mixing and mixing != [len(self.steps) - 1]:
            raise PipelineError("Mixup or CutMix mixes finished pictures: an augmentation has one of them, at its end.")

    def __bool__(self) -> bool:
        """Return True if the pipeline changes anything."""
        return not all(step.idle for step in self.steps)

    @property
    def busy(self) -> "Pipeline":
        """The pipeline without its idle steps: equal for two pipelines that do the same."""
        return Pipeline(tuple(step for step in self.steps if not step.idle))

    @property
    def trainable(self) -> "Pipeline":
        """The part that an experiment takes: `busy` steps but Normalize, which training does to all pictures."""
        return Pipeline(tuple(step for step in self.busy.steps if not isinstance(step, Normalize)))

    @property
    def mixing(self) -> Step | None:
        """The step that mixes pictures and labels, if there is one."""
        return self.steps[-1] if self.steps and isinstance(self.steps[-1], MIXING) else None

    @property
    def alternating(self) -> bool:
        """True if a flip depends on the epoch and on the picture's place in the dataset."""
        return any(isinstance(step, HorizontalFlip) and step.alternating for step in self.steps)

    @property
    def affine(self) -> Affine | None:
        """The pipeline's only step if it is affine, or an idle one if it is empty; None for anything more."""
        match self.steps:
            case ():
                return Affine()
            case (Affine() as only,):
                return only
        return None

    def to_json(self) -> str:
        """Return the canonical JSON: sorted keys, no spaces, every field written out."""
        return json.dumps([to_data(step) for step in self.steps], sort_keys=True, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> "Pipeline":
        """Return the pipeline that `to_json` wrote. Nothing in `text` is executed.

        Raises:
            PipelineError: The text is anything else.
        """
        if len(text) > MAX_JSON_CHARACTERS:
            raise PipelineError(f"An augmentation's JSON has at most {MAX_JSON_CHARACTERS:,} characters.")
        try:
            data = json.loads(text)
        except (ValueError, RecursionError):
            raise PipelineError("This is not JSON: paste the whole text of an exported augmentation.") from None
        return cls.from_data(data)

    @classmethod
    def from_data(cls, data: object) -> "Pipeline":
        """Return the pipeline of a list of steps, of a preset's name, or of an object with an affine step's settings.

        The object is the form of experiments from before there were pipelines: {"shift": 1, "rotate": 0, "scale": 0}.

        Raises:
            PipelineError: The data is anything else.
        """
        if isinstance(data, list):
            return cls(tuple(from_data(step) for step in data[: MAX_STEPS + 1]))
        if isinstance(data, str) and data in PRESETS:
            return PRESETS[data]
        if isinstance(data, Mapping) and set(data) <= set(settings(Affine)):
            affine = from_data({"step": "Affine", **data})
            return cls(() if affine.idle else (affine,))
        raise PipelineError(
            f"augmentation is a list of steps, one of the names {', '.join(PRESETS)}, "
            f"or an object with {', '.join(settings(Affine))}; got {data!r:.60}."
        )


NONE = Pipeline()
PRESETS: dict[str, Pipeline] = {
    "none": NONE,
    "gentle": Pipeline((Affine(shift=2, rotate=10),)),  # what handwriting itself varies by
    # the course notes: "randomize scale, rotation and cropping of the training set"
    "notes": Pipeline((Affine(scale=0.2), Rotation(15), PaddedCrop(4))),
    # since Lee et al. 2015, "Deeply-Supervised Nets", what most papers on CIFAR do
    "standard": Pipeline((PaddedCrop(4), HorizontalFlip(0.5))),
    # of the speed records (Jordan 2024, "94% on CIFAR-10 in 3.29 Seconds on a Single GPU")
    "records": Pipeline((PaddedCrop(2, "reflect"), HorizontalFlip(alternating=True))),
    "strong": Pipeline(
        (
            Affine(shift=3, rotate=15, scale=0.2, shear=10),
            HorizontalFlip(0.5),
            ColorJitter(0.4, 0.4, 0.4, 0.1),
            Erasing(0.5, 0.3),
            CutMix(1.0),
        )
    ),
}


def random_affine(*, shift: float = 0.0, rotate: float = 0.0, scale: float = 0.0) -> Pipeline:
    """Return the pipeline that shifts (px), rotates (degrees) and scales (fraction) within these limits."""
    affine = Affine(shift, rotate, scale)
    return NONE if affine.idle else Pipeline((affine,))
