"""The whole story of a device through the generated Python: registration, checks, wrong PINs, a service that is gone;
and garbage at every export. Run by tests/python/story, which starts the service and names it in the environment."""

import asyncio
import os
import pathlib
import runpy
import subprocess
import time
import unittest

import shikaku
from platform_double import Card, Keys, Storage, app
from shell import DATA, PROGRAM, Act, Shell, View, issue

ROOT = pathlib.Path(__file__).parents[2]


class Story(unittest.TestCase):
    def test_from_the_first_launch_to_a_service_that_is_gone(self):
        keys, storage, card = Keys(), Storage(), Card(PROGRAM)
        self.addCleanup(card.close)
        shell = Shell(keys, storage, card)
        self.assertIsInstance(shell.view(), View.TERMS)
        shell.act(Act.AGREE_TERMS())
        shell.act(Act.GIVE_SETTINGS(shikaku.Given.READ("nonsense", "受付1")))
        self.assertEqual(shell.view().problem.code, "settings-signature")
        shell.act(Act.GIVE_SETTINGS(shikaku.Given.READ(issue(), "受付1")))
        self.assertEqual(shell.view().version, 1, shell.terminal.detail())
        shell.act(Act.AGREE_TERMS())
        self.assertIsInstance(shell.view(), View.HOME, shell.terminal.detail())
        self.assertEqual(shell.terminal.facts().institution, "4810000001")

        shell.check(b"9999")
        self.assertEqual((shell.view().told.code, shell.view().tries), ("pin-wrong", 2))
        shell.act(Act.UNDERSTAND())
        shell.act(Act.TYPE_PIN(b"1234"))
        answer = shell.view()
        self.assertIsInstance(answer, View.ANSWER, shell.terminal.detail())
        self.assertEqual((answer.sheet.told.code, answer.sheet.tone), ("qualification-valid", shikaku.Tone.REFERENCE))
        shell.act(Act.EXPORT(shikaku.ExportForm.TEXT))
        self.assertIn("資格 太郎", shell.exports[-1])
        shell.act(Act.NEXT_PERSON())
        self.assertEqual(shell.terminal.history(), [], "the institution has not asked for it")

        shell.do(shell.terminal.rotate_key())
        self.assertEqual(list(keys.keys), ["device-2"])
        shell.do(shell.terminal.test_connection())
        self.assertIsNone(shell.terminal.connection_test().problem)

        self.check_as_the_page_says(shell)
        self.check_as_the_example_does(shell)
        os.kill(int(os.environ["SHIKAKU_SERVICE"]), 15)
        self.await_silence(shell)
        shell.check(b"1234")
        self.assertIsInstance(shell.view(), View.KEPT)
        self.assertEqual(shell.view().told.code, "network-unreachable")
        again = Shell(keys, storage, card)
        self.assertIsInstance(again.view(), View.KEPT, "it was kept sealed")
        service = subprocess.Popen(
            [PROGRAM, "serve", "--data", DATA, "--listen", os.environ["SHIKAKU_LISTEN"]],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )
        self.addCleanup(service.wait, 10)
        self.addCleanup(service.terminate)
        for _ in range(100):
            again.act(Act.SEND_AGAIN())
            if isinstance(again.view(), View.ANSWER):
                break
            time.sleep(0.1)
        self.assertIsInstance(again.view(), View.ANSWER, again.terminal.detail())

    def check_as_the_page_says(self, shell):
        """A check by the lines of docs/integrate.md alone."""
        page = ROOT / "docs" / "integrate.md"
        lines = page.read_text(encoding="utf-8").split("```python\n")[1].split("```")[0]
        names = {}
        exec(compile(lines, str(page), "exec"), names)
        card = Card(PROGRAM)
        self.addCleanup(card.close)
        card.limits = shikaku.ReaderLimits(extended_length=True, short_read=256)
        for act in [Act.START_CHECK(None), Act.TYPE_PIN(b"1234")]:
            asyncio.run(names["carry_out"](shell.terminal, shell.terminal.handle(act), card))
        self.assertEqual(shell.view().sheet.told.code, "qualification-valid")
        shell.act(Act.NEXT_PERSON())

        def gone(command):
            raise OSError("there is no card")

        card.transmit = gone
        for act in [Act.START_CHECK(None), Act.TYPE_PIN(b"1234")]:
            asyncio.run(names["carry_out"](shell.terminal, shell.terminal.handle(act), card))
        self.assertEqual(shell.view().told.code, "card-removed")
        shell.act(Act.NEXT_PERSON())
        trust = (DATA / "trust.json").read_text(encoding="utf-8")
        new = names["open_terminal"](trust, "アプリの規約", Keys(), Storage(), test_services=True)
        self.assertIsInstance(new.screen().view, View.TERMS)

    def check_as_the_example_does(self, shell):
        """A check of the card in the PC/SC reader by bindings/python/examples/pcsc.py."""
        example = runpy.run_path(str(ROOT / "bindings" / "python" / "examples" / "pcsc.py"))
        for act in [Act.START_CHECK(None), Act.TYPE_PIN(b"1234")]:
            asyncio.run(example["carry_out"](shell.terminal, shell.terminal.handle(act)))
        self.assertEqual(shell.view().sheet.told.code, "qualification-valid", shell.terminal.detail())
        shell.act(Act.NEXT_PERSON())

    def await_silence(self, shell):
        for _ in range(100):
            shell.do(shell.terminal.test_connection())
            if shell.terminal.connection_test().problem is not None:
                return
            time.sleep(0.1)
        self.fail("the service does not end")


