"""The document: one value at a time, a past that can be gone through both ways, and views that hear of every new value once."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from gui.document import Document, undo_limit
from models.experiment import edits
from models.experiment.check import check
from models.experiment.data import Facts, Table
from models.experiment.errors import BadInput
from models.experiment.starter import default_experiment

first = default_experiment()
table = Table(path="t.csv", target="y")
table_facts = Facts((3,), "binary", 2, 8, 2)


def seeded(seed: int):
    """The default experiment with another seed, so that values are told apart easily."""
    return replace(first, seed=seed)


def no_files(source) -> Facts:
    raise AssertionError(f"{source} is not a file")


class Heard:
    """What the document told its views."""

    def __init__(self, document: Document) -> None:
        self.values = []
        self.reports = []
        self.file_changes = 0
        document.changed.connect(self._on_changed)
        document.file_changed.connect(self._on_file_changed)

    def _on_changed(self, experiment, report) -> None:
        self.values.append(experiment)
        self.reports.append(report)

    def _on_file_changed(self) -> None:
        self.file_changes += 1


@pytest.fixture
def document(qapp):
    return Document(first, no_files)


@pytest.fixture
def heard(document):
    return Heard(document)


def state(document):
    return document.experiment, document.undo_text, document.redo_text, document.unsaved


def test_a_new_document_has_no_past_and_is_saved(document):
    assert state(document) == (first, None, None, False)
    assert document.path is None
    assert document.report.layers == check(first).layers


def test_a_change_is_told_once_with_its_report(document, heard):
    changed = edits.with_network(first, first.network[1:])
    document.apply("Delete dense", changed)
    assert heard.values == [changed]
    assert [layer.name for layer in heard.reports[0].layers] == ["dense_1", "output"]
    assert heard.reports[0] is document.report
    assert state(document) == (changed, "Delete dense", None, True)


def test_an_equal_value_is_no_change(document, heard):
    document.apply("Change nothing", replace(first))
    assert heard.values == []
    assert heard.file_changes == 0
    assert state(document) == (first, None, None, False)


def test_an_equal_value_keeps_what_can_be_redone(document):
    document.apply("Change seed", seeded(1))
    document.undo()
    document.apply("Change nothing", replace(first))
    assert document.redo_text == "Change seed"


def test_undo_and_redo_name_the_change_and_tell_of_it_once(document, heard):
    document.apply("Change seed", seeded(1))
    document.apply("Delete all", edits.with_network(seeded(1), ()))
    document.undo()
    assert state(document) == (seeded(1), "Change seed", "Delete all", True)
    document.undo()
    assert state(document) == (first, None, "Change seed", False)
    document.undo()
    document.redo()
    assert state(document) == (seeded(1), "Change seed", "Delete all", True)
    document.redo()
    document.redo()
    assert [value.seed for value in heard.values] == [1, 1, 1, 0, 1, 1]
    assert document.redo_text is None


def test_a_change_after_undo_forgets_what_could_be_redone(document):
    document.apply("Change seed", seeded(1))
    document.undo()
    document.apply("Change seed again", seeded(2))
    assert (document.undo_text, document.redo_text) == ("Change seed again", None)
    document.undo()
    assert document.experiment == first


def test_changes_with_the_same_key_are_one_step(document, heard):
    for seed in (1, 2, 3):
        document.apply("Change seed", seeded(seed), merge="seed")
    assert [value.seed for value in heard.values] == [1, 2, 3]
    document.undo()
    assert state(document) == (first, None, "Change seed", False)
    document.redo()
    assert document.experiment == seeded(3)


@pytest.mark.parametrize("between", ["another key", "no key", "end", "undo and redo", "saved", "opened"])
def test_merging_ends(document, between):
    document.apply("Change seed", seeded(1), merge="seed")
    if between == "another key":
        document.apply("Name it", replace(seeded(1), name="x"), merge="name")
    elif between == "no key":
        document.apply("Name it", replace(seeded(1), name="x"))
    elif between == "end":
        document.end_merging()
    elif between == "undo and redo":
        document.undo()
        document.redo()
    elif between == "saved":
        document.mark_saved(Path("a.wiggle.json"))
    else:
        document.open(seeded(1), None)
    before = document.experiment
    document.apply("Change seed", replace(before, seed=2), merge="seed")
    document.undo()
    assert document.experiment == before


def test_a_merged_step_keeps_nothing_to_redo(document):
    document.apply("Change seed", seeded(1))
    document.apply("Change seed", seeded(2), merge="seed")
    document.undo()
    document.apply("Change seed", seeded(3), merge="seed")
    assert document.redo_text is None
    document.undo()
    assert document.experiment == seeded(1)


actions = st.lists(
    st.tuples(st.just("apply"), st.integers(0, 3), st.sampled_from((None, "seed", "name")))
    | st.just(("undo",))
    | st.just(("redo",))
    | st.just(("save",)),
    max_size=20,
)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(actions)
def test_undo_all_is_the_first_value_and_redo_all_the_last(qapp, acts):
    document = Document(first, no_files)
    heard = Heard(document)
    unsaved_before = False
    for act in acts:
        told, marked, value = len(heard.values), heard.file_changes, document.experiment
        steps = {"undo": document.undo_text, "redo": document.redo_text}
        if act[0] == "apply":
            document.apply("Change seed", seeded(act[1]), merge=act[2])
        elif act[0] == "save":
            document.mark_saved(Path("a.wiggle.json"))
        else:
            getattr(document, act[0])()
        news = document.experiment != value if act[0] == "apply" else bool(steps.get(act[0]))
        assert len(heard.values) - told == news
        assert (heard.file_changes - marked) == (act[0] == "save" or document.unsaved != unsaved_before)
        unsaved_before = document.unsaved
    while document.redo_text:
        document.redo()
    last, steps = document.experiment, []
    while document.undo_text:
        steps.append(document.undo_text)
        document.undo()
    assert document.experiment == first
    for step in reversed(steps):
        assert document.redo_text == step
        document.redo()
    assert document.experiment == last
    assert document.redo_text is None


def test_the_past_is_bounded(document):
    for seed in range(1, undo_limit + 11):
        document.apply("Change seed", seeded(seed))
    steps = 0
    while document.undo_text:
        document.undo()
        steps += 1
    assert steps == undo_limit
    assert document.experiment == seeded(10)


def test_the_unsaved_mark_follows_the_value_in_the_file(document, heard):
    document.apply("Change seed", seeded(1))
    assert (document.unsaved, heard.file_changes) == (True, 1)
    document.apply("Change seed", seeded(2))
    assert heard.file_changes == 1
    document.mark_saved(Path("a.wiggle.json"))
    assert (document.unsaved, document.path, heard.file_changes) == (False, Path("a.wiggle.json"), 2)
    document.undo()
    assert (document.unsaved, heard.file_changes) == (True, 3)
    document.redo()
    assert (document.unsaved, heard.file_changes) == (False, 4)


def test_open_starts_anew(document, heard):
    document.apply("Change seed", seeded(1))
    document.undo()
    document.apply("Change seed", seeded(2))
    document.open(seeded(7), Path("b.wiggle.json"))
    assert state(document) == (seeded(7), None, None, False)
    assert document.path == Path("b.wiggle.json")
    assert heard.values[-1] == seeded(7)
    document.undo()
    assert document.experiment == seeded(7)


def test_opening_tells_of_the_file_even_where_the_value_is_the_same(document, heard):
    document.open(first, Path("b.wiggle.json"))
    assert heard.values == [first]
    assert heard.file_changes == 1


def test_facts_of_files_are_read_and_a_bad_file_is_a_problem(qapp):
    answers = {"t.csv": table_facts}

    def read(source) -> Facts:
        if source.path not in answers:
            raise BadInput(source.path, "a table", "no such file")
        return answers[source.path]

    document = Document(first, read)
    document.apply("Use t.csv", replace(first, data=table))
    assert document.report.facts == table_facts
    assert document.report.ready
    document.apply("Use gone.csv", replace(first, data=replace(table, path="gone.csv")))
    assert document.report.facts is None
    assert [(problem.place, problem.sentence) for problem in document.report.errors] == [
        ("data", "gone.csv: expected a table, found no such file.")
    ]
    heard = Heard(document)
    answers["gone.csv"] = table_facts
    document.recheck()
    assert document.report.ready
    assert heard.values == [document.experiment]


def test_the_memory_of_the_device_is_checked(document, heard):
    document.set_memory(10)
    assert not document.report.ready
    assert len(heard.reports) == 1
    document.set_memory(10)
    assert len(heard.reports) == 1
    document.set_memory(None)
    assert document.report.ready
