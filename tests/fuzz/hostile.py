"""Values that a config should survive: what has broken parsers, terminals, Terraform or Azure before."""

from __future__ import annotations

from typing import Any

SECRET = "pl4nted-s3cret"
"""What no message, warning or repr may show."""

SECRET_URL = f"https://hooks.example.com/{SECRET}?sig={SECRET}"

ENVIRONMENT = {
    "FUZZ_URL": SECRET_URL,
    "FUZZ_WORD": SECRET,
    "FUZZ_ADDRESS": f"{SECRET}@example.com",
    "FUZZ_TICKET": f'{{"PayloadRevision": 0, "WorkItemType": "Incident", "password": "{SECRET}"}}',
    "FUZZ_EMPTY": "",
}

FILES = {
    "url.txt": SECRET_URL,
    "word.txt": SECRET,
    "number.txt": "0612345678",
    "empty.txt": "",
    "long.txt": SECRET * 10_000,
}
"""Files beside the config, for ``{file: …}``."""

NAMES = ("cluster_id", "hook", "a" * 5000, "1a", "", "var.x", "${x}", "ä", "-", "a b", "\x00")
REFERENCES: tuple[Any, ...] = (
    *({"env": name} for name in (*ENVIRONMENT, "FUZZ_MISSING", "fuzz_url", "A=B", "A\x00B", SECRET_URL)),
    *({"file": name} for name in (*FILES, "missing", ".", "/", "/dev/null", "a\x00b", "x" * 5000, SECRET_URL, "~")),
    *({"variable": name} for name in NAMES),
    *({kind: value} for kind in ("env", "file", "variable") for value in ([], {}, "", {"env": "FUZZ_URL"})),
    {"env": "FUZZ_URL", "file": "url.txt"},
    {"env": "FUZZ_URL", "default": SECRET_URL},
    {"Env": "FUZZ_URL"},
)


def _nested(value: Any, depth: int, mapping: bool = False) -> Any:
    for _ in range(depth):
        value = {"a": value} if mapping else [value]
    return value


CLUSTER = "/subscriptions/{}/resourceGroups/{}/providers/Microsoft.ContainerService/managedClusters/{}"
SUBSCRIPTION = "11111111-1111-1111-1111-111111111111"

TEXTS: tuple[str, ...] = (
    *("", " ", "\t", "~", "null", "true", "no", "off", "0", "-1", "3.5", "1e999", "0x10", "0o17", ".nan", "-.inf"),
    *("9" * 400, "9" * 5000, "1_000", "١", "²", "12:30:45", "2026-01-01", "1" * 20),
    *("${var.x}", "${", "%{ if true }", "$${x}", "${TfToken[TOKEN.0]}", "#{TfToken[TOKEN.1]}", "&{TfToken[x]}"),
    *("${TfToken[acm:var.x]}", "${TfToken[acm:%7B]}", "${HOME}", "$HOME", "{{ x }}", "<cluster_filter>", "-8.1e+298"),
    *("\x00", "\x1b[2J", "\r\n", "a\nb", "\u2028", "\u202e", "\ufeff", "\ud800", "\ud83d", "é", "ﬁ", "İ", "ß" * 300),
    *(
        "😀" * 300,
        "a" * 100_000,
        "a" * 261,
        "a." * 200,
        "/" * 1000,
        "@" * 65,
        '"',
        "'",
        "\\",
        "|",
        "`",
        ";",
        "#",
        "*",
        "&a",
    ),
    *('" | union foo', "')) or 1==1 //", "../../../etc/passwd", "C:\\con", "CON", "PT0S", "PT1M", "P1D", "P999999999D"),
    *("PT" + "9" * 500 + "H", "P1Y2M", "pt30m", "PT1.5H", "P", "PT", "-PT5M", "PT48H", "PT5M", "P2D", "P0.5D"),
    *(
        "http://example.com",
        "https://",
        "https://[::1",
        "https://a b",
        "ftp://x",
        "HTTPS://X",
        "https://user:p@x:99999",
    ),
    *(
        SECRET_URL,
        f"http://{SECRET}",
        f"x://{SECRET}",
        f" {SECRET_URL}",
        f"{SECRET_URL} ",
        f"[{SECRET_URL}",
        f"x={SECRET_URL}",
    ),
    *(
        "a@b",
        "a@example.com",
        f"{'a' * 60}@example.com",
        "+31",
        "0031",
        "06-12345678",
        "１２３４５",
        "{}",
        "[]",
        '{"a": 1}',
    ),
    *('{"PayloadRevision": 0, "WorkItemType": "x"}', "[" * 2000, '{"PayloadRevision": NaN, "WorkItemType": 1}'),
    *(
        CLUSTER.format(SUBSCRIPTION, "rg-aks", name)
        for name in ("prod", "PROD", "p" * 300, "a b", "a@b", "${x}", "", "é")
    ),
    *(CLUSTER.format("x", "rg-aks", "prod"), f"/subscriptions/{SUBSCRIPTION}", f"/subscriptions/{SUBSCRIPTION}/", "/"),
    *(
        f"/subscriptions/{SUBSCRIPTION}/resourceGroups/{name}"
        for name in ("rg-aks", "RG-AKS", "a.", "a" * 91, "ä", "a+b")
    ),
    *("event", "digest", "shared", "per-scope", "documented", "hardened", "user-assigned", "system-assigned"),
    *("none", "scope", "resource-group", "subscription", "Failed", "cancelled", "KubernetesVersionOutOfSupport"),
    *(
        "cluster-auto-upgrade",
        "NODE-OS-AUTO-UPGRADE",
        "end-of-support",
        "own.kql",
        "url.txt",
        "/dev/zero",
        "/dev/stdin",
    ),
    *("azurerm", "email", "webhook", "~> 4.55", ">= 4, < 5", "=", "1.2.3.4", "v4", "0" * 5000, " ".join(["a"] * 3000)),
)

