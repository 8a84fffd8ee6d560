"""From a declared source to arrays a network can be fed with."""

from models.data.choosing import source_for
from models.data.errors import DataError, Place, Unusable
from models.data.loading import read_facts
from models.data.preparation import prepare
from models.data.prepared import Prepared, View
from models.data.previews import Preview, preview
from models.data.tables import Sniffed, sniff

__all__ = [
    "DataError",
    "Place",
    "Prepared",
    "Preview",
    "Sniffed",
    "Unusable",
    "View",
    "prepare",
    "preview",
    "read_facts",
    "sniff",
    "source_for",
]
