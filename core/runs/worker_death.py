"""What the death of a worker means for the run that it trained: what its owner reads, and how many it survives."""

MAX_DEATHS = 2  # of workers that a run survives
MAX_LOST = 20  # of places on a cluster: what takes its node down each time must end, too
PLACE_LOST = "The training's place on the cluster was lost."


def describe_exit(exit_code: int | None) -> str:
    """Return what the end of a worker means, as a sentence for the person whose run it trained.

    Args:
        exit_code: Of its process; None for one that was lost with its place on a cluster.
    """
    if exit_code is None:
        return PLACE_LOST
    if exit_code == -9:
        return (
            "The training process was killed (signal 9), most often because the machine had no memory left: "
            "a smaller batch or a smaller network needs less."
        )
    if exit_code < 0:
        return f"The training process crashed (signal {-exit_code})."
    return f"The training process ended before the run did (exit code {exit_code})."


def most(exit_code: int | None) -> int:
    """Return how many deaths of this kind a run survives."""
    return MAX_LOST if exit_code is None else MAX_DEATHS
