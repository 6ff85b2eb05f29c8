package shikaku.card

import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.DynamicTest
import org.junit.jupiter.api.DynamicTest.dynamicTest
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.TestFactory
import shikaku.core.Tap

/** Every recorded tap through the generated Kotlin and the loop: the same octets, the same end. */
class RecordedTapsTest {
    @TestFactory
    fun everyRecordedTapEndsHereAsInTheCore(): List<DynamicTest> =
        Recording.taps().map { recording -> dynamicTest(recording.name) { judge(recording) } }

    @Test
    fun thereAreRecordingsToJudge() {
        val whole = Recording.taps().count { recording -> recording.lines.none { (mark, line) -> mark == '<' && '?' in line } }
        assertTrue(whole > 160, "$whole")
    }

    private fun judge(recording: Recording) {
        val player = Player(recording)
        val result = Tap.ofRecording(recording.text).use { TapLoop(player).run(it) }
        if (player.isMasked) return
        assertTrue(player.isOver, "${recording.name}: over after ${player.exchanges} exchanges, and the recording goes on")
        val found = when (result) {
            is TapResult.Signed -> result.tap.use { mapOf("outcome" to "signed", "tries" to it.tries().toString()) }
            is TapResult.Proven -> mapOf("outcome" to "proven", "tries" to (result.tries?.toString() ?: "unknown"))
            is TapResult.Ended -> mapOf(
                "outcome" to "ended",
                "code" to result.end.code,
                "tries" to (result.end.tries?.toString() ?: "unknown"),
            )
        }
        assertTrue("outcome" in recording.expected)
        for (key in found.keys intersect recording.expected.keys) {
            assertEquals(recording.expected[key], found[key], "${recording.name}: $key")
        }
    }
}
