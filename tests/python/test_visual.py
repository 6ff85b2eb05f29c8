"""A visual check (目視確認) through the generated Python, light and full, against the running service."""

import unittest

import shikaku
from shell import INSTITUTION, Act, Shell, View, admin

#: What is printed on the usual card: the birth date in Japanese years, and 照合番号B.
BIRTH_DATE, CODE_B = b"550102", b"55010220361234"


class Visual(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        admin("institution", "visual", INSTITUTION, "on")
        cls.addClassCleanup(admin, "institution", "visual", INSTITUTION, "off")

    def looking(self, shell, photo):
        self.assertIsInstance(shell.view(), View.LOOK, shell.terminal.detail())
        self.assertEqual((shell.view().photo, shell.view().problem), (photo, None))
        self.assertEqual((shell.terminal.photo() or b"")[:8], b"\x89PNG\r\n\x1a\n" if photo else b"")

    def named(self, shell):
        self.assertIsInstance(shell.view(), View.NAME, shell.terminal.detail())
        self.assertEqual((shell.view().name, shell.view().differs), ("資格 太郎", None))

    def answered(self, shell):
        self.assertIsInstance(shell.view(), View.ANSWER, shell.terminal.detail())
        self.assertEqual(shell.view().sheet.told.code, "qualification-valid")
        shell.act(Act.EXPORT(shikaku.ExportForm.TEXT))
        self.assertIn("目視", shell.exports[-1])

    def test_light_with_a_wrong_date_before(self):
        shell = Shell.registered(self)
        shell.look(b"5501")
        self.assertEqual((shell.view().problem.code, shell.exchanges), ("printed-form", 0))
        shell.act(Act.TYPE_NUMBER(b"550103"))
        self.assertEqual((shell.view().told.code, shell.view().tries), ("printed-wrong", 9))
        shell.act(Act.TAP_AGAIN())
        shell.act(Act.TYPE_NUMBER(BIRTH_DATE))
        self.looking(shell, photo=False)
        shell.act(Act.ATTEST())
        self.named(shell)
        shell.act(Act.CONFIRM_NAME())
        self.answered(shell)

    def test_full_with_the_photo_and_then_a_name_that_is_denied(self):
        shell = Shell.registered(self)
        shell.look(CODE_B)
        self.looking(shell, photo=True)
        shell.act(Act.ATTEST())
        self.assertEqual((shell.terminal.photo(), shell.seen_wiped), (None, 1))
        self.named(shell)
        shell.act(Act.CONFIRM_NAME())
        self.answered(shell)
        shell.act(Act.NEXT_PERSON())
        shell.look(CODE_B)
        shell.act(Act.ATTEST())
        self.named(shell)
        shell.act(Act.DENY_NAME())
        self.assertEqual(shell.view().told.code, "name-denied", shell.terminal.detail())
        self.assertNotIn(shikaku.Action.TAP_AGAIN, shell.terminal.screen().actions)


if __name__ == "__main__":
    unittest.main()
