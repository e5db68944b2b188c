import pytest

from semcom.semantic.picture_file.picture_paths import picture_paths


@pytest.fixture
def folder(tmp_path):
    for name in ("b.jpg", "a.png", "notes.txt", "with;semicolon.png"):
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / "empty").mkdir()
    return tmp_path


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("{}/b.jpg", ["b.jpg"]),
        ("{0}/b.jpg; {0}/a.png", ["b.jpg", "a.png"]),
        ("{0}/b.jpg\n\n{0}/a.png\n", ["b.jpg", "a.png"]),
        ("{}/*.jpg", ["b.jpg"]),
        ("{}", ["a.png", "b.jpg", "with;semicolon.png"]),
        ("{}/with;semicolon.png", ["with;semicolon.png"]),
        ("", []),
    ],
)
def test_files_folders_and_patterns(folder, text, names):
    paths, problems = picture_paths(text.format(folder))
    assert [path.name for path in paths] == names and not problems


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("{}/none.png", "none.png: must be there, there is none"),
        ("{}/*.heic", "*.heic: must match a file, there is none"),
        ("{}/a**b", "a**b: must match a file, there is none"),
        ("{}/empty", "empty: must hold pictures, there are none"),
    ],
)
def test_what_is_not_there_is_said_and_the_rest_goes(folder, text, problem):
    paths, problems = picture_paths(f"{text.format(folder)};{folder}/a.png")
    assert [path.name for path in paths] == ["a.png"] and len(problems) == 1 and problems[0].endswith(problem)
