"""Ctrl-C while `simulate` and `profile` read a workload, which can take minutes."""

import pathlib
import signal
import subprocess
import time

from support import BINARY, CommandTest, main


class ReadingInterrupted(CommandTest):
    def test_ctrl_c_ends_the_reading_of_a_trace(self):
        endless = "zipf:keys=1k,requests=4000M"
        for command in (["simulate", endless, "--policy", "lru", "--size", "1%"],
                        ["simulate", endless, "--curve", "lru", "--sample", "10%"],
                        ["profile", endless]):
            out = self.folder / "never.json"
            process = subprocess.Popen([BINARY, *command, "--out", out],
                                       stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            self.wait_for_handler(process, signal.SIGINT)
            process.send_signal(signal.SIGINT)
            _, stderr = process.communicate(timeout=60)
            self.assertEqual(process.returncode, 130, command)
            self.assertIn("interrupted while the workload was read", stderr)
            self.assertFalse(out.exists())

    def wait_for_handler(self, process, number):
        deadline = time.monotonic() + 60
        status = pathlib.Path(f"/proc/{process.pid}/status")
        caught = 0
        while not caught >> (number - 1) & 1 and time.monotonic() < deadline:
            time.sleep(0.02)
            caught = int(status.read_text().split("SigCgt:")[1].split()[0], 16)


if __name__ == "__main__":
    main()
