"""Train runs in worker processes: the run service, its store, scheduler and workers, and the inference server."""