def broken(*_):
    raise RuntimeError("a shell's own mistake")


class Garbage(unittest.TestCase):
    def test_a_platform_that_throws_ends_on_the_screen(self):
        for method in ["read", "write", "erase", "wrap", "unwrap"]:
            storage = Storage()
            setattr(storage, method, broken)
            shell = Shell(Keys(), storage)
            self.assertIsInstance(shell.view(), View.STOPPED if method == "read" else View.TERMS)
            shell.do(shell.terminal.wipe())
        storage = Storage()
        storage.read = lambda name: b"\x00" * 100
        self.assertEqual(Shell(Keys(), storage).view().told.code, "state-key-lost")

    def test_every_export_takes_what_comes(self):
        terminal = Shell(Keys(), Storage()).terminal
        acts = [
            Act.TYPE_PIN(b"\xff" * 70_000), Act.TYPE_PIN(b""), Act.CHOOSE(2**32 - 1), Act.NO_TAP(7, shikaku.Fault.TIMEOUT),
            Act.TAP_STAGE(2**64 - 1, shikaku.Stage.PIN, 255), Act.START_CHECK("\x00" * 1000), Act.TICK(), Act.LOCK(),
            Act.EXPORT(shikaku.ExportForm.EVIDENCE), Act.SEND_AGAIN(), Act.AGREE_TERMS(),
            Act.GIVE_SETTINGS(shikaku.Given.AGAIN()),
            Act.GIVE_SETTINGS(shikaku.Given.TYPED("::", "1", "\U0001f4a5", "x" * 10_000, "")),
        ]
        for _ in range(3):
            for act in acts:
                self.assertEqual(terminal.handle(act), [])
        self.assertIsInstance(terminal.screen().view, View.SETTINGS)
        limits = shikaku.ReaderLimits(extended_length=False, short_read=0)
        self.assertEqual(terminal.tap(2**63, limits, "\x00").effects, [])
        self.assertEqual((terminal.facts(), terminal.history(), terminal.connection_test()), (None, [], None))
        self.assertEqual((terminal.rotate_key(), terminal.test_connection()), ([], []))
        self.assertGreater(len(shikaku.guide()), 80)

    def test_a_trust_list_that_is_refused_makes_no_terminal(self):
        good = app(DATA / "trust.json")
        for trust, tests in [("", True), ("[]", True), (good.trust, False)]:
            good.trust, good.test_services = trust, tests
            with self.assertRaises(shikaku.OpenError.TrustList) as refused:
                shikaku.Terminal.open(good, Keys(), Storage())
            self.assertEqual(refused.exception.code, "trust-list")


if __name__ == "__main__":
    unittest.main()
