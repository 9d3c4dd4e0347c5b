"""The parts of the release check that read data: see run.

check.py files FOLDER CRATE: what is in the package, unpacked and packed
check.py dependencies: licences, duplicates and compiler versions of what a user gets
"""
import json
import re
import subprocess
import sys
from pathlib import Path

# What the registry takes, in bytes: the limit that the Cargo book gives for a package.
LARGEST = 10 * 1024 * 1024

# What a user of the package looks for in it.
WANTED = {"Cargo.toml", "Cargo.lock", "README.md", "CHANGELOG.md", "ARCHITECTURE.md", "PANICS.md",
          "SECURITY.md", "CONTRIBUTING.md", "LICENSE-MIT", "LICENSE-APACHE", "src/lib.rs"}
# What only works in the repository, and what is built.
UNWANTED = re.compile(r"^(adapters|fuzz|target|\.ci|benches/peers|conformance|examples/transports)/|^tests/(explore|packages|repository)\b|\.log$")

# Licences that a crate under MIT OR Apache-2.0 may be built with; all of them are permissive.
LICENCES = {"MIT", "Apache-2.0", "BSD-3-Clause", "Zlib", "Unlicense", "Apache-2.0 WITH LLVM-exception"}


def main():
    match sys.argv[1:]:
        case ["files", folder, crate]:
            files(Path(folder), Path(crate))
        case ["dependencies"]:
            dependencies()
        case _:
            sys.exit(__doc__)


def say(what, found):
    print(f"{what:<22} {found}")


def files(folder, crate):
    inside = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    faults = [f"{name} is missing" for name in sorted(WANTED - inside)]
    faults += [f"{name} does not belong there" for name in sorted(inside) if UNWANTED.search(name)]
    tracked = subprocess.run(["git", "ls-files", "src"], check=True, capture_output=True, text=True)
    faults += [f"{name} is missing" for name in tracked.stdout.split() if name not in inside]
    size = crate.stat().st_size
    if size > LARGEST:
        faults.append(f"{size} bytes are more than {LARGEST}")
    if faults:
        sys.exit("the package: " + "; ".join(faults))
    say("package", f"{len(inside)} files, {size / 1024:.0f} KiB packed")


def dependencies():
    shown = subprocess.run(["cargo", "metadata", "--format-version=1", "--locked", "--all-features"],
                           check=True, capture_output=True, text=True).stdout
    data = json.loads(shown)
    packages = {package["id"]: package for package in data["packages"]}
    ours = packages[data["resolve"]["root"]]
    used = [packages[name] for name in reached(data["resolve"])]
    faults = []
    names = [package["name"] for package in used]
    faults += [f"{name} is there twice" for name in sorted(set(names)) if names.count(name) > 1]
    for package in used:
        if not any(parts <= LICENCES for parts in alternatives(package["license"] or "")):
            faults.append(f"{package['name']} is under {package['license']}")
        if number(package["rust_version"]) > number(ours["rust_version"]):
            faults.append(f"{package['name']} needs Rust {package['rust_version']}")
    if faults:
        sys.exit("the dependencies: " + "; ".join(faults))
    newest = max(used, key=lambda package: number(package["rust_version"]))
    say("dependencies", f"{len(used)} on all platforms with all features, none twice, all permissive")
    say("compiler", f"{ours['rust_version']} of ours, at most {newest['rust_version']} of theirs "
                    f"({newest['name']})")


def reached(resolve):
    """What a user builds: what normal and build dependencies lead to."""
    nodes = {node["id"]: node for node in resolve["nodes"]}
    seen, waiting = set(), [resolve["root"]]
    while waiting:
        for edge in nodes[waiting.pop()]["deps"]:
            if any(kind["kind"] != "dev" for kind in edge["dep_kinds"]) and edge["pkg"] not in seen:
                seen.add(edge["pkg"])
                waiting.append(edge["pkg"])
    return seen


def alternatives(expression):
    """The sets of licences of which one is to be kept, of an expression without parentheses."""
    return [set(part.split(" AND ")) for part in re.split(r" OR |/", expression)]


def number(version):
    parts = [int(part) for part in (version or "0").split(".")]
    return parts + [0] * (3 - len(parts))


main()
