"""Lanes beside the cards, without a window."""

from hypothesis import given
from hypothesis import strategies as st

from gui.stack.lanes import Edge, lanes


def drawn(links):
    """Row by row the lane of the dot and the lanes of the lines below it."""
    return [(row.dot, [line.lane for line in row.below]) for row in lanes(links)]


def test_a_stack_needs_no_lanes():
    assert drawn([(-1,), (0,), (1,)]) == [(0, [0]), (0, [0]), (0, [0]), (0, [])]
    assert lanes([(-1,), (0,), (1,)])[0].count == 0
    assert lanes([])[0].count == 0


def test_a_residual_block_has_one_lane_beside_its_own():
    residual = [(-1,), (0,), (1,), (2, 0), (3,)]
    assert drawn(residual) == [(0, [0]), (0, [0, 1]), (0, [0, 1]), (0, [0, 1]), (0, [0]), (0, [])]
    assert lanes(residual)[0].count == 2
    row = lanes(residual)[2]
    assert [line.edge for line in row.above] == [Edge(1, 2), Edge(1, 4)]


def test_branches_of_an_inception_block_stand_side_by_side():
    inception = [(-1,), (0,), (0,), (0,), (1, 2, 3)]
    assert [dot for dot, _ in drawn(inception)] == [0, 0, 0, 1, 2, 0]
    assert lanes(inception)[0].count == 3


def test_a_lane_is_used_again():
    twice = [(-1,), (0,), (1, 0), (2,), (3, 2)]
    assert lanes(twice)[0].count == 2


def test_reading_the_same_layer_twice_is_one_line():
    assert drawn([(-1,), (0, 0)]) == [(0, [0]), (0, [0]), (0, [])]


def test_what_cannot_be_read_has_no_line():
    rows = lanes([(-1,), (None,), (1,)])
    assert [len(row.below) for row in rows] == [1, 0, 1, 0]
    assert rows[0].count == 1


def test_a_layer_that_nothing_reads_ends_its_lane():
    assert drawn([(-1,), (-1,), (1,)]) == [(0, [0, 1]), (0, [1]), (1, [1]), (1, [])]


@st.composite
def networks(draw):
    """Links of any network: every layer reads one to four earlier ones."""
    return [draw(st.lists(st.integers(-1, index - 1), min_size=1, max_size=4)) for index in range(draw(st.integers(0, 12)))]


@given(networks())
def test_no_two_edges_share_a_lane_and_all_arrive(links):
    rows = lanes(links)
    edges = {Edge(source + 1, target) for target, sources in enumerate(links, 1) for source in sources}
    crossing = [[edge for edge in edges if edge.source <= row < edge.target] for row in range(len(rows))]
    for index, row in enumerate(rows):
        assert {line.edge for line in row.below} == set(crossing[index])
        assert len({line.lane for line in row.below}) == len(row.below)
        assert row.above == (rows[index - 1].below if index else ())
        passing = [line for line in row.above if line.edge.target != index]
        assert set(passing) <= set(row.below)
        assert row.dot not in {line.lane for line in passing}
    most = max(map(len, crossing), default=0)
    assert 1 + max((line.lane for row in rows for line in row.below), default=-1) == most
