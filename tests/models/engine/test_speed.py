"""Speed from what a generation cost."""

from models.engine.protocol import Usage
from models.engine.speed import speed_of
from models.hardware import Speed


def test_speed_counts_only_tokens_that_were_read_and_written():
    usage = Usage(
        prompt_tokens=500, completion_tokens=30, prompt_ms=2000, completion_ms=3000, reused_tokens=100
    )
    assert speed_of(usage) == Speed(reading_tps=200.0, writing_tps=10.0)


def test_a_generation_too_short_to_measure_divides_by_no_zero():
    assert speed_of(Usage(0, 0, 0, 0)) == Speed(0.0, 0.0)
