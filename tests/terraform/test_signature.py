"""The construct's arguments are the options: same names, order, defaults, and each reaches its option."""

from __future__ import annotations

import inspect

import pytest

from aks_communication_manager import CommunicationManager
from aks_communication_manager.config.options import Arguments, Options
from aks_communication_manager.terraform import communication_manager
from tests.synthesis import stack

PARAMETERS = {
    name: parameter
    for name, parameter in inspect.signature(CommunicationManager.__init__).parameters.items()
    if parameter.kind is parameter.KEYWORD_ONLY
}
REQUIRED = ["scopes", "resource_group_name", "location", "action_group"]


def test_the_arguments_have_the_names_and_the_order_of_the_options():
    optional = [name for name, field in Options.model_fields.items() if not field.is_required()]
    assert list(PARAMETERS) == REQUIRED + optional


def test_an_argument_is_required_where_its_option_is():
    required = {name for name, field in Arguments.model_fields.items() if field.is_required()}
    assert required == set(REQUIRED)
    assert required == {name for name, given in PARAMETERS.items() if given.default is given.empty}


def test_the_defaults_are_those_of_the_options():
    """Parsed as an argument is; None leaves the default to the option."""
    written = {name: given.default for name, given in PARAMETERS.items() if given.default not in (given.empty, None)}
    required = {
        "scopes": ["/subscriptions/11111111-1111-1111-1111-111111111111"],
        "resource_group_name": "rg",
        "location": "westeurope",
        "action_group": {
            "id": "/subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/rg"
            "/providers/Microsoft.Insights/actionGroups/ag"
        },
    }
    assert dict(Arguments(**required, **written)) == dict(Arguments(**required))


def test_every_argument_reaches_the_option_of_its_name(monkeypatch):
    class Reached(Exception):
        pass

    def compile_arguments(arguments, **_):
        raise Reached(arguments)

    monkeypatch.setattr(communication_manager, "compile_arguments", compile_arguments)
    given = {name: object() for name in PARAMETERS}
    with pytest.raises(Reached) as reached:
        CommunicationManager(stack(), "notices", **given)
    assert reached.value.args == (given,)
