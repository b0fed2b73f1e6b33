"""What a person reads when something given to us is wrong."""

import pytest

from aks_communication_manager.errors import InvalidArgument, InvalidConfig, Mark, Mistake, invalid
from aks_communication_manager.text import did_you_mean, listed, quoted


def test_a_mistake_says_where_what_and_how_to_correct_it_which_is_set_in():
    mistake = Mistake("ACM030", ("scopes", 1), '"x" is wrong', "Write y.\nOr z.")
    assert str(mistake) == 'scopes[1]: "x" is wrong [ACM030]\n    Write y.\n    Or z.'


def test_a_mistake_without_a_path_or_a_fix_is_its_problem_and_its_code():
    assert str(Mistake("ACM004", (), "is empty")) == "is empty [ACM004]"


def test_mistake_in_a_file_shows_its_line():
    assert str(Mistake("ACM043", ("severity",), "is wrong", mark=Mark(3, 5))) == "severity (line 3): is wrong [ACM043]"
    assert str(Mistake("ACM005", (), "is there twice", mark=Mark(3, 5))) == "line 3, column 5: is there twice [ACM005]"


@pytest.mark.parametrize(
    ("path", "parents", "expected"),
    [
        (("name",), ("action_group",), "action_group.name"),
        ((1, "name"), ("receivers",), "receivers[1].name"),
        ((), ("stacks", "a", "scopes", 0), "stacks.a.scopes[0]"),
        (("name",), (), "name"),
    ],
)
def test_from_further_out_the_path_begins_further_out(path, parents, expected):
    assert Mistake("ACM020", path, "is wrong").under(*parents).where == expected


MARKS = {("a",): Mark(1, 1), ("a", "b"): Mark(2, 3)}


@pytest.mark.parametrize(
    ("path", "mark"),
    [
        (("a", "b"), Mark(2, 3)),
        (("a", "b", 5, "c"), Mark(2, 3)),
        (("a", "missing"), Mark(1, 1)),
        (("z",), None),
        ((), None),
    ],
)
def test_a_mistake_is_located_at_its_value_or_at_the_nearest_around_it(path, mark):
    assert Mistake("ACM020", path, "is wrong").located(MARKS).mark == mark


def test_a_mistake_that_knows_its_position_keeps_it():
    assert Mistake("ACM005", ("a",), "is wrong", mark=Mark(9, 9)).located(MARKS).mark == Mark(9, 9)


def test_a_path_that_would_break_the_line_or_colour_the_terminal_is_escaped():
    assert str(Mistake("ACM011", ("stacks", "a\nb\x1b[31m"), "is wrong")) == r"stacks.a\nb\x1b[31m: is wrong [ACM011]"


def test_a_fix_that_repeats_what_would_colour_the_terminal_is_escaped_too():
    # The hint for an id of another type repeats the id with the right type.
    mistake = Mistake("ACM030", ("scopes", 0), "is wrong", "One of\n  a\x1b[31m\tb")
    assert str(mistake) == "scopes[0]: is wrong [ACM030]\n    One of\n      a\\x1b[31m\\tb"


def test_a_long_part_of_a_path_is_cut():
    assert Mistake("ACM021", ("stacks", "a" * 600), "").where == f"stacks.{'a' * 297}..."


def test_a_url_in_a_path_shows_its_scheme_alone():
    assert str(Mistake("ACM021", ("https://a.example/s3cret",), "unknown key")) == "https://…: unknown key [ACM021]"


A, B = Mistake("ACM001", ("a",), "is wrong", "Correct it."), Mistake("ACM002", ("b",), "is wrong too")


def test_an_invalid_argument_is_a_value_error_with_all_its_mistakes():
    error = InvalidArgument(A, B)
    assert isinstance(error, ValueError)
    assert error.mistakes == (A, B)
    assert str(error) == "a: is wrong [ACM001]\n    Correct it.\nb: is wrong too [ACM002]"


def test_invalid_is_an_error_with_one_mistake():
    assert str(invalid("ACM001", "is wrong", "Correct it.", "a", 0)) == "a[0]: is wrong [ACM001]\n    Correct it."


def test_an_invalid_config_counts_its_mistakes_and_sets_them_in():
    error = InvalidConfig("my.yaml", A, B)
    assert isinstance(error, InvalidArgument)
    assert str(error) == "my.yaml: 2 mistakes\n\n  a: is wrong [ACM001]\n      Correct it.\n  b: is wrong too [ACM002]"


def test_one_mistake_is_not_called_mistakes():
    assert str(InvalidConfig("my.yaml", Mistake("ACM004", (), "is empty"))) == (
        "my.yaml: 1 mistake\n\n  is empty [ACM004]"
    )


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("prod-2", '"prod-2"'),
        (True, '"True"'),
        ("two\nlines\tand\ra\x1b[0m\u2028colour", r'"two\nlines\tand\ra\x1b[0m\u2028colour"'),
        ("über", '"über"'),
    ],
)
def test_a_value_is_quoted_on_one_line(value, expected):
    assert quoted(value) == expected


def test_an_id_of_the_greatest_length_is_shown_to_its_end_and_more_is_cut():
    longest = (
        f"/subscriptions/{'1' * 36}/resourceGroups/{'g' * 90}"
        f"/providers/Microsoft.ContainerService/managedClusters/{'c' * 63}"
    )
    assert quoted(longest) == f'"{longest}"'
    assert quoted("a" * 1_000_000) == f'"{"a" * 297}..."'


@pytest.mark.parametrize(
    "url", ["https://contoso.example/hook?sig=s3cret", "https://user:s3cret@contoso.example", "ftp://s3cret"]
)
def test_of_a_url_only_the_scheme_is_shown_wherever_it_was_written(url):
    assert "s3cret" not in quoted(f"before {url} after")
    assert quoted(f"before {url} after") == f'"before {url.partition(":")[0]}://… after"'


def test_words_are_listed_as_a_person_would():
    assert listed(["a"]) == "a"
    assert listed(["a", "b", "c"]) == "a, b and c"
    assert listed([1, 2], "or") == "1 or 2"


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("severty", "Did you mean severity?"),
        ("SEVERITY", "Did you mean severity?"),
        ("Notices", "Did you mean Notices?"),
        ("not", "Did you mean Notices?"),
        ("xyz", "One of severity, Notices."),
    ],
)
def test_the_nearest_word_is_offered_in_any_letter_case_or_else_all(word, expected):
    assert did_you_mean(word, ["severity", "Notices"]) == expected
