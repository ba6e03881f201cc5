from __future__ import annotations

import time

from models.masking.overlap import Candidate, resolve


def spans(*candidates: Candidate) -> list[tuple[int, int, str]]:
    return [(find.start, find.end, find.kind) for find in resolve(candidates)]


def test_an_organisation_takes_the_name_inside_it_but_not_the_one_beside_it() -> None:
    claim = Candidate(0, 6, "CLAIM_ORGANIZATION", 0.9)
    assert spans(claim, Candidate(0, 2, "PERSON", 0.95), Candidate(7, 9, "PERSON", 0.6)) == [(7, 9, "PERSON")]


def test_an_address_beats_the_name_in_its_building() -> None:
    assert spans(Candidate(0, 30, "ADDRESS", 0.8), Candidate(20, 22, "PERSON", 0.9)) == [(0, 30, "ADDRESS")]


def test_what_sticks_out_of_the_winner_stays_masked_when_it_is_sure() -> None:
    assert spans(Candidate(0, 10, "ADDRESS", 0.95), Candidate(8, 14, "PHONE", 0.9)) == [
        (0, 10, "ADDRESS"),
        (10, 14, "PHONE"),
    ]


def test_a_surer_find_survives_a_claim_for_a_number() -> None:
    claim = Candidate(0, 12, "CLAIM_DOCUMENT", 0.7)
    assert spans(claim, Candidate(0, 12, "MY_NUMBER", 0.9)) == [(0, 12, "MY_NUMBER")]
    assert spans(claim, Candidate(0, 12, "PENSION_NUMBER", 0.6)) == []


def test_votes_for_the_same_span_are_joined() -> None:
    find = resolve([Candidate(0, 2, "PERSON", 0.7, ("a",)), Candidate(0, 2, "PERSON", 0.8, ("b",))])[0]
    assert find.sources == ("a", "b")
    assert find.score > 0.8


def test_many_finds_and_claims_take_linear_time() -> None:
    items = [Candidate(i * 10, i * 10 + 5, "PERSON", 0.8) for i in range(20_000)]
    items += [Candidate(i * 10, i * 10 + 9, "CLAIM_ORGANIZATION", 0.9) for i in range(0, 20_000, 2)]
    began = time.process_time()
    assert len(resolve(items)) == 10_000
    assert time.process_time() - began < 5
