"""Configs that are nearly right: each of a seed and a number, made from the examples by changing bytes, lines or values."""

from __future__ import annotations

import copy
import functools
import json
import random
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import yaml

from tests.fuzz.hostile import KEYS, REFERENCES, SECRET, SECRET_URL, SNIPPETS, TEXTS, TREES

ROOT = Path(__file__).parents[2]
Chance: TypeAlias = random.Random
Place: TypeAlias = tuple[Any, Any]
"""A mapping or a list, and a key or an index in it."""


@functools.cache
def sources() -> tuple[str, ...]:
    """The texts of all examples, with a literal secret where they ask a Terraform variable for one."""
    files = [*sorted((ROOT / "examples").glob("*.yaml")), ROOT / "tests/fuzz/everything.yaml"]
    texts = [file.read_text(encoding="utf-8").replace("PLANTED", SECRET) for file in files]
    with_literals = [text.replace("{variable: chat_url}", json.dumps(SECRET_URL)) for text in texts]
    return tuple(dict.fromkeys([*texts, *with_literals]))


@functools.cache
def trees() -> tuple[Any, ...]:
    """The same as values."""
    return tuple(yaml.load(text, yaml.BaseLoader) for text in sources())


@functools.cache
def _parts() -> tuple[Any, ...]:
    """All values of all examples."""
    return tuple(parent[key] for tree in trees() for parent, key in _places(tree))


def made(seed: int, number: int) -> bytes:
    """One input."""
    chance = random.Random(f"{seed}/{number}")
    way = chance.choices((_bytes, _lines, _values), (2, 1, 5))[0]
    return way(chance)


def _bytes(chance: Chance) -> bytes:
    text = bytearray(chance.choice(sources()).encode())
    for _ in range(chance.choice((1, 1, 2, 5, 30))):
        start = chance.randrange(len(text) + 1)
        end = min(len(text), start + chance.choice((0, 1, 1, 5, 100)))
        text[start:end] = chance.choice((_any_bytes, _snippet, _slice, _ascii))(chance)
    return bytes(text[: chance.randrange(len(text) + 1)] if chance.random() < 0.1 else text)


def _any_bytes(chance: Chance) -> bytes:
    return chance.randbytes(chance.choice((0, 1, 1, 2, 8)))


def _ascii(chance: Chance) -> bytes:
    return bytes(chance.choices(b" \t\n:-{}[]\"'#&*!|>%@,?~<=.0aZ/$", k=chance.choice((1, 1, 2, 4))))


def _snippet(chance: Chance) -> bytes:
    return chance.choice(SNIPPETS).encode(errors="surrogatepass")


def _slice(chance: Chance) -> bytes:
    other = chance.choice(sources()).encode()
    start = chance.randrange(len(other))
    return other[start : start + chance.choice((5, 50, 500))]


def _lines(chance: Chance) -> bytes:
    lines = chance.choice(sources()).splitlines()
    for _ in range(chance.choice((1, 1, 2, 4))):
        at = chance.randrange(len(lines))
        match chance.randrange(6):
            case 0:
                del lines[at]
            case 1:
                lines.insert(at, lines[chance.randrange(len(lines))])
            case 2:
                lines.insert(at, " " * chance.randrange(9) + chance.choice(SNIPPETS))
            case 3:
                lines[at] = " " * chance.randrange(9) + lines[at].lstrip()
            case 4:
                lines[at] = lines[at].partition(":")[0] + ": " + chance.choice(SNIPPETS)
            case _:
                other = chance.choice(sources()).splitlines()
                lines.insert(at, chance.choice(other))
        lines = lines or [""]
    return "\n".join(lines).encode(errors="surrogatepass")


def _values(chance: Chance) -> bytes:
    tree = copy.deepcopy(chance.choice(trees()))
    for _ in range(chance.choice((1, 1, 1, 2, 3, 6))):
        change_values(chance, tree)
    # Every JSON is YAML, and it is written in a fraction of the time.
    return json.dumps(tree, ensure_ascii=chance.random() < 0.5, indent=chance.choice((None, 1))).encode(
        errors="surrogatepass"
    )


