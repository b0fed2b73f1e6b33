"""Values that only Terraform will know, in the spellings of CDK for Terraform."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aks_communication_manager.tokens import is_list_token, is_token, literal


@pytest.mark.parametrize(
    "value",
    [
        "${TfToken[TOKEN.0]}",
        "rg-${TfToken[TOKEN.12]}-x",
        -1.8881545897087968e289,
        -1.8881545897087513e289,
        -8.109562212591383e298,
    ],
)
def test_a_token_is_known_by_its_spelling(value):
    assert is_token(value)


@pytest.mark.parametrize(
    "value",
    [
        "${azurerm_kubernetes_cluster.prod.id}", "$${TfToken", "TfToken[TOKEN.0]", "#{TfToken[TOKEN.0]}", "", None, 3, 3.0,
        -1.8881545897087968e288, 1.8881545897087968e289, float("nan"), float("inf"), float("-inf"), True, ["${TfToken[TOKEN.0]}"],
    ],
)  # fmt: skip
def test_nothing_else_is_taken_for_one(value):
    assert not is_token(value)


def test_a_list_token_is_the_one_element_of_its_list():
    assert is_list_token("#{TfToken[TOKEN.3]}")
    assert not is_list_token("${TfToken[TOKEN.3]}")
    assert not is_list_token(["#{TfToken[TOKEN.3]}"])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", "plain"),
        ("${var.x} %{if y}", "$${var.x} %%{if y}"),
        ("a ${TfToken[TOKEN.1]} b", "a ${TfToken[TOKEN.1]} b"),
        ("${x} ${TfToken[TOKEN.1]} ${y} ${TfToken[TOKEN.2]}", "$${x} ${TfToken[TOKEN.1]} $${y} ${TfToken[TOKEN.2]}"),
        ("100 % of $5 {x}", "100 % of $5 {x}"),
    ],
)
def test_what_terraform_would_evaluate_is_escaped_and_tokens_are_kept(text, expected):
    assert literal(text) == expected


@settings(deadline=None)
@given(st.text(alphabet="${}%ab ", max_size=30))
def test_terraform_reads_an_escaped_text_as_it_was_written(text):
    def read_by_terraform(escaped: str) -> str:
        return escaped.replace("$${", "${").replace("%%{", "%{")

    assert read_by_terraform(literal(text)) == text
