"""How the output is written, where the system is in the way, and in which order; without any synthesis."""

from __future__ import annotations

import errno
import os

import pytest

from aks_communication_manager.checks.declared_variables import holds_secret
from aks_communication_manager.compiler import compile_config
from aks_communication_manager.errors import InvalidConfig
from aks_communication_manager.terraform import output
from tests.config.configs import config, receivers


def refused(outdir, *stacks):
    with pytest.raises(InvalidConfig) as error:
        output.check(outdir, stacks)
    return [(mistake.code, mistake.problem, mistake.fix) for mistake in error.value.mistakes]


def test_the_manifest_is_put_in_place_after_all_that_it_names(tmp_path, monkeypatch):
    new, order = tmp_path / "new", []
    for name in ("a", "z"):
        (new / "stacks" / name).mkdir(parents=True)
        (new / "stacks" / name / "cdk.tf.json").touch()
    (new / "manifest.json").touch()
    monkeypatch.setattr(output.os, "replace", lambda _, target: order.append(target.relative_to(tmp_path).as_posix()))
    output._put_in_place(new, tmp_path)
    assert order == ["stacks/a/cdk.tf.json", "stacks/z/cdk.tf.json", "manifest.json"]


@pytest.mark.parametrize("link", ["stacks", "stacks/production"])
def test_a_symbolic_link_below_the_output_is_not_written_through(link, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "cdktf.out" / "stacks").mkdir(parents=True)
    if link == "stacks":
        (tmp_path / "cdktf.out" / "stacks").rmdir()
    (tmp_path / "cdktf.out" / link).symlink_to(tmp_path / "elsewhere")
    assert refused(tmp_path / "cdktf.out", "production")[0] == (
        "ACM010",
        f'"{link}" cannot be written: it is a symbolic link, not a folder',
        "Set CDKTF_OUTDIR=<folder> to write elsewhere.",
    )


@pytest.mark.parametrize("length", [250, 255, 256, 5000])
def test_a_name_that_is_too_long_for_the_file_system_is_reported(length, tmp_path):
    # The folder beside it has ten characters more.
    assert refused(tmp_path / ("x" * length), "production")[0] == (
        "ACM010",
        f"cannot be written: {os.strerror(errno.ENAMETOOLONG)}",
        "Set CDKTF_OUTDIR=<folder> to write elsewhere.",
    )
    output.check(tmp_path / ("x" * 200), ["x" * 200])


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.ENOSPC, "No space left on device", "cdktf.out"),
        RuntimeError("ENOSPC: no space left on device, write"),
        RuntimeError("Error: ENOSPC: no space left on device, mkdir '/there/stacks'"),
    ],
)
def test_what_python_or_node_cannot_write_is_a_mistake_of_the_output(error, tmp_path):
    with (
        pytest.raises(
            InvalidConfig, match=r"cdktf.out: 1 mistake\n\n  cannot be written: No space left on device \[ACM010\]"
        ),
        output.explained(tmp_path / "cdktf.out"),
    ):
        raise error


def test_another_error_of_node_is_no_mistake_of_the_output(tmp_path):
    with pytest.raises(RuntimeError, match=r"^ENOENT_OF_OURS: oh, well$"), output.explained(tmp_path):
        raise RuntimeError("ENOENT_OF_OURS: oh, well")


def test_what_a_killed_run_left_goes_after_an_hour(tmp_path):
    def left(name, *entries):
        for entry in ("stacks", *entries):
            (tmp_path / name / entry).mkdir(parents=True)
        os.utime(tmp_path / name, (0, 0))

    left(".cdktf.out-abcd_123", "manifest.json")
    left(".cdktf.out-recent12")
    os.utime(tmp_path / ".cdktf.out-recent12")
    left(".cdktf.out-others12", "notes.txt")
    left(".cdktf.out-longer_than_ours")
    left(".other.out-abcd_123")
    (tmp_path / ".cdktf.out-linked12").symlink_to(tmp_path / ".other.out-abcd_123")
    output._remove_leftovers(tmp_path / "cdktf.out")
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        ".cdktf.out-linked12",
        ".cdktf.out-longer_than_ours",
        ".cdktf.out-others12",
        ".cdktf.out-recent12",
        ".other.out-abcd_123",
    ]


@pytest.mark.parametrize(
    ("options", "secret"),
    [
        ("", False),
        ("backend: {azurerm: {storage_account_name: st, container_name: tf, key: notices.tfstate}}", False),
        ("backend: {azurerm: {key: notices.tfstate, access_key: s3cret}}", True),
        ("provider: {client_secret: s3cret}", True),
        ("provider: {client_secret: {variable: client}}", False),
        ("provider: {client_secret: {variable: client}}\nvariables: {client: {default: s3cret}}", True),
        (receivers("{type: webhook, name: chat, service_uri: 'https://example.com/s3cret'}"), True),
        (receivers("{type: webhook, name: chat, service_uri: {env: CHAT}}"), True),
        (receivers("{type: webhook, name: chat, service_uri: {variable: chat}}"), False),
    ],
)
def test_a_stack_holds_a_secret_where_one_is_written_into_its_json(options, secret, tmp_path, monkeypatch):
    monkeypatch.setenv("CHAT", "https://example.com/s3cret")
    (tmp_path / "communication-manager.yaml").write_text(config(options))
    [stack] = compile_config(tmp_path / "communication-manager.yaml").checked()
    assert holds_secret(stack.settings) is secret
