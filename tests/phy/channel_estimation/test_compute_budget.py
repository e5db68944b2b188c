from semcom.phy.channel_estimation.compute_budget import ComputeBudget


def test_a_budget_is_earned_by_samples_and_never_exceeds_its_most():
    budget = ComputeBudget(3, 0.1)
    assert [budget.spend(0, 1) for _ in range(4)] == [True, True, True, False]
    assert [budget.spend(10, 1), budget.spend(15, 1), budget.spend(20, 1)] == [True, False, True]
    assert [budget.spend(10_000, 1) for _ in range(4)] == [True, True, True, False]
    assert not budget.spend(5_000, 1)  # positions that lie back earn nothing
    budget.reset()
    assert budget.spend(0, 3)


def test_what_lies_back_is_not_earned_twice():
    budget = ComputeBudget(100, 1)
    assert budget.spend(0, 100)
    assert [budget.spend(position, 10) for position in (10, 0, 10, 0, 20)] == [True, False, False, False, True]
