"""A run's events as lines of text, for a terminal."""

from core.training.evaluation_plan import VIEWS
from core.training.events import Evaluated, Event, Finished, Started


def lines(event: Event) -> list[str]:
    """Return what to print of an event; nothing for those that a person need not see."""
    match event:
        case Started():
            sizes = f"{event.train_images:,} training and {event.test_images:,} test pictures"
            found = [f"{event.data_title}: {sizes}. {event.parameters:,} parameters. {event.device_reason}"]
            if event.epoch_images < event.train_images:
                found.append(
                    f"Each epoch uses {event.epoch_images:,} of {event.train_images:,} training pictures, a different "
                    "selection each time."
                )
            return found
        case Evaluated():
            return [
                f"epoch {event.epoch:6.2f}  {event.split:8}  accuracy {event.accuracy:7.2%} of {event.pictures:6,}  "
                f"loss {event.loss:.4f}  after {event.whole_seconds:6.1f} s{_views(event)}"
            ]
        case Finished():
            return [
                f"{event.test_accuracy:.2%} of the {event.test_images:,} test pictures of {event.data_title}, learned "
                f"from {event.train_images:,}, after {event.whole_seconds:.1f} s, of which {event.train_seconds:.1f} s "
                f"training at {event.images_per_second:,.0f} images/s{_views(event)}"
            ]
        case _:
            return []


def _views(event: Evaluated | Finished) -> str:
    """Return how many views of each picture an accuracy is of, and what one alone gives; "" where it is of one."""
    if event.one_view_accuracy is None:
        return ""
    return f"; {VIEWS[event.views]} views of each picture, {event.one_view_accuracy:.2%} with one"
