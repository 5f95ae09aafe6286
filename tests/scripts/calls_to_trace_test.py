#!/usr/bin/env python3
"""Runs scripts/calls_to_trace.py over calls as strace writes them."""

import pathlib
import subprocess
import sys
import tempfile
import unittest

SCRIPT = pathlib.Path(__file__).parents[2] / "scripts/calls_to_trace.py"

# Two processes: a compiler that reads a source, a system header and a stranger's file and writes a
# temporary one, and the assembler that reads that. A test program's reading does not count.
CALLS = {
    "release.1": """\
100.000000 execve("/usr/lib/gcc/x86_64-linux-gnu/12/cc1plus", ["c"...], 0x1 /* 9 vars */) = 0
100.000010 openat(AT_FDCWD<TREE/build/release>, "TREE/a.cc", O_RDONLY|O_NOCTTY) = 4<TREE/a.cc>
100.000011 newfstatat(4<TREE/a.cc>, "", {st_mode=S_IFREG|0644, st_size=120, ...}, AT_EMPTY_PATH) = 0
100.000012 newfstatat(4<TREE/a.cc>, "", {st_mode=S_IFREG|0644, st_size=120, ...}, AT_EMPTY_PATH) = 0
100.500000 openat(AT_FDCWD<TREE/build/release>, "/usr/include/x.h", O_RDONLY) = 5</usr/include/x.h>
100.500001 fstat(5</usr/include/x.h>, {st_mode=S_IFREG|0644, st_size=7, ...}) = 0
100.600000 openat(AT_FDCWD<TREE/build/release>, "/dev/urandom", O_RDONLY) = 5</dev/urandom<char 1:9>>
100.600001 fstat(5</dev/urandom<char 1:9>>, {st_mode=S_IFCHR|0666, st_rdev=makedev(0x1, 0x9), ...}) = 0
100.700000 openat(AT_FDCWD<TREE/build/release>, "TMP/ccAb.s", O_RDWR|O_CREAT|O_TRUNC, 0666) = 5<TMP/ccAb.s>
100.700001 openat(AT_FDCWD<TREE/build/release>, "/home/me/y.h", O_RDONLY) = 6</home/me/y.h>
100.700002 newfstatat(6</home/me/y.h>, "", {st_mode=S_IFREG|0644, st_size=9, ...}, AT_EMPTY_PATH) = 0
""",
    "release.2": """\
100.900000 execve("/usr/bin/as", ["a"...], 0x1 /* 9 vars */) = 0
102.250000 openat(AT_FDCWD<TREE/build/release>, "TMP/ccAb.s", O_RDONLY) = 3<TMP/ccAb.s>(deleted)
102.250001 newfstatat(3<TMP/ccAb.s>(deleted), "", {st_mode=S_IFREG|0600, st_size=4096, ...}, AT_EMPTY_PATH) = 0
""",
    "release.3": """\
100.100000 execve("TREE/build/release/core_test", ["c"...], 0x1 /* 9 vars */) = 0
100.100001 openat(AT_FDCWD<TREE>, "/etc/ld.so.cache", O_RDONLY|O_CLOEXEC) = 3</etc/ld.so.cache>
100.100002 newfstatat(3</etc/ld.so.cache>, "", {st_mode=S_IFREG|0644, st_size=5, ...}, AT_EMPTY_PATH) = 0
""",
}


class CallsToTraceTest(unittest.TestCase):
    def test_reads_of_the_toolchain_in_order_of_time(self):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder).resolve()
            tree, tmp, calls = root / "tree", root / "tmp", root / "calls"
            calls.mkdir()
            for name, text in CALLS.items():
                text = text.replace("TREE", str(tree)).replace("TMP", str(tmp))
                (calls / name).write_text(text)
            done = subprocess.run(
                [sys.executable, SCRIPT, calls, "--tree", tree, "--tmp", tmp],
                capture_output=True, text=True, check=True)
        self.assertEqual(done.stdout, "time,key,size\n"
                                      "0.000000,a.cc,120\n"
                                      "0.499990,/usr/include/x.h,7\n"
                                      "0.699991,other/1.h,9\n"
                                      "2.249990,tmp/2.s,4096\n")


if __name__ == "__main__":
    unittest.main()
