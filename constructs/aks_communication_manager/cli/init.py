"""``init``: the files with which a repository of one's own begins."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from aks_communication_manager.cli.terminal import note


class Pipeline(StrEnum):
    """Where a pipeline runs."""

    github = "github"
    azure = "azure"
    gitlab = "gitlab"


PIPELINES = {
    Pipeline.github: ("github-actions.yml", ".github/workflows/aks-notices.yml"),
    Pipeline.azure: ("azure-pipelines.yml", "azure-pipelines.yml"),
    Pipeline.gitlab: ("gitlab-ci.yml", ".gitlab-ci.yml"),
}
"""The file among the package's pipelines, and where each platform looks for it."""


def init(
    folder: Annotated[Path, typer.Argument(metavar="[FOLDER]", show_default=False)] = Path(),
    pipeline: Annotated[
        Pipeline | None,
        typer.Option(
            help="Also write a pipeline that plans pull requests and applies after approval.", show_default=False
        ),
    ] = None,
) -> None:
    """Write the files with which a repository of your own begins.

    Writes communication-manager.yaml with placeholders that validate lists until they are filled, its JSON Schema for editors,
    cdktf.json, requirements.txt, lines of .gitignore, and a pipeline. A file that exists is left as it is.

    \b
    Examples:
      aks-communication-manager init
      aks-communication-manager init --pipeline github
    """
    import json
    from importlib.metadata import version
    from uuid import uuid4

    from aks_communication_manager.cli import starter_files
    from aks_communication_manager.config.json_schema import config_schema

    installed = version("aks-communication-manager")
    backend = starter_files.GITLAB_BACKEND if pipeline == Pipeline.gitlab else starter_files.AZURE_BACKEND
    cdktf = {"language": "python", "app": "aks-communication-manager synth", "projectId": str(uuid4())}
    files = {
        "communication-manager.yaml": starter_files.CONFIG.format(backend=backend),
        "communication-manager.schema.json": json.dumps(config_schema(), indent=2, ensure_ascii=False) + "\n",
        "cdktf.json": json.dumps({**cdktf, "sendCrashReports": "false"}, indent=2) + "\n",
        "requirements.txt": starter_files.requirements(installed),
    }
    if pipeline:
        source, target = PIPELINES[pipeline]
        files[target] = starter_files.pipeline(source)
    try:
        for name, text in files.items():
            _write(folder / name, text)
        _add_lines(folder / ".gitignore", starter_files.IGNORED)
    except OSError as error:
        note(f"{error.filename}: {error.strerror}")
        raise typer.Exit(2) from None
    print(
        "Next:\n"
        f"  Copy {starter_files.wheel(installed)} to {folder / 'wheels'} and commit it: requirements.txt names it.\n"
        f"  Fill in {folder / 'communication-manager.yaml'}; aks-communication-manager validate lists what is left."
    )
    if pipeline:
        print(
            f"  Set up by hand what the first lines of {folder / PIPELINES[pipeline][1]} list: logins, approval, state."
        )


def _write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    try:
        with file.open("x", encoding="utf-8", newline="\n") as stream:
            stream.write(text)
    except FileExistsError:
        print(f"{file}: exists, left as it is")
    else:
        print(f"{file}: written")


def _add_lines(file: Path, lines: tuple[str, ...]) -> None:
    """Add the lines that the file does not have."""
    present = file.read_text(encoding="utf-8") if file.exists() else ""
    missing = [line for line in lines if line not in present.splitlines()]
    if missing:
        file.write_text(present + "\n" * (present[-1:] not in ("", "\n")) + "\n".join(missing) + "\n", encoding="utf-8")
    result = "has all lines" if not missing else f"{len(missing)} lines added" if present else "written"
    print(f"{file}: {result}")
