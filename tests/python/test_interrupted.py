"""What is raised inside a key store or a storage and is no `Exception`: Python tells of it and goes on, the core shows a
code, nothing is lost or half kept, and what we held of a key is wiped."""

import contextlib
import ctypes
import gc
import mmap
import re
import sys
import unittest

import shikaku
from platform_double import Keys, Storage
from shell import INSTITUTION, Act, Shell, View, admin, issue

SAID = "what only a stack trace says"


class Ended(BaseException):
    """An exception of somebody's own that `except Exception` does not catch."""


RAISED = [KeyboardInterrupt, SystemExit, GeneratorExit, Ended]


class Interrupted(unittest.TestCase):
    def setUp(self):
        self.seen = []
        self.addCleanup(setattr, sys, "unraisablehook", sys.unraisablehook)
        sys.unraisablehook = lambda unraisable: self.seen.append(unraisable.exc_type)

    @contextlib.contextmanager
    def interrupted(self, double, method, raised):
        """Meanwhile `method` raises, and is called."""
        def interrupt(*_):
            raise raised(SAID)

        self.seen.clear()
        setattr(double, method, interrupt)
        yield
        delattr(double, method)
        self.assertIn(raised, self.seen, method)

    def code(self, shell, view, code):
        self.assertIsInstance(shell.view(), view, shell.terminal.detail())
        told = shell.view().problem if view is View.SETTINGS else shell.view().told
        self.assertEqual(told.code, code)
        self.assertNotIn(SAID, shell.terminal.detail())

    def checks(self, shell):
        shell.check(b"1234")
        self.assertIsInstance(shell.view(), View.ANSWER, shell.terminal.detail())
        self.assertEqual(shell.view().sheet.told.code, "qualification-valid")
        shell.act(Act.NEXT_PERSON())

    def test_a_registration_stores_nothing_and_is_done_with_the_same_settings(self):
        give = Act.GIVE_SETTINGS(shikaku.Given.READ(issue(), "受付1"))
        for raised in RAISED:
            shell = Shell(Keys(), Storage())
            shell.act(Act.AGREE_TERMS())
            shell.act(give)
            for method in ["public_key", "create", "sign"]:
                with self.interrupted(shell.keys, method, raised):
                    shell.act(Act.AGREE_TERMS())
                    shell.act(give)
                self.code(shell, View.SETTINGS, "key-store-unavailable")
                # A key that was made goes, for the service has not heard of it: the next one has its own attestation.
                self.assertEqual((shell.keys.keys, shell.storage.files), ({}, {}), method)
        shell.act(Act.GIVE_SETTINGS(shikaku.Given.AGAIN()))
        self.assertIsInstance(shell.view(), View.HOME, shell.terminal.detail())

    def test_a_key_that_the_service_knows_outlives_a_key_store_that_does_not_answer(self):
        shell = Shell(Keys(), Storage())
        shell.act(Act.AGREE_TERMS())
        shell.act(Act.GIVE_SETTINGS(shikaku.Given.READ(issue(), "受付1")))
        with self.interrupted(shell.storage, "write", KeyboardInterrupt):
            shell.act(Act.AGREE_TERMS())
        self.code(shell, View.SETTINGS, "state-unwritable")
        known = dict(shell.keys.keys)
        for method in ["public_key", "sign"]:
            with self.interrupted(shell.keys, method, KeyboardInterrupt):
                shell.act(Act.GIVE_SETTINGS(shikaku.Given.AGAIN()))
            self.code(shell, View.SETTINGS, "key-store-unavailable")
            self.assertEqual(shell.keys.keys, known, method)
        shell.act(Act.GIVE_SETTINGS(shikaku.Given.AGAIN()))
        self.assertIsInstance(shell.view(), View.HOME, shell.terminal.detail())

    def test_a_call_that_nobody_performs_counts_as_unanswered(self):
        shell = Shell.registered(self)
        effects = shell.terminal.test_connection()
        self.assertIsInstance(effects[0], shikaku.Effect.PERFORM)
        self.assertIsNone(shell.terminal.connection_test())
        del effects
        gc.collect()
        self.assertEqual(shell.terminal.connection_test().problem.code, "network-unreachable")
        shell.do(shell.terminal.test_connection())
        self.assertIsNone(shell.terminal.connection_test().problem)
        self.checks(shell)

    def test_a_check_that_is_not_signed_is_kept_and_sent_without_the_card(self):
        shell = Shell.registered(self)
        for raised in RAISED:
            with contextlib.ExitStack() as stack:
                def interrupt_when_signed(stage):
                    if stage == shikaku.Stage.CLOSING:
                        stack.enter_context(self.interrupted(shell.keys, "sign", raised))

                shell.on_stage = interrupt_when_signed
                shell.check(b"1234")
                self.code(shell, View.KEPT, "key-store-unavailable")
                self.assertEqual(shell.terminal.facts().unsent_checks, 1)
            shell.on_stage, exchanges = lambda stage: None, shell.exchanges
            shell.act(Act.SEND_AGAIN())
            self.assertIsInstance(shell.view(), View.ANSWER, shell.terminal.detail())
            self.assertEqual((shell.exchanges, shell.terminal.facts().unsent_checks), (exchanges, 0))
            shell.act(Act.NEXT_PERSON())

    def test_both_steps_of_a_visual_check_are_kept_too(self):
        admin("institution", "visual", INSTITUTION, "on")
        self.addCleanup(admin, "institution", "visual", INSTITUTION, "off")
        shell = Shell.registered(self)
        shell.look(b"55010220361234")
        for step, view in [(Act.ATTEST(), View.NAME), (Act.CONFIRM_NAME(), View.ANSWER)]:
            with self.interrupted(shell.keys, "sign", KeyboardInterrupt):
                shell.act(step)
                self.code(shell, View.KEPT, "key-store-unavailable")
            self.assertIsNone(shell.terminal.photo())
            shell.act(Act.SEND_AGAIN())
            self.assertIsInstance(shell.view(), view, shell.terminal.detail())

    def test_no_card_is_asked_before_its_challenge_is_written_as_taken(self):
        shell = Shell.registered(self)
        for raised in RAISED:
            exchanges = shell.exchanges
            with self.interrupted(shell.storage, "write", raised):
                shell.check(b"1234")
                self.assertEqual((shell.view().told.code, shell.exchanges), ("state-unwritable", exchanges))
            shell.act(Act.NEXT_PERSON())
            self.checks(shell)

    def test_an_app_that_cannot_open_its_state_finds_everything_at_the_next_start(self):
        shell = Shell.registered(self)
        for raised in RAISED:
            for method in ["read", "unwrap"]:
                with self.interrupted(shell.storage, method, raised):
                    early = Shell(shell.keys, shell.storage)
                    self.assertIsInstance(early.view(), View.STOPPED, method)
                    self.assertNotIn(SAID, early.terminal.detail())
            self.checks(Shell(shell.keys, shell.storage, shell.card))

    def test_what_was_not_erased_is_told_of_and_goes_the_next_time(self):
        stopped = {"storage": View.STOPPED, "keys": View.TERMS}
        for name, kept in [("storage", "files"), ("keys", "keys")]:
            shell = Shell.registered(self)
            double = getattr(shell, name)
            with self.interrupted(double, "erase", KeyboardInterrupt):
                shell.do(shell.terminal.wipe())
            self.assertTrue(getattr(double, kept), name)
            # A key without its state opens nothing, and is used anew.
            self.assertIsInstance(shell.view(), stopped[name])
            self.assertNotEqual(shell.terminal.detail(), "", "it is told of")
            shell.do(shell.terminal.wipe())
            self.assertFalse(getattr(double, kept), name)
            self.assertIsInstance(shell.view(), View.TERMS)

    def test_a_data_key_that_was_not_wrapped_is_nowhere_in_our_memory(self):
        storage, held = Storage(), {}

        def interrupt(secret):
            held["pattern"] = re.compile(b"".join(b"\\x%02x" % octet for octet in secret))
            held["before"] = found(held["pattern"])
            # Python's own copy; nothing else of Python's is wiped by anybody.
            ctypes.memset(id(secret) + bytes.__basicsize__ - 1, 0, len(secret))
            raise KeyboardInterrupt(SAID)

        storage.wrap = interrupt
        shell = Shell(Keys(), storage)
        for act in [Act.AGREE_TERMS(), Act.GIVE_SETTINGS(shikaku.Given.READ(issue(), "受付1")), Act.AGREE_TERMS()]:
            shell.act(act)
        self.assertEqual((self.seen, storage.files), ([KeyboardInterrupt], {}))
        self.assertGreater(held["before"], 1, "the search finds it while it is there, on both sides")
        gc.collect()
        self.assertEqual(found(held["pattern"]), 0)
        del storage.wrap
        shell.act(Act.GIVE_SETTINGS(shikaku.Given.AGAIN()))
        self.assertIsInstance(shell.view(), View.HOME, shell.terminal.detail())


def found(pattern):
    """How often the octets lie in what this process can write. A compiled pattern does not hold them in a row."""
    count = 0
    with open("/proc/self/maps", encoding="ascii") as maps, open("/proc/self/mem", "rb", buffering=0) as memory:
        for line in maps.read().splitlines():
            span, rights = line.split()[:2]
            begin, end = (int(side, 16) for side in span.split("-"))
            # The kernel's own pages are not to be read.
            if rights.startswith("rw") and "[v" not in line:
                # What was read goes back to the kernel: freed memory would be searched the next time.
                with mmap.mmap(-1, end - begin) as copy:
                    memory.seek(begin)
                    memory.readinto(copy)
                    count += sum(1 for _ in pattern.finditer(copy))
    return count


if __name__ == "__main__":
    unittest.main()
