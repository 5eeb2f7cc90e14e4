"""The run service: store, scheduler, worker processes."""
