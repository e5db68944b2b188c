from semcom.experiments.live.page_figures import Figures, drift_mib_per_hour, report


def test_drift_is_that_of_the_later_half():
    growing = [100.0 + 50 * number for number in range(10)] + [600.0 + 2 * number for number in range(10)]
    assert round(drift_mib_per_hour(growing)) == 720  # 2 MiB in 10 s
    assert drift_mib_per_hour([1.0]) == 0.0


def test_the_report_counts_what_was_lost_and_nothing_else():
    figures = Figures(
        words_ms=[10.0, 20.0],
        outcomes={"delivered": 90, "crc": 3, "missed": 2},
        viewers=3,
        sent={1, 2, 3},
        phases={"camera": (2, 1.25), "photos": (1, 0.5)},
        heard=[2, 3, 3],
        resyncs=[4, 0, 1],
        measurements=[7, 60, 50],
    )
    text = report(figures)
    assert "median 15 ms" in text and "nothing came" in text
    for row in (
        "| 3 viewers: camera | 2 pictures, 1.25 a second |",
        "| … frames lost | 5 {'crc': 3, 'missed': 2} |",
        "| … a viewer that reads at once heard of | 3 of 3 pictures |",
        "| … one that reads an event in 1 s heard of | 2 of 3 pictures |",
        "| … and of measurements | 7 of 60 |",
        "| … and had to look anew | 4 times; others 1 |",
    ):
        assert row in text, text