def change_values(chance: Chance, tree: Any, values: Sequence[Any] = ()) -> None:
    """Change one place of a tree, to one of these values where there are any."""
    places = list(_places(tree))
    if not places:
        return
    if values and chance.random() < 0.6:
        parent, key = chance.choice(places)
        parent[key] = copy.deepcopy(chance.choice(values))
    else:
        chance.choice(_CHANGES)(chance, places)


def _places(tree: Any) -> Iterator[Place]:
    open_: list[Any] = [tree]
    while open_:
        value = open_.pop()
        items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        for key, inner in list(items):
            yield value, key
            if len(open_) < 200:
                open_.append(inner)


def _another(chance: Chance) -> Any:
    pool: Sequence[Any] = chance.choices((TEXTS, TREES, REFERENCES, _parts()), (6, 2, 2, 3))[0]
    return copy.deepcopy(chance.choice(pool))


def _replace(chance: Chance, places: Sequence[Place]) -> None:
    parent, key = chance.choice(places)
    parent[key] = _another(chance)


def _replace_by_the_same_key(chance: Chance, places: Sequence[Place]) -> None:
    """The value that the same key has elsewhere."""
    parent, key = chance.choice(places)
    there = [other[name] for tree in trees() for other, name in _places(tree) if name == key]
    parent[key] = copy.deepcopy(chance.choice(there)) if there else _another(chance)


def _remove(chance: Chance, places: Sequence[Place]) -> None:
    parent, key = chance.choice(places)
    del parent[key]


def _swap(chance: Chance, places: Sequence[Place]) -> None:
    (one, key), (other, name) = chance.choice(places), chance.choice(places)
    one[key], other[name] = copy.deepcopy(other[name]), copy.deepcopy(one[key])


def _rename(chance: Chance, places: Sequence[Place]) -> None:
    mappings = [place for place in places if isinstance(place[0], dict)]
    parent, key = chance.choice(mappings or places)
    if isinstance(parent, dict):
        new = chance.choice(KEYS) if chance.random() < 0.5 else str(chance.choice(mappings)[1])
        parent[new] = parent.pop(key)


def _insert(chance: Chance, places: Sequence[Place]) -> None:
    parent, _ = chance.choice(places)
    if isinstance(parent, list):
        parent.insert(chance.randrange(len(parent) + 1), _another(chance))
    else:
        known = [place[1] for place in places if isinstance(place[0], dict)]
        parent[chance.choice([*KEYS, *known])] = _another(chance)


def _repeat(chance: Chance, places: Sequence[Place]) -> None:
    lists = [parent for parent, _ in places if isinstance(parent, list)]
    if lists:
        chosen = chance.choice(lists)
        chosen += [copy.deepcopy(chance.choice(chosen)) for _ in range(chance.choice((1, 1, 2, 60)))] if chosen else []


def _wrap(chance: Chance, places: Sequence[Place]) -> None:
    parent, key = chance.choice(places)
    value = parent[key]
    parent[key] = chance.choice(
        ([value], {"a": value}, [value, value], {"env": value}, {"variable": value}, {key: value})
    )


def _change_text(chance: Chance, places: Sequence[Place]) -> None:
    texts = [(parent, key) for parent, key in places if isinstance(parent[key], str)]
    if texts:
        parent, key = chance.choice(texts)
        text = parent[key]
        at = chance.randrange(len(text) + 1)
        piece = chance.choice((*TEXTS[:60], " ", "/", "\n", '"', "é", "{", "$", "%"))
        parent[key] = chance.choice((text[:at] + piece + text[at:], text.upper(), text[:at], text + text, text[::-1]))


_CHANGES: tuple[Callable[[Chance, Sequence[Place]], None], ...] = (
    *(_replace, _replace, _replace, _replace_by_the_same_key, _remove, _swap),
    *(_rename, _insert, _repeat, _wrap, _change_text, _change_text),
)
