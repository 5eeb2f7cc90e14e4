"""Events that describe a session as it stands: its start, a score, a snapshot of its network, its end."""

from collections.abc import Mapping

import torch

from core.training.evaluation import Score, predict, reconstruct
from core.training.events import (
    MAX_FILTER_VALUES,
    MAX_REDRAWN_VALUES,
    SNAPSHOT_PICTURES,
    Evaluated,
    Finished,
    Snapshot,
    Started,
    encode_float16,
    encode_uint8,
)
from core.training.initialization import first_filters
from core.training.session import Session


def evaluated(session: Session, split: str, score: Score) -> Evaluated:
    """Return the score on a split; after the final test, with every prediction."""
    views, labels = session.views, session.data.test_labels
    return Evaluated(
        **session.place(),
        split=split,
        loss=score.loss,
        accuracy=score.accuracy,
        pictures=len(score.probabilities),
        final=session.over,
        views=views,
        one_view_loss=None if views == "none" else score.one_view_loss,
        one_view_accuracy=None if views == "none" else score.one_view_accuracy,
        predictions=(score.probabilities.numpy(), labels.cpu().numpy())
        if session.over and split == "test" and len(labels) == len(score.probabilities)
        else None,
    )


def snapshot(session: Session, score: Score) -> Snapshot:
    """Return predictions and reconstructions of a few pictures, each class's accuracy, and the first layer's filters.

    At the end the predictions are those of the test, to the digits that are kept, so that all pages show the same.
    """
    answers = score.probabilities[:SNAPSHOT_PICTURES]
    pictures = session.data.normalized(session.data.test_images[:SNAPSHOT_PICTURES])
    if len(score.probabilities) < len(session.data.test_labels):
        answers = predict(session.evaluated_network, pictures, session.device, session.views)
    filters = first_filters(session.evaluated_network)
    fits = filters is not None and filters.numel() <= MAX_FILTER_VALUES
    redrawn = reconstruct(session.evaluated_network, pictures, session.device)
    return Snapshot(
        **session.place(),
        per_class=list(score.per_class),
        answers=[[round(share, 6) for share in row] for row in answers.half().tolist()],
        filters=encode_float16(filters.detach().float().cpu().numpy()) if fits and filters is not None else None,
        redrawn=encode_uint8(redrawn.mul(255).round().byte().numpy())
        if redrawn is not None and redrawn.numel() <= MAX_REDRAWN_VALUES
        else None,
    )


def started(session: Session) -> Started:
    """Return what trains: data, device, parameters and the plan."""
    return Started(
        data=session.data.info.name,
        data_title=session.data.info.title,
        device=session.device.name,
        device_reason=session.device.reason,
        precision=session.device.precision,
        threads=torch.get_num_threads(),
        parameters=session.parameters,
        train_images=session.examples,
        epoch_images=session.epoch_images,
        test_images=len(session.data.test_labels),
        held_out=session.experiment.held_out,
        steps=session.steps,
        steps_per_epoch=session.steps_per_epoch,
        epochs=session.experiment.epochs,
        step=session.step,
        prepare_seconds=session.clock.prepare,
        whole_seconds=session.clock.whole,
    )


def finished(session: Session, scores: Mapping[str, Evaluated]) -> Finished:
    """Return the result: the last score of each split, times and speed."""
    clock, test = session.clock, scores["test"]
    return Finished(
        test_accuracy=test.accuracy,
        test_loss=test.loss,
        held_out_accuracy=scores["held-out"].accuracy if "held-out" in scores else None,
        views=test.views,
        one_view_accuracy=test.one_view_accuracy,
        whole_seconds=clock.whole,
        **clock.to_dict(),
        images_per_second=session.images / clock.train,
        train_images=session.examples,
        test_images=test.pictures,
        device=session.device.name,
        precision=session.device.precision,
        data=session.data.info.name,
        data_title=session.data.info.title,
        parameters=session.parameters,
        key=session.experiment.key,
    )
