"""A program at a terminal of its own, as somebody types and reads there."""
import os
import pty
import select
import time


class Terminal:
    """A program at a terminal; what it has written so far is `seen`."""

    def __init__(self, command):
        self.seen = b""
        self.process, self.terminal = pty.fork()
        if self.process == 0:
            os.execv(command[0], command)

    def until(self, text, begin=0):
        """Reads until the text has been seen behind `begin`; where it ends."""
        deadline = time.monotonic() + 30
        while text.encode() not in self.seen[begin:]:
            told = self.seen[begin:].decode(errors="replace")
            assert time.monotonic() < deadline, f"waited in vain for {text}: {told}"
            if select.select([self.terminal], [], [], 1)[0]:
                try:
                    self.seen += os.read(self.terminal, 65536)
                except OSError:
                    break
        assert text.encode() in self.seen[begin:], self.seen[begin:].decode(errors="replace")
        return begin + self.seen[begin:].index(text.encode()) + len(text.encode())

    def line(self, text):
        """Types a line."""
        os.write(self.terminal, text.encode() + b"\n")

    def end(self):
        """Waits for the program's end: its exit status."""
        _, status = os.waitpid(self.process, 0)
        return os.waitstatus_to_exitcode(status)
