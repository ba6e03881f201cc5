import pytest

from models.worker.silence import FLOOR_S, SilenceWatch


def silent(watch, seconds, start=0.0):
    """Ask every second, as the clients do; the second in which it counted as hung, or None."""
    for second in range(int(seconds) + 1):
        if watch.is_hung(start + second):
            return second
    return None


def test_a_worker_that_reads_or_writes_owes_a_sign_of_life():
    watch = SilenceWatch()
    watch.listen(["generate", "load"])
    assert FLOOR_S < silent(watch, 100) <= FLOOR_S + 2


@pytest.mark.parametrize("ops", [[], ["load"], ["analyze"], ["load", "generate"], ["count_tokens"]])
def test_one_that_loads_or_rests_owes_none(ops):
    watch = SilenceWatch()
    watch.listen(ops)
    assert silent(watch, 1_000) is None


def test_a_sign_of_life_begins_it_anew():
    watch = SilenceWatch()
    for start in range(0, 200, 20):
        watch.listen(["generate"])
        assert silent(watch, 19, start) is None


def test_a_pc_that_needed_long_before_is_given_ten_times_as_long():
    watch = SilenceWatch()
    watch.listen(["generate"])
    silent(watch, 12)
    watch.listen(["generate"])
    assert watch.limit_s == pytest.approx(120)
    assert 120 < silent(watch, 300, 12) <= 122


def test_patience_ends_after_five_minutes():
    watch = SilenceWatch(floor_s=100)
    watch.listen(["generate"])
    silent(watch, 90)
    watch.listen(["generate"])
    assert watch.limit_s == 300


def test_the_hours_of_a_pc_that_slept_are_no_silence():
    watch = SilenceWatch()
    watch.listen(["generate"])
    assert not watch.is_hung(0)
    assert not watch.is_hung(8 * 3600)
    assert watch.silent_s == 2
