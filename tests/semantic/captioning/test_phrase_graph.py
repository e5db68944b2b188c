import gzip

from semcom.semantic.captioning.phrase_graph import MODIFIER, START, PhraseGraph, load_phrases, save_phrases
from semcom.semantic.word_lists import caption_words


def test_a_graph_written_is_the_graph_read_and_the_same_bytes(tmp_path):
    joints = {(START, "a", "dog"): 5, (START, "", "two"): 3, ("dog", "on a", "bed"): 2}
    threes = {(START, "a", "dog", "on a", "bed")}
    save_phrases(tmp_path / "first.gz", joints, threes)
    save_phrases(tmp_path / "second.gz", dict(reversed(joints.items())), threes)
    assert (tmp_path / "first.gz").read_bytes() == (tmp_path / "second.gz").read_bytes()
    graph = load_phrases.__wrapped__(tmp_path / "first.gz")
    assert graph.threes == threes
    assert {(step.joint, step.word): step.share for step in graph.steps(START)} == {
        ("a", "dog"): 5 / 8,
        ("", "two"): 3 / 8,
    }
    assert graph.steps("nothing") == []


def test_shares_of_the_ways_to_go_on_sum_to_one():
    graph = PhraseGraph({("a", "", "b"): 1, ("a", "of", "c"): 3}, set())
    assert sorted(step.share for step in graph.steps("a")) == [0.25, 0.75]


def test_the_shipped_graph_joins_caption_words_only_and_nothing_counted_once():
    graph, words = load_phrases(), caption_words()
    starts = graph.steps(START)
    assert len(starts) > 100
    assert all(step.word.rstrip(MODIFIER) in words for step in starts)
    assert any((step.joint, step.word) == ("a", "man") for step in starts)
    text = gzip.decompress((load_phrases.__wrapped__.__defaults__[0]).read_bytes()).decode()
    above, below = text.split("\n\n")
    assert min(int(line.split("\t")[3]) for line in above.splitlines()) >= 2
    assert max(len(line.split("\t")) for line in below.splitlines()) == 5  # three words in a row: no sentence is kept
