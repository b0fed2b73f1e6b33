"""Whose folders a run may write and remove, without any synthesis."""

from __future__ import annotations

import json
import os

import pytest

from aks_communication_manager.terraform.stack_folders import RECORD, StackFolders


@pytest.fixture
def output(tmp_path):
    """An output to which two configs have written: one has the stacks a and b, the other c."""
    folder = tmp_path / "cdktf.out"
    for name in "abc":
        (folder / "stacks" / name / ".terraform" / "providers").mkdir(parents=True)
        (folder / "stacks" / name / "cdk.tf.json").touch()
        (folder / "stacks" / name / ".terraform.lock.hcl").touch()
    for name in ("one.yaml", "two.yaml"):
        (tmp_path / name).touch()
    (folder / RECORD).write_text(json.dumps({"../one.yaml": ["a", "b"], "../two.yaml": ["c"]}))
    return folder


def stacks(output):
    return sorted(path.name for path in (output / "stacks").iterdir())


def record(output):
    return json.loads((output / RECORD).read_text())


def of_one(output, *names):
    return StackFolders(output, output.parent / "one.yaml", names)


def problems(folders, *names):
    return [(mistake.code, mistake.problem.partition(", although")[0]) for mistake in folders.mistakes(names)]


def test_a_stack_that_left_goes_and_those_of_another_config_stay(output):
    folders = of_one(output, "a")
    assert problems(folders, "a") == []
    assert folders.finish(["a"]) == [output / "stacks" / "b"]
    assert stacks(output) == ["a", "c"]
    assert record(output) == {"../one.yaml": ["a"], "../two.yaml": ["c"]}


def test_without_a_record_nothing_is_removed(output):
    for content in ("", "[]", '{"../one.yaml": 1}', '{"../one.yaml": ["../../one.yaml", 1, "x/../a"]}'):
        (output / RECORD).write_text(content)
        assert of_one(output).finish([]) == []
    (output / RECORD).unlink()
    assert of_one(output).finish(["new"]) == []
    assert stacks(output) == ["a", "b", "c"]
    assert record(output) == {"../one.yaml": ["new"]}


@pytest.mark.parametrize(
    ("file", "shown"),
    [
        ("terraform.tfstate", '"terraform.tfstate"'),
        ("terraform.tfstate.d/test/terraform.tfstate", '"terraform.tfstate.d"'),
        ("notices.tfplan", '"notices.tfplan"'),
        ("backend.tf", '"backend.tf"'),
    ],
)
def test_a_folder_with_anything_that_exists_only_once_stays(output, file, shown):
    path = output / "stacks" / "b" / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    [mistake] = of_one(output, "a").mistakes(["a"])
    assert mistake.code == "ACM013"
    assert mistake.problem.startswith('"stacks/b" cannot be removed, although')
    assert mistake.problem.endswith(f": it contains {shown}")


def test_a_link_in_the_place_of_a_folder_is_not_followed(output):
    (output / "stacks" / "b").rename(output.parent / "b")
    (output / "stacks" / "b").symlink_to(output.parent / "b")
    [mistake] = of_one(output, "a").mistakes(["a"])
    assert mistake.problem.endswith("no longer has this stack: it is a symbolic link")


def test_a_folder_that_a_person_deleted_is_forgotten(output):
    (output / "stacks" / "b").rename(output / "stacks" / "renamed")
    folders = of_one(output, "a", "renamed")
    assert problems(folders, "a", "renamed") == []
    assert folders.finish(["a", "renamed"]) == []
    assert record(output)["../one.yaml"] == ["a", "renamed"]


def test_the_folder_of_another_config_is_not_written(output):
    expected = [("ACM014", '"stacks/c" is the folder of a stack of another config, "../two.yaml"')]
    assert problems(of_one(output, "a", "b", "c"), "a", "b", "c") == expected
    assert problems(of_one(output, "a", "b", "C"), "C") == ([] if not (output / "stacks" / "C").exists() else expected)


def test_a_renamed_config_takes_its_folders_over(output):
    (output.parent / "two.yaml").unlink()
    folders = of_one(output, "a", "b", "c")
    assert problems(folders, "a", "b", "c") == []
    folders.finish(["a", "b", "c"])
    assert record(output) == {"../one.yaml": ["a", "b", "c"]}


def test_one_stack_alone_leaves_the_others_of_its_config(output):
    folders = of_one(output, "a", "b", "d")
    assert folders.finish(["d"]) == []
    assert record(output)["../one.yaml"] == ["a", "b", "d"]
    assert stacks(output) == ["a", "b", "c"]


def test_cdktf_is_kept_from_removing_the_state_of_another_config(output, monkeypatch):
    (output / "stacks" / "c" / "terraform.tfstate").touch()
    assert problems(of_one(output, "a", "b"), "a", "b") == []
    monkeypatch.setenv("CDKTF_CONTEXT_JSON", "{}")
    [mistake] = of_one(output, "a", "b").mistakes(["a", "b"])
    assert mistake.code == "ACM013"
    assert mistake.problem.startswith('"stacks/c" would be removed by cdktf, which removes all stacks that')
    assert mistake.problem.endswith('one.yaml does not have: it contains "terraform.tfstate"')
    (output / "stacks" / "c" / "terraform.tfstate").unlink()
    assert problems(of_one(output, "a", "b"), "a", "b") == []


def test_a_config_is_known_by_its_place_however_it_is_named(output, monkeypatch):
    monkeypatch.chdir(output)
    assert StackFolders(output, output / ".." / "one.yaml", ["a"]).finish(["a"]) == [output / "stacks" / "b"]
    (output.parent / "linked").symlink_to(output)
    (output / "stacks" / "a" / "cdk.tf.json").touch()
    linked = output.parent / "linked"
    assert StackFolders(linked, output.parent / "one.yaml", []).finish([]) == [linked / "stacks" / "a"]
    assert os.listdir(output / "stacks") == ["c"]
