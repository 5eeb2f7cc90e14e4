"""Datasets: find, download, verify, prepare, embed. No torch."""

from core.data.data_folder import missing_folder
from core.data.dataset import DataError, Dataset, DatasetInfo, Progress, Status
from core.data.pixel_shuffle import permutation, shuffle_pixels
from core.data.registry import info, load, opens_at_once, own, prepare, published, resolve
from core.data.statistics import statistics
from core.data.status import statuses

__all__ = [
    "DataError",
    "Dataset",
    "DatasetInfo",
    "Progress",
    "Status",
    "info",
    "load",
    "missing_folder",
    "opens_at_once",
    "own",
    "permutation",
    "prepare",
    "published",
    "resolve",
    "shuffle_pixels",
    "statistics",
    "statuses",
]
