"""A device without a screen, and its operator: what the stories in Python are told with. The service is named in the
environment by tests/python/story."""

import asyncio
import json
import os
import pathlib
import subprocess
import tempfile

import shikaku
from platform_double import Card, Keys, Storage, app

PROGRAM = os.environ["SHIKAKU"]
DATA = pathlib.Path(os.environ["SHIKAKU_DATA"])
INSTITUTION = "4810000001"

Act, View, Effect = shikaku.Act, shikaku.Shown, shikaku.Effect


def admin(*words):
    """Has the operator do something, and reads what came of it."""
    command = [PROGRAM, "admin", "--data", DATA, "--as", "test", "--json", *words]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def issue():
    """The settings of an account for one device more."""
    account = admin("account", "issue", INSTITUTION, "--name", "受付")["accounts"][0]
    with tempfile.TemporaryDirectory() as folder:
        settings = pathlib.Path(folder, "settings.jws")
        admin("settings", account, "--jws", str(settings))
        return settings.read_text(encoding="utf-8")


class Shell:
    """Draws nothing, forwards everything, pumps octets."""

    def __init__(self, keys, storage, card=None):
        self.card, self.exports, self.exchanges, self.seen_wiped = card, [], 0, 0
        self.keys, self.storage, self.on_stage = keys, storage, lambda stage: None
        self.terminal = shikaku.Terminal.open(app(DATA / "trust.json"), keys, storage)
        self.do(self.terminal.begin())

    @classmethod
    def registered(cls, case, card="default"):
        """A device at home, for as long as a test goes."""
        shell = cls(Keys(), Storage(), Card(PROGRAM, card))
        case.addCleanup(shell.card.close)
        for act in [Act.AGREE_TERMS(), Act.GIVE_SETTINGS(shikaku.Given.READ(issue(), "受付1")), Act.AGREE_TERMS()]:
            shell.act(act)
        case.assertIsInstance(shell.view(), View.HOME, shell.terminal.detail())
        return shell

    def act(self, act):
        self.do(self.terminal.handle(act))

    def do(self, effects):
        for effect in effects:
            if isinstance(effect, Effect.PERFORM):
                self.do(asyncio.run(self.terminal.perform(effect.call)))
            elif isinstance(effect, Effect.AWAIT_CARD):
                self.tap(effect.ticket)
            elif isinstance(effect, Effect.EXPORT):
                self.exports.append(effect.text)
            elif isinstance(effect, Effect.WIPE_SEEN):
                self.seen_wiped += 1

    def tap(self, ticket):
        limits = shikaku.ReaderLimits(extended_length=True, short_read=256)
        begun = self.terminal.tap(ticket, limits, "virtual")
        if isinstance(begun, shikaku.Begun.NOT):
            return self.do(begun.effects)
        step = begun.tap.start()
        while isinstance(step, shikaku.Step.TRANSMIT):
            self.exchanges += 1
            self.on_stage(step.stage)
            step = begun.tap.advance(self.card.transmit(step.command))
        self.card.power_cycle()
        return self.do(self.terminal.tapped(begun.tap))

    def check(self, pin):
        self.act(Act.START_CHECK("窓口"))
        self.act(Act.TYPE_PIN(pin))

    def look(self, number):
        self.act(Act.START_VISUAL("窓口"))
        self.act(Act.TYPE_NUMBER(number))

    def view(self):
        return self.terminal.screen().view
