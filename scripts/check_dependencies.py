"""Checks licences and sources of `cargo metadata` (standard input) against deny.toml."""

import json
import re
import sys


def allowed_licences(path):
    """The quoted words of the `allow` list under [licenses]."""
    with open(path, encoding="utf-8") as deny:
        section = deny.read().split("[licenses]", 1)[1]
    return set(re.findall(r'"([^"]+)"', re.search(r"allow = \[(.*?)\]", section, re.S).group(1)))


def is_allowed(expression, allowed):
    """Whether an SPDX expression can be met: one side of each OR, all sides of each AND."""
    words = re.findall(r"\(|\)|[^\s()/]+(?: WITH [^\s()/]+)?|/", expression)
    python = []
    for word in words:
        if word in ("(", ")"):
            python.append(word)
        elif word in ("OR", "/"):
            python.append("or")
        elif word == "AND":
            python.append("and")
        else:
            python.append(str(word in allowed))
    return eval(" ".join(python), {"__builtins__": {}})  # only True, False, and, or, brackets


def main():
    allowed = allowed_licences(sys.argv[1])
    faults = []
    foreign = [package for package in json.load(sys.stdin)["packages"] if package["source"]]
    for package in foreign:
        name = f"{package['name']} {package['version']}"
        if not is_allowed(package["license"] or "none", allowed):
            faults.append(f"{name}: licence {package['license']} is not in deny.toml")
        if not package["source"].startswith(("registry+", "sparse+")):
            faults.append(f"{name}: from {package['source']}, not from the registry")
    if faults:
        sys.exit("\n".join(faults))
    print(f"{len(foreign)} dependencies: licences and sources are those of deny.toml")


main()
