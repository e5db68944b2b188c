from semcom.experiments.live.page_figures import Figures, drift_mib_per_hour, report


def test_drift_is_that_of_the_later_half():
    growing = [100.0 + 50 * number for number in range(10)] + [600.0 + 2 * number for number in range(10)]
    assert round(drift_mib_per_hour(growing)) == 720  # 2 MiB in 10 s
    assert drift_mib_per_hour([1.0]) == 0.0


def test_the_report_counts_what_was_lost_and_nothing_else():
    figures = Figures(words_ms=[10.0, 20.0], outcomes={"delivered": 90, "crc": 3, "missed": 2}, viewers=50, sent=9)
    text = report(figures)
    assert "| 50 viewers, 9 pictures: frames lost | 5 " in text and "median 15 ms" in text and "nothing came" in text