TREES: tuple[Any, ...] = (
    *([], {}, [[]], [{}], {"": ""}, {" ": " "}, [""], ["a"] * 2000, {str(number): "a" for number in range(2000)}),
    *(_nested("a", 40), _nested("a", 40, True), _nested("a", 60), _nested({}, 120)),
    *(
        {SECRET_URL: "a"},
        {SECRET_URL: {}},
        [SECRET_URL],
        {"a": SECRET_URL},
        {"service_uri": SECRET_URL},
        {"id": SECRET_URL},
    ),
    *(
        {"type": SECRET_URL},
        {"name": SECRET_URL},
        {"a": {"env": "FUZZ_WORD"}},
        [{"env": "FUZZ_WORD"}],
        {"kind": "existing"},
    ),
    *(
        {"__class__": "a"},
        {"self": "a"},
        {"known": []},
        {"checks": "a"},
        {"model_fields": {}},
        {"data": 1},
        {"true": "a"},
    ),
    *(
        {"create": True, "name": "rg"},
        {"name": "rg", "create": "maybe"},
        {"id": "x", "name": "y"},
        {"principal_id": "x"},
    ),
    *(True, False, None, 0, -1, 3.5, 10**400, 1e308, float("inf")),
)

KEYS: tuple[str, ...] = (
    *(
        "stacks",
        "defaults",
        "",
        " ",
        "<<",
        "~",
        "null",
        "0",
        "-1",
        "true",
        "type",
        "name",
        "id",
        "kind",
        "self",
        "data",
    ),
    *(
        "__init__",
        "__class__",
        "model_config",
        "context",
        "valid_scopes",
        "scopes ",
        "Scopes",
        "severty",
        "a.b",
        "a[0]",
    ),
    *(
        "${TfToken[TOKEN.0]}",
        "&{TfToken[TOKEN.0]}",
        "\x00",
        "\n",
        "\ud800",
        "a" * 10_000,
        "clé",
        "CON",
        "//",
        "a/b",
        "..",
    ),
    *(SECRET_URL, f"x {SECRET_URL}", "env", "file", "variable", "features", "alias", "subscription_id", "azurerm"),
)

SNIPPETS: tuple[str, ...] = (
    *(
        "&a [*a]",
        "&a {a: *a}",
        "*a",
        "*clusters",
        "<<: *clusters",
        "<<: {a: b}",
        "!!python/object:os.system x",
        "!!binary aaaa",
    ),
    *(
        "!!set {a, b}",
        "!!omap [a: b]",
        "!<tag> x",
        "---",
        "--- a",
        "...",
        "%YAML 1.1",
        "%TAG ! x",
        "? a",
        "? [a, b]\n: c",
    ),
    *(
        "|",
        ">",
        "|+5",
        ">-",
        "'",
        '"',
        '"\\x00"',
        '"\\ud800"',
        '"\\q"',
        "{",
        "}",
        "[",
        "]",
        "[" * 5000,
        "{a: " * 3000,
        "- " * 3000,
    ),
    *(
        "\t",
        "\tkey: a",
        "key:\tb",
        "#",
        ": ",
        "a: b: c",
        "@a",
        "`a",
        "%a",
        "a: [b, c",
        "a: {b: c",
        "\x00",
        "\x7f",
        "\ufeff",
        "\u2028",
    ),
    *(
        "stacks:",
        "defaults:",
        "defaults: []",
        "stacks: {}",
        "a" * 100_000,
        "\n" * 3000,
        "- a",
        "  - a",
        "=",
        "~",
        "{}: a",
        "[]: a",
    ),
    "a: &x [1,1,1,1,1,1,1,1,1]\nb: &y [*x,*x,*x,*x,*x,*x,*x,*x,*x]\nc: &z [*y,*y,*y,*y,*y,*y,*y,*y,*y]\nd: &w [*z,*z,*z,*z,*z,*z,*z,*z,*z]"
    "\ne: &v [*w,*w,*w,*w,*w,*w,*w,*w,*w]\nf: &u [*v,*v,*v,*v,*v,*v,*v,*v,*v]\ng: [*u,*u,*u,*u,*u,*u,*u,*u,*u]",
)
"""Pieces of YAML, put into the text of a config."""
