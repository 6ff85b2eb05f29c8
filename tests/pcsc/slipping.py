"""A desk at which cards slip away, or are changed for another person's: slipping.py WORK PROGRAM DEVICE ID PORT DATABASE LOG

Drives `shikaku check --watch` and the virtual card in its reader through the slips of one kind of tap. WORK is four words:
`known` for what a program does that knows reader and card, or `first`; `pin`, `light` or `full`; a card; and a part of all
slips as `1/2`, or the other person's card that comes in its place. What a card heard is what the card says; what was sent
is what stands in the service's audit. Prints how many taps it has torn.
"""
import json
import re
import sqlite3
import subprocess
import sys
import threading
import time

PATIENCE = 60
PIN, LIGHT, FULL = "1234", "550102", "55010220361234"
WRONG = {PIN: "9999", LIGHT: "560102", FULL: "55010220361235"}
VERIFICATION = re.compile("00200080(04|06|0E)")
PLACE, LOOK, NAME = "カードをリーダーに置いてください", "ご本人は一致しますか", "券面の氏名と一致しますか"


def check(what, found, expected):
    if found != expected:
        raise AssertionError(f"{what}: expected {expected}, found {found}")


class Program:
    """A program that is fed lines, with every line that it has written."""

    all = []

    def __init__(self, *command):
        self.all.append(self)
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.news = threading.Condition()
        self.reports, self.notes = [], []
        for stream, lines in (self.process.stdout, self.reports), (self.process.stderr, self.notes):
            threading.Thread(target=self.listen, args=(stream, lines), daemon=True).start()

    def listen(self, stream, lines):
        for line in stream:
            with self.news:
                lines.append(line.rstrip("\n"))
                self.news.notify_all()

    def say(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def until(self, what, is_so):
        """Waits; what `is_so` brings."""
        with self.news:
            found = self.news.wait_for(is_so, PATIENCE)
        if not found:
            for program in Program.all:
                print(*program.notes[-5:], *program.reports[-1:], sep="\n", file=sys.stderr)
            raise AssertionError(f"waited in vain for {what}")
        return found

    def noted(self, text):
        return sum(text in note for note in self.notes)

    def end(self):
        self.process.stdin.close()
        self.process.wait()


class Reader(Program):
    """vpcd's slot: empty, or with a card in it."""

    def __init__(self, program, port):
        super().__init__(program, "virtual-card", "--vpcd", f"127.0.0.1:{port}", "--trace", "--json", "--cards-stdin")
        self.taken, self.unheard = 0, 0
        self.say("")
        self.next_taken()

    def heard(self):
        """Every command that a card has answered, with secrets masked."""
        return [note.split()[1] for note in self.notes if note.startswith("> ")]

    def count(self):
        """Commands for cards so far, as orders count them."""
        return len(self.heard()) + self.unheard

    def next_taken(self):
        """What the next card that leaves was asked."""
        self.taken += 1
        # All that it has answered was noted by then.
        gone = lambda: len(self.reports) >= self.taken and self.noted("カードを取り去りました") >= self.taken
        self.until("a card to leave", gone)
        return json.loads(self.reports[self.taken - 1])

    def take(self):
        self.say("")
        return self.next_taken()


class Desk:
    """A watch, and the reader at which it waits; everybody there is checked by the same entry."""

    def __init__(self, program, device, identifier, port, database, log, right, one_by_one):
        self.right, self.is_visual, self.one_by_one = right, right != PIN, one_by_one
        how = ["--visual", "--staff", "受付 一郎", "--number-stdin"] if self.is_visual else ["--pin-stdin"]
        self.command = [program, "check", "--watch", "--reader", "pcsc", "--device", device, "--json", *how]
        self.reader = Reader(program, port)
        self.database = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
        self.identifier, self.log = identifier, log
        self.watch = Program(*self.command)

    def restart(self):
        """A program that has learned nothing yet of readers and cards."""
        self.watch.end()
        self.watch = Program(*self.command)

    def sent(self):
        """Requests of this device that the service has decided."""
        return self.database.execute("SELECT count(*) FROM audit WHERE device = ?", [self.identifier]).fetchone()[0]

    def await_empty(self):
        """pcscd looks at its slot now and then, and is not to miss that it was empty."""
        deadline = time.monotonic() + PATIENCE
        while True:
            with open(self.log, errors="replace") as log:
                text = log.read()
            if text.count("Card Removed From") == text.count("Card inserted into"):
                return
            if time.monotonic() > deadline:
                raise AssertionError(f"pcscd does not see the empty slot: {text[-500:]}")
            time.sleep(0.02)

    def tap(self, *orders, entry=None, is_answered=False):
        """The next person: their code, `proven` if staff do not go on with a proven card, and all that is said."""
        asked = self.watch.noted(PLACE)
        reported, looked, named = len(self.watch.reports), self.watch.noted(LOOK), self.watch.noted(NAME)
        self.watch.say(entry or self.right)
        self.watch.until("the word for a card", lambda: self.watch.noted(PLACE) > asked)
        begin = len(self.reader.heard())
        self.await_empty()
        for order in orders:
            self.reader.say(order)
        told = lambda: len(self.watch.reports) > reported
        self.watch.until("an end", lambda: told() or self.watch.noted(LOOK) > looked)
        is_proven = not told()
        if is_proven and is_answered:
            self.watch.say("はい")
            self.watch.until("the name", lambda: told() or self.watch.noted(NAME) > named)
        if is_proven:
            self.watch.say("はい" if is_answered else "いいえ")
        self.watch.until("an answer", told)
        report = json.loads(self.watch.reports[reported])
        if is_proven and not is_answered:
            check("code of a person who is not the card's", report["error"]["code"], "tap-cancelled")
            return "proven", report, begin
        return report.get("code") or report["error"]["code"], report, begin

    def since(self, begin):
        """Heads of the commands that cards have heard since."""
        return [command[:10] for command in self.reader.heard()[begin:]]

    def good(self, order, what, is_answered=False):
        """A tap that must go well, after which the card is taken: what it heard, who was answered, what it was asked."""
        is_answered = is_answered or not self.is_visual
        before = self.sent()
        code, report, begin = self.tap(order, is_answered=is_answered)
        left = self.reader.take()
        check(f"{what}: code", code, "qualification-valid" if is_answered else "proven")
        # A visual check is one row for the name, and one for the answer.
        check(f"{what}: requests", self.sent() - before, (2 if self.is_visual else 1) if is_answered else 0)
        return self.since(begin), person(report), left

    def reference(self, card, what):
        """What a tap of this card is: at first, or once everything is learned that taps learn."""
        commands, who, left = self.good(card, what, is_answered=True)
        before = None
        while not self.one_by_one and commands != before:
            before = commands
            commands, _, left = self.good(card, what)
        return commands, who, left


def person(report):
    return report["answer"]["MessageBody"]["ResultList"][0]["Name"] if "answer" in report else None


def tries(left):
    return [left["tries"], *left["printed_tries"]]


class Walk:
    """Every slip of the taps of one card."""

    def __init__(self, desk, card):
        self.desk, self.card, self.slips = desk, card, 0
        self.commands, self.person, left = desk.reference(card, f"{card} as it should be")
        self.whole = tries(left)
        self.verify = [place for place, command in enumerate(self.commands) if VERIFICATION.match(command)]
        self.lost = "printed-unknown" if desk.is_visual else "card-removed-pin-unknown"

    def ending(self, at):
        """The code of a tap in which the command at this place is not answered."""
        if at == len(self.commands) - 1:
            return "proven" if self.desk.is_visual else "qualification-valid"
        return self.lost if at in self.verify else "card-removed"

    def torn(self, what, *orders, **how):
        """A tap that does not go to its end: its code, what was heard, what the card that left was asked."""
        desk = self.desk
        if desk.one_by_one:
            desk.restart()
        before = desk.sent()
        code, report, begin = desk.tap(*orders, **how)
        left = desk.reader.next_taken()
        check(f"{what}: requests", desk.sent() - before, int(code == "qualification-valid"))
        check(f"{what}: whose answer", person(report), self.person if code == "qualification-valid" else None)
        self.slips += 1
        return code, desk.since(begin), left

    def slip(self, at, is_heard, what, **how):
        """The card leaves at this exchange, before or after it hears the command."""
        reader = self.desk.reader
        order = f"{self.card} {'lost-after' if is_heard else 'lost'}:{reader.count() + at + 1}"
        torn = self.torn(what, order, **how)
        reader.unheard += not is_heard
        return torn

    def every(self, part, parts):
        """Of all slips every one in so many, from the one of this number on."""
        for at, is_heard in [(at, is_heard) for at in range(len(self.commands)) for is_heard in (False, True)][part::parts]:
            what = f"{self.card}, exchange {at + 1} {'after' if is_heard else 'before'}"
            code, commands, left = self.slip(at, is_heard, what)
            heard = at + is_heard
            check(f"{what}: code", code, self.ending(at))
            check(f"{what}: commands", commands, self.commands[:heard])
            check(f"{what}: PINs or numbers", left["verifications"], sum(place < heard for place in self.verify))
            check(f"{what}: tries", tries(left), self.whole)
            _, who, again = self.desk.good("again", f"{what}, the next tap")
            check(f"{what}: who is next", who, None if self.desk.is_visual else self.person)
            check(f"{what}: tries in the end", tries(again), self.whole)
            check(f"{what}: PINs or numbers in the end", again["verifications"] - left["verifications"], len(self.verify))

    def wrong(self):
        """A wrong entry, lost where it is sent and behind that: it has cost its one try if it was heard, and no more."""
        desk = self.desk
        for at, is_heard in [(self.verify[0] + behind, is_heard) for behind in (0, 1) for is_heard in (False, True)]:
            what = f"{self.card}, a wrong entry, {at + 1} {'after' if is_heard else 'before'}"
            code, _, left = self.slip(at, is_heard, what, entry=WRONG[desk.right])
            wrong = "printed-wrong" if desk.is_visual else "pin-wrong"
            check(f"{what}: code", code, self.lost if at == self.verify[0] else wrong)
            spent = int(at > self.verify[0] or is_heard)
            spendings = sorted(whole - now for whole, now in zip(self.whole, tries(left)) if whole is not None)
            check(f"{what}: tries spent", spendings, sorted([0] * (len(spendings) - 1) + [spent]))
            check(f"{what}: PINs or numbers", left["verifications"], spent)
            if spent and not desk.is_visual:
                check(f"{what}: the next tap", desk.tap("again")[0], "pin-warn-needed")
                check(f"{what}: PINs in the end", desk.reader.take()["verifications"], spent)
            else:
                check(f"{what}: tries in the end", tries(desk.good("again", f"{what}, the next tap")[2]), self.whole)

    def swaps(self, other):
        """Another person's card from each exchange on."""
        desk, reader = self.desk, self.desk.reader
        _, other_person, asked = desk.reference(other, f"{other} as it should be")
        of_its_own = asked["verifications"]
        assert other_person != self.person, "two cards are of one person"
        for at in range(1, len(self.commands)):
            what = f"{self.card} changed for {other} behind exchange {at}"
            code, commands, left = self.torn(what, self.card, f"{other} {reader.count() + at}")
            check(f"{what}: code", code, self.ending(at))
            check(f"{what}: commands", commands, self.commands[:at])
            check(f"{what}: PINs or numbers", left["verifications"], sum(place < at for place in self.verify))
            check(f"{what}: tries", tries(left), self.whole)
            check(f"{what}: commands to the one that came", reader.take()["exchanges"], 0)
            is_last = at == len(self.commands) - 1
            _, who, left = desk.good("again", f"{what}, the next tap", is_answered=is_last)
            check(f"{what}: who is next", who, other_person if is_last or not desk.is_visual else None)
            check(f"{what}: PINs or numbers of its own", left["verifications"], of_its_own)


def main(work, program, device, identifier, port, database, log):
    strategy, entry, card, then = work.split()
    right = {"pin": PIN, "light": LIGHT, "full": FULL}[entry]
    begin = time.monotonic()
    try:
        desk = Desk(program, device, identifier, port, database, log, right, one_by_one=strategy == "first")
        walk = Walk(desk, card)
        if re.fullmatch("[0-9]+/[0-9]+", then):
            part, parts = map(int, then.split("/"))
            walk.every(part - 1, parts)
            if part == 1:
                walk.wrong()
            _, who, _ = desk.good(card, "the last tap", is_answered=True)
            check("who is last", who, walk.person)
        else:
            walk.swaps(then)
    finally:
        for one in Program.all:
            one.process.terminate()
            one.process.wait()
    print(f"{work}: {walk.slips} taps of {len(walk.commands)} exchanges torn, {time.monotonic() - begin:.0f} s")


main(*sys.argv[1:])
