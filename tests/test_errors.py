"""What a person reads when something given to us is wrong."""

import pytest

from aks_communication_manager.errors import (
    InvalidArgument,
    InvalidConfig,
    Mistake,
    did_you_mean,
    invalid,
    listed,
    quoted,
)


def test_a_mistake_says_where_what_and_how_to_mend_it_which_is_set_in():
    mistake = Mistake("scopes[1]", '"x" is wrong', "Write y.\nOr z.")
    assert str(mistake) == 'scopes[1]: "x" is wrong\n    Write y.\n    Or z.'


def test_a_mistake_without_a_path_or_a_fix_is_its_problem_alone():
    assert str(Mistake("", "is empty")) == "is empty"


@pytest.mark.parametrize(
    ("path", "parent", "expected"),
    [
        ("name", "action_group", "action_group.name"),
        ("[1].name", "receivers", "receivers[1].name"),
        ("", "scopes", "scopes"),
        ("name", "", "name"),
    ],
)
def test_from_further_out_the_path_begins_further_out(path, parent, expected):
    assert Mistake(path, "is wrong").under(parent).path == expected


def test_a_path_that_would_break_the_line_or_colour_the_terminal_is_escaped():
    assert str(Mistake("stacks.a\nb\x1b[31m", "is wrong")) == r"stacks.a\nb\x1b[31m: is wrong"


def test_an_invalid_argument_is_a_value_error_with_all_its_mistakes():
    error = InvalidArgument(Mistake("a", "is wrong", "Mend it."), Mistake("b", "is wrong too"))
    assert isinstance(error, ValueError)
    assert [mistake.path for mistake in error.mistakes] == ["a", "b"]
    assert str(error) == "a: is wrong\n    Mend it.\nb: is wrong too"


def test_invalid_is_an_error_with_one_mistake():
    assert str(invalid("is wrong", "Mend it.", "a")) == "a: is wrong\n    Mend it."


def test_an_invalid_config_counts_its_mistakes_and_sets_them_in():
    error = InvalidConfig("my.yaml", Mistake("a", "is wrong", "Mend it."), Mistake("b", "is wrong too"))
    assert isinstance(error, InvalidArgument)
    assert str(error) == "my.yaml: 2 mistakes\n\n  a: is wrong\n      Mend it.\n  b: is wrong too"


def test_one_mistake_is_not_called_mistakes():
    assert str(InvalidConfig("my.yaml", Mistake("", "is empty"))) == "my.yaml: 1 mistake\n\n  is empty"


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
