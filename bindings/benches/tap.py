"""What a whole recorded tap takes through the generated Python: `tap.py ROUNDS`. bindings/benches/tap runs it."""

import pathlib
import sys
import time

import shikaku_bindings as shikaku

TRANSCRIPTS = pathlib.Path(__file__).parents[2] / "tests" / "transcripts"


def take(text, answers):
    """Nanoseconds from the first command to the signature, the card answering at once."""
    tap = shikaku.Tap.of_recording(text)
    begin = time.perf_counter_ns()
    step = tap.start()
    for answer in answers:
        step = tap.advance(answer)
    elapsed = time.perf_counter_ns() - begin
    assert isinstance(step, shikaku.Step.SIGNED), step
    return elapsed


rounds = int(sys.argv[1])
for name in ("good-short", "good-extended"):
    text = (TRANSCRIPTS / f"{name}.apdu").read_text(encoding="utf-8")
    answers = [bytes.fromhex(line[1:]) for line in text.splitlines() if line.startswith("<")]
    times = sorted(take(text, answers) for _ in range(rounds))
    print("Python", name, len(answers), times[rounds // 2] // 1000, times[rounds * 95 // 100] // 1000)
