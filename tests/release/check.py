"""The parts of the release check that read data: see run.

check.py files FOLDER CRATE: what is in the package, unpacked and packed
check.py dependencies [--write]: licences, duplicates and compiler versions of what a user gets, and
    whether docs/dependencies.md lists all of it; with --write, that page is written
"""
import json
import re
import subprocess
import sys
from pathlib import Path

# What a user waits for and keeps, in bytes: our own limit, a fifteenth of the registry's.
LARGEST = 700 * 1024

# What a user of the package looks for in it.
WANTED = {"Cargo.toml", "Cargo.lock", "README.md", "CHANGELOG.md", "SECURITY.md", "LICENSE-MIT", "LICENSE-APACHE",
          "src/lib.rs", "docs/comparison.md", "docs/cost.md", "docs/peers.md", "examples/server.rs"}
# What only works in the repository, and what is built or generated.
UNWANTED = re.compile(r"^(adapters|benches|conformance|fuzz|target|tests|\.ci|examples/transports)/|\.(log|svg)$|/[^/]*\.json$")

# What is built with the crate, all features and all platforms together.
PAGE = Path("docs/dependencies.md")
HEAD = """# Dependencies

Everything that is built with patchcord, for all features and all platforms, at the versions of `Cargo.lock`, as each
crate's own manifest states it. Written by `tests/release/check.py dependencies --write`; a release check compares.
"Runs" names what executes on the machine that builds. Default features on x86-64 Linux build 19 of them.

| crate | version | direct | licence | published from | Rust | runs |
|---|---|---|---|---|---|---|
"""

# Licences that a crate under MIT OR Apache-2.0 may be built with; all of them are permissive.
LICENCES = {"MIT", "Apache-2.0", "BSD-3-Clause", "Zlib", "Unlicense", "Apache-2.0 WITH LLVM-exception"}


def main():
    match sys.argv[1:]:
        case ["files", folder, crate]:
            files(Path(folder), Path(crate))
        case ["dependencies", *options]:
            dependencies("--write" in options)
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
    faults += [fault for page in sorted(folder.rglob("*.md")) for fault in dead_links(folder, page)]
    size = crate.stat().st_size
    if size > LARGEST:
        faults.append(f"{size} bytes are more than {LARGEST}")
    if faults:
        sys.exit("the package: " + "; ".join(faults))
    say("package", f"{len(inside)} files, {size / 1024:.0f} KiB packed")


def dead_links(folder, page):
    """Links of a page to files that are not in the package, and so lead nowhere from a registry."""
    prose = re.sub(r"```.*?```|`[^`]*`", "", page.read_text(), flags=re.DOTALL)
    for link in re.findall(r"\]\(([^)\s]+)\)", prose):
        if "://" not in link and not (page.parent / link.split("#")[0]).exists():
            yield f"{page.relative_to(folder)} links to {link}, which is not there"


def dependencies(write):
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
    listed = page(used, data["resolve"])
    if write:
        PAGE.write_text(listed)
    elif not PAGE.exists() or PAGE.read_text() != listed:
        faults.append(f"{PAGE} is out of date: tests/release/check.py dependencies --write")
    if faults:
        sys.exit("the dependencies: " + "; ".join(faults))
    newest = max(used, key=lambda package: number(package["rust_version"]))
    say("dependencies", f"{len(used)} on all platforms with all features, none twice, all permissive")
    say("compiler", f"{ours['rust_version']} of ours, at most {newest['rust_version']} of theirs "
                    f"({newest['name']})")


def page(used, resolve):
    """docs/dependencies.md: what a reviewer of the supply chain asks first of each crate."""
    ours = {edge["pkg"] for node in resolve["nodes"] if node["id"] == resolve["root"] for edge in node["deps"]}
    rows = []
    for package in sorted(used, key=lambda package: package["name"]):
        kinds = {kind for target in package["targets"] for kind in target["kind"]}
        runs = "build script" if "custom-build" in kinds else "macro" if "proc-macro" in kinds else ""
        direct = "yes" if package["id"] in ours else ""
        rows.append(f"| {package['name']} | {package['version']} | {direct} | {package['license']} "
                    f"| {package['repository'] or '-'} | {package['rust_version'] or 'not stated'} | {runs} |")
    return HEAD + "\n".join(rows) + "\n"


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
