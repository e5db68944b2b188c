import pytest

from semcom.phy.work_budget import WorkBudget, WorkBudgets


def left_after(budget, position, work_us=0.0, useful=0.0):
    budget.open(position)
    budget.count(work_us)
    left = budget.left_us
    budget.close(useful)
    return left


def test_credit_is_earned_by_samples_and_never_exceeds_its_most():
    budget = WorkBudget(100, 0.5)
    assert left_after(budget, 0, 30) == 70
    assert left_after(budget, 40) == 90
    assert left_after(budget, 10_000) == 100
    assert left_after(budget, 5_000) == 100  # positions that lie back earn nothing
    assert left_after(budget, 5_000, 60) == 40
    assert left_after(budget, 10_010) == 45
    budget.reset()
    assert left_after(budget, 0) == 100


def test_work_may_leave_a_debt_that_samples_pay_off():
    budget = WorkBudget(100, 1)
    assert left_after(budget, 0, 250) == -150
    assert [left_after(budget, position) for position in (100, 150, 151)] == [-50, 0, 1]


def test_useful_work_is_free_and_what_was_not_is_added_up():
    budget = WorkBudget(100, 0)
    assert left_after(budget, 0, 90, useful=True) == 10
    assert left_after(budget, 0, 10) == 90
    assert left_after(budget, 0, 15) == 75
    budget.reset()
    assert budget.charged_us == 25


def test_what_was_useful_in_part_is_charged_in_part():
    budget = WorkBudget(100, 0)
    left_after(budget, 0, 40, useful=0.75)
    assert left_after(budget, 0) == 90 and budget.charged_us == 10


@pytest.mark.parametrize(("useful", "charged"), [(1 / 8, 6e3), (1 / 2, 0), (1, 0), (0, 8e3)])
def test_a_good_block_pays_for_itself_and_for_one_that_failed_and_every_look_is_free_then(useful, charged):
    budgets = WorkBudgets.for_rate(1e6)
    before = [budget.left_us for budget in budgets.all()]
    for budget in budgets.all():
        budget.count(8e3)
    budgets.close(useful)
    looks, decoding, closer_looks = (left - budget.left_us for left, budget in zip(before, budgets.all(), strict=True))
    assert looks == (0 if useful else 8e3) and decoding == closer_looks == charged


def test_closer_looks_at_failed_blocks_are_paid_by_those_that_they_rescued():
    budgets = WorkBudgets.for_rate(1e6)
    before = budgets.closer_looks.left_us
    budgets.closer_looks.count(8e3)
    budgets.settle_closer_looks(num_failed=8, num_rescued=1)
    budgets.close(useful=7 / 8)  # the others were good before anybody looked closer
    assert before - budgets.closer_looks.left_us == 6e3 and budgets.decoding.charged_us == 0


def test_the_first_credit_may_be_less_than_the_largest_and_is_scarce_below_half_of_that():
    budget = WorkBudget(100, 1, first_us=40)
    budget.open(0)
    assert budget.left_us == 40 and budget.is_scarce
    budget.open(10)
    assert budget.left_us == 50 and not budget.is_scarce
    budget.open(1000)
    assert budget.left_us == 100
    budget.reset()
    budget.open(0)
    assert budget.left_us == 40


def test_an_open_burst_starts_without_what_an_unfinished_one_left():
    budget = WorkBudget(100, 0)
    budget.open(0)
    budget.count(60)
    budget.open(0)
    assert budget.left_us == 100


def test_budgets_together_stay_below_real_time_and_do_not_touch_each_other():
    rate_hz, seconds = 1e6, 10.0
    budgets = WorkBudgets.for_rate(rate_hz)
    for position in range(0, int(rate_hz * seconds), 1000):
        budgets.open(position)
        for budget in budgets.all():
            if budget.left_us > 0:
                budget.count(2000)
        budgets.close(useful=False)
    assert 0.2 < budgets.charged_us / 1e6 / seconds < 0.3
    budgets.reset()
    budgets.open(0)
    budgets.closer_looks.count(1e9)
    budgets.close(useful=False)
    assert budgets.looks.left_us > 0 and budgets.decoding.left_us > 0 > budgets.closer_looks.left_us


@pytest.mark.parametrize("share", [1.0, 0.25])
def test_chains_that_share_a_stream_share_its_budget(share):
    whole, part = WorkBudgets.for_rate(1e6), WorkBudgets.for_rate(1e6, share)
    for one, other in zip(whole.all(), part.all(), strict=True):
        assert left_after(other, 0, 0) == pytest.approx(share * left_after(one, 0, 0))
