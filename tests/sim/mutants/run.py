"""Mutates the core, one mutation at a time, and has the swarm find each: see list.txt.

Never changes the tree that it is in: it works in a copy that it throws away.
Called by ../mutants.sh.
"""

import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[2]
LIST = HERE / "list.txt"


def die(text):
    sys.exit(f"mutants: {text}")


def read_list():
    mutants, mutant, part = [], None, None
    for number, line in enumerate(LIST.read_text().splitlines(), 1):
        if part and line not in ("new", "end"):
            mutant[part].append(line)
            continue
        word, _, rest = line.partition(" ")
        if not line or line.startswith("#"):
            continue
        if word == "mutant":
            mutant = {"name": rest, "old": [], "new": []}
        elif word == "swarm":
            mutant["swarm"], seeds = rest.split()
            mutant["seeds"] = int(seeds)
        elif word in ("breaks", "file"):
            mutant[word] = rest
        elif word in ("old", "new"):
            part = word
        elif word == "end":
            mutants.append(mutant)
            part = None
        else:
            die(f"{LIST.name}:{number}: what is '{word}'?")
    return mutants


def mutated(mutant, root):
    """The file's text with the mutation in it; the old text must stand there exactly once."""
    text = (root / mutant["file"]).read_text()
    old = "\n".join(mutant["old"])
    if (count := text.count(old)) != 1:
        die(f"{mutant['name']}: its text stands {count} times in {mutant['file']}")
    return text.replace(old, "\n".join(mutant["new"]))


def run(command, **kwargs):
    return subprocess.run(command, text=True, capture_output=True, check=False, **kwargs)


def build(copy):
    result = run(["cmake", "--build", str(copy / "build"), "--target", "swarm", "raft_swarm",
                  "context_swarm", "test_context_scripts"])
    if result.returncode != 0:
        die(f"does not build:\n{result.stdout[-3000:]}")


def copy_tree(copy):
    files = run(["git", "-C", str(ROOT), "ls-files", "-co", "--exclude-standard"]).stdout
    for name in files.splitlines():
        if (source := ROOT / name).is_file():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, copy / name)
    result = run(["cmake", "-S", str(copy), "-B", str(copy / "build"), "-G", "Ninja",
                  "-DCMAKE_BUILD_TYPE=Release", "-DQUORATE_TESTS=ON"])
    if result.returncode != 0:
        die(f"cannot be configured:\n{result.stderr[-3000:]}")
    build(copy)


def hunt(mutant, copy):
    """How the swarm found it: (seeds, invariant), or None where it did not."""
    path = copy / mutant["file"]
    before = path.read_text()
    path.write_text(mutated(mutant, copy))
    build(copy)
    sim = copy / "build/tests/sim"
    count = ["--count", str(mutant["seeds"])]
    own = {"raft": [sim / "raft_swarm", *count],
           "contexts": [sim / "contexts/context_swarm", *count],
           "context-scripts": [sim / "contexts/test_context_scripts"]}
    swarm = own.get(mutant["swarm"], [sim / "core/swarm", mutant["swarm"], *count])
    result = run([*map(str, swarm)])
    path.write_text(before)
    if result.returncode == 0:
        return None
    found = re.search(r"seed (\d+)(?: failed|:) at \d+ ms: (.*)", result.stderr)
    if found:
        return int(found.group(1)), found.group(2)
    lines = result.stderr.strip().splitlines() or ["no word"]
    return 0, f"stopped by an assertion of its own: {lines[-1]}"


def main(names):
    mutants = read_list()
    if names == ["--check"]:
        for mutant in mutants:
            mutated(mutant, ROOT)
        print(f"{len(mutants)} mutations fit")
        return 0
    if unknown := set(names) - {mutant["name"] for mutant in mutants}:
        die(f"no such mutation: {', '.join(sorted(unknown))}")
    missed = 0
    with tempfile.TemporaryDirectory(prefix="quorate-mutants-") as folder:
        copy = pathlib.Path(folder)
        copy_tree(copy)
        print("| mutation | swarm | seeds | found by |\n|---|---|---|---|", flush=True)
        for mutant in mutants:
            if names and mutant["name"] not in names:
                continue
            result = hunt(mutant, copy)
            missed += result is None
            seeds, what = result or (mutant["seeds"], "**not found**")
            print(f"| {mutant['name']} | {mutant['swarm']} | {seeds} | {what} |", flush=True)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
