"""From a declared source to its examples, and to the facts a network has to know about them."""

from functools import lru_cache

from models.data.arrays import load_arrays
from models.data.examples import Examples, facts_of
from models.data.files import Stamp, stamp_of
from models.data.random_numbers import load_random_numbers
from models.data.samples import check_multilabel, load_multilabel, load_sample
from models.data.sequences import load_sequences
from models.data.table_examples import load_table
from models.data.toys import load_curve, load_plane
from models.experiment.data import (
    Arrays,
    Curve,
    Facts,
    FileSource,
    Multilabel,
    Plane,
    RandomNumbers,
    Sample,
    Sequences,
    Source,
    Table,
)


def load(source: Source, seed: int) -> Examples:
    """All examples of `source`; raises `DataError` where they cannot be used. Files do not depend on `seed`."""
    if isinstance(source, Table):
        return load_table(source)
    if isinstance(source, Arrays):
        return load_arrays(source)
    if isinstance(source, Plane):
        return load_plane(source, seed)
    if isinstance(source, Curve):
        return load_curve(source, seed)
    if isinstance(source, Sequences):
        return load_sequences(source, seed)
    if isinstance(source, Sample):
        return load_sample(source)
    if isinstance(source, RandomNumbers):
        return load_random_numbers(source, seed)
    return load_multilabel(source, seed)


def read_facts(source: Source) -> Facts:
    """What `source` delivers; raises `DataError` where its file cannot be used.

    A file is read again only when it or the source has changed, so that every edit may ask.
    """
    if isinstance(source, FileSource):
        return _read_facts(source, stamp_of(source.path))
    if isinstance(source, Multilabel):
        check_multilabel(source)
    facts = source.facts()
    assert facts is not None
    return facts


@lru_cache(maxsize=32)
def _read_facts(source: FileSource, stamp: Stamp) -> Facts:
    return facts_of(load(source, seed=0), source)
