"""Recorded taps through the core's generated Python: the types cross, and the octets are the same.

Run by tests/stages/python, with the folder of the generated module in PYTHONPATH. The recordings are read here by
a reader of its own; of the core nothing is used but what crosses the FFI.
"""

import pathlib
import re
import unittest

import shikaku

TRANSCRIPTS = pathlib.Path(__file__).parents[1] / "transcripts"

FAULTS = {
    "tag-lost": shikaku.Fault.TAG_LOST,
    "timeout": shikaku.Fault.TIMEOUT,
    "cancelled": shikaku.Fault.CANCELLED,
    "card-absent": shikaku.Fault.CARD_ABSENT,
    "two-cards": shikaku.Fault.TWO_CARDS,
    "other-kind": shikaku.Fault.OTHER_KIND,
    "reader-absent": shikaku.Fault.READER_ABSENT,
    "reader-busy": shikaku.Fault.READER_BUSY,
    "reader-failed": shikaku.Fault.READER_FAILED,
}


class Recording:
    """Values, expectations and exchanges of one .apdu file."""

    def __init__(self, path):
        self.name = path.name
        self.text = path.read_text(encoding="utf-8")
        self.values, self.expected, self.lines = {}, {}, []
        for line in self.text.splitlines():
            mark, _, rest = line.strip().partition(" ")
            if mark == "=":
                key, _, value = rest.partition(" ")
                if key == "expect":
                    key, _, value = value.partition(" ")
                    self.expected[key] = value
                else:
                    self.values[key] = value
            elif mark in (">", "<", "!"):
                self.lines.append((mark, rest.replace(" ", "")))


def fits(masked, octets):
    """Whether octets are those recorded, `??` standing for any one octet."""
    pattern = re.escape(masked.upper()).replace(r"\?\?", "..")
    return re.fullmatch(pattern, octets.hex().upper()) is not None


def play(recording):
    """Drives a tap through a recording; returns (last step, exchanges played, whether it was judged to the end)."""
    tap = shikaku.Tap.of_recording(recording.text)
    step, at, exchanges = tap.start(), 0, 0
    while isinstance(step, shikaku.Step.TRANSMIT):
        assert at < len(recording.lines), f"{recording.name}: sends {step.command.hex()} after the recording's end"
        mark, command = recording.lines[at]
        assert mark == ">" and fits(command, step.command), (
            f"{recording.name}: exchange {exchanges + 1} at {step.stage} is not the recorded one"
        )
        mark, answer = recording.lines[at + 1]
        if mark == "<" and "?" in answer:
            return step, exchanges, False
        at, exchanges = at + 2, exchanges + 1
        step = tap.fail(FAULTS[answer]) if mark == "!" else tap.advance(bytes.fromhex(answer.replace("-", "")))
    assert at == len(recording.lines), f"{recording.name}: over after {exchanges} exchanges, and the recording goes on"
    return step, exchanges, True


def recordings():
    found = [Recording(path) for path in sorted(TRANSCRIPTS.glob("*.apdu"))]
    return [recording for recording in found if recording.values.get("program", "tap") in ("tap", "visual")]


class RecordedTaps(unittest.TestCase):
    def test_every_recorded_tap_ends_here_as_in_the_core(self):
        judged = 0
        for recording in recordings():
            with self.subTest(recording.name):
                step, _, whole = play(recording)
                if not whole:
                    continue
                judged += 1
                if isinstance(step, shikaku.Step.SIGNED):
                    found, tries = {"outcome": "signed"}, step.tap.tries()
                elif isinstance(step, shikaku.Step.PROVEN):
                    found, tries = {"outcome": "proven"}, step.tries
                else:
                    found, tries = {"outcome": "ended", "code": step.end.code}, step.end.tries
                found["tries"] = "unknown" if tries is None else str(tries)
                self.assertIn("outcome", recording.expected)
                for key in found.keys() & recording.expected.keys():
                    self.assertEqual(found[key], recording.expected[key], key)
        self.assertGreater(judged, 200)

    def test_a_good_tap_costs_fourteen_exchanges_and_the_closing_select(self):
        step, exchanges, _ = play(Recording(TRANSCRIPTS / "good-short.apdu"))
        self.assertIsInstance(step, shikaku.Step.SIGNED)
        self.assertEqual(exchanges, 14 + 1)

    def test_a_good_tap_with_one_extended_read_costs_eight(self):
        step, exchanges, _ = play(Recording(TRANSCRIPTS / "good-extended.apdu"))
        self.assertIsInstance(step, shikaku.Step.SIGNED)
        self.assertEqual(exchanges, 8 + 1)

    def test_the_shortest_dialogue_costs_five(self):
        step, exchanges, _ = play(Recording(TRANSCRIPTS / "form-five.apdu"))
        self.assertIsInstance(step, shikaku.Step.SIGNED)
        self.assertEqual(exchanges, 5 + 1)

    def test_a_visual_tap_proves_its_card_without_a_pin(self):
        for name, exchanges in [("visual-light-good.apdu", 16), ("visual-full-good.apdu", 33)]:
            step, sent, _ = play(Recording(TRANSCRIPTS / name))
            self.assertIsInstance(step, shikaku.Step.PROVEN)
            self.assertEqual((step.tries, sent), (10, exchanges + 1))

    def test_what_a_tap_learned_of_the_forms_comes_across(self):
        step, _, _ = play(Recording(TRANSCRIPTS / "form-verify-6a88.apdu"))
        learned = step.end.strategy
        self.assertEqual(learned.verify_by_short_id, shikaku.Probe.REFUSED)
        self.assertEqual(learned.counter_by_short_id, shikaku.Probe.WORKS)
        default = shikaku.default_strategy()
        self.assertEqual(default.verify_by_short_id, shikaku.Probe.OFF)
        self.assertEqual(default.extended_read, shikaku.Probe.UNTRIED)


class Misuse(unittest.TestCase):
    def tap(self):
        return shikaku.Tap.of_recording(Recording(TRANSCRIPTS / "good-short.apdu").text)

    def test_a_tap_driven_out_of_turn_ends_and_sends_nothing(self):
        tap = self.tap()
        self.assertEqual(tap.advance(b"\x90\x00").end.code, "tap-out-of-turn")
        tap = self.tap()
        tap.start()
        self.assertEqual(tap.start().end.code, "tap-out-of-turn")
        self.assertEqual(tap.advance(b"\x90\x00").end.code, "tap-out-of-turn")

    def test_any_answer_of_any_length_comes_back_as_a_step(self):
        for length in [0, 1, 2, 3, 255, 256, 257, 258, 70_000]:
            tap = self.tap()
            tap.start()
            step = tap.advance(bytes(length))
            self.assertIsInstance(step, (shikaku.Step.TRANSMIT, shikaku.Step.ENDED))

    def test_what_is_no_recording_is_refused_with_its_line(self):
        with self.assertRaises(shikaku.ReplayError.Malformed) as refused:
            shikaku.Tap.of_recording("# a note\n= nonsense 1\n")
        self.assertIn("line 2", str(refused.exception))


if __name__ == "__main__":
    unittest.main()
