#!/usr/bin/env python3
"""usage: scripts/check_layers.py [ROOT]

Checks that no include points up or sideways in the picture of the house (docs/architecture.md),
and that a vendor's header stands only where it may. Prints one line for each offence and exits 1
if there is one. An include that no row below knows is an offence too: the tables are closed, so a
new library or a new box is a row here, seen in review.
"""

import pathlib
import re
import sys

# What a file may include, by the longest matching prefix of its own path. "" is everything of ours.
BOXES = {
    "harness/core/": ["harness/core/"],
    "harness/replay/": ["harness/core/", "harness/replay/"],
    "harness/stampede/": ["harness/core/", "harness/replay/", "harness/stampede/"],
    "harness/simulate/": ["harness/core/", "harness/simulate/", "adapters/local/policies/"],
    "harness/profile/": ["harness/core/", "harness/simulate/", "harness/profile/",
                         "adapters/local/policies/"],
    "harness/gate/": ["harness/core/", "harness/gate/"],
    "harness/cli/": ["harness/", "adapters/", "workloads/", "reports/"],
    "adapters/": ["harness/core/", "adapters/"],
    "adapters/local/policies/": ["harness/core/", "adapters/local/policies/"],
    "workloads/": ["harness/core/", "workloads/"],
    "reports/": ["harness/core/", "reports/"],
    "tests/": [""],
}

# Where a vendor's header may stand, as regular expressions on the including file's path.
# Tests may include any of them.
VENDORS = {
    "fmt/": r".",
    "hiredis/": r"^adapters/redis/.*\.cc$",
    "libmemcached": r"^adapters/memcached/.*\.cc$",
    "sqlite3.h": r"^(adapters/(disk|origins)|workloads)/.*\.cc$",
    "libpq-fe.h": r"^adapters/origins/.*\.cc$",
    "curl/": r"^adapters/origins/.*\.cc$",
    "lmdb.h": r"^adapters/disk/.*\.cc$",
    "rocksdb/": r"^adapters/disk/.*\.cc$",
    "zlib.h": r"^(workloads|reports)/.*\.cc$",
    "lzma.h": r"^workloads/.*\.cc$",
    "zstd": r"^workloads/.*\.cc$",
    "nlohmann/": r"^(reports|harness/cli|harness/gate|harness/replay/layers)/",
    "cxxopts.hpp": r"^harness/cli/",
    "benchmark/": r"^harness/cli/.*\.cc$",
    "cachegauge_plugin.h": r"^adapters/plugin/examples/",  # as their users write it
    "gtest/": r"^tests/",
    "gmock/": r"^tests/",
}

# Of the C library and the kernel; C++ standard headers have neither a dot nor a slash.
SYSTEM_FOLDERS = ("sys/", "linux/", "arpa/", "net/", "netinet/")
SYSTEM_HEADERS = set(
    "aio.h dirent.h dlfcn.h elf.h endian.h errno.h execinfo.h fcntl.h fnmatch.h getopt.h glob.h "
    "grp.h immintrin.h inttypes.h limits.h locale.h malloc.h math.h netdb.h poll.h pthread.h pwd.h "
    "sched.h semaphore.h signal.h spawn.h stdarg.h stddef.h stdint.h stdio.h stdlib.h string.h "
    "strings.h syslog.h termios.h time.h unistd.h utime.h wchar.h x86intrin.h".split())

INCLUDE = re.compile(r'^\s*#\s*include\s*(?:"([^"]+)"|<([^>]+)>)')
SOURCES = {".h", ".hpp", ".cc", ".cpp", ".c"}
TOP_FOLDERS = ("harness", "adapters", "workloads", "reports", "tests")


def box_of(path):
    boxes = [box for box in BOXES if path.startswith(box)]
    return max(boxes, key=len) if boxes else None


def check_own(root, path, included):
    if not (root / included).is_file():
        return f'"{included}" is not a file of ours: give the path from the repository root'
    box = box_of(path)
    if box is None:
        return "stands in no box of the house: add a row to BOXES in scripts/check_layers.py"
    if any(included.startswith(allowed) for allowed in BOXES[box]):
        return None
    return f'{box} must not include "{included}"; it may include {", ".join(BOXES[box])}'


def check_foreign(path, included):
    for vendor, places in VENDORS.items():
        if included.startswith(vendor):
            if path.startswith("tests/") or re.search(places, path):
                return None
            return f"<{included}> may stand only in files that match {places}"
    if re.fullmatch(r"[a-z0-9_]+", included) or included in SYSTEM_HEADERS:
        return None
    if included.startswith(SYSTEM_FOLDERS):
        return None
    return f"<{included}> is in no table of scripts/check_layers.py: add it where it belongs"


def offences(root):
    for top in TOP_FOLDERS:
        for file in sorted((root / top).rglob("*")):
            if file.suffix not in SOURCES or not file.is_file():
                continue
            path = file.relative_to(root).as_posix()
            text = file.read_text(encoding="utf-8", errors="replace")
            for number, line in enumerate(text.splitlines(), 1):
                match = INCLUDE.match(line)
                if not match:
                    continue
                own, foreign = match.groups()
                problem = check_own(root, path, own) if own else check_foreign(path, foreign)
                if problem:
                    yield f"{path}:{number}: {problem}"


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parent.parent)
    found = list(offences(root))
    for offence in found:
        print(offence)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
