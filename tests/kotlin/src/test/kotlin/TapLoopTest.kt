package shikaku.card

import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertInstanceOf
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import shikaku.core.Stage
import shikaku.core.Tap
import shikaku.core.TapEnd

private const val CLOSING = "00A4040C07A0000001510000"

class TapLoopTest {
    private val recording = Recording.named("good-short")

    /** Keeps the arrays that it was handed, and what was in them then. */
    private class Keeping(private val inner: Transceiver) : Transceiver {
        val arrays = mutableListOf<ByteArray>()
        val sent = mutableListOf<String>()

        override fun transceive(command: ByteArray): Answer {
            arrays += command
            sent += hex(command)
            return inner.transceive(command)
        }
    }

    /** A card that is left before the recording leaves it. */
    private fun leavable(card: Transceiver) = Transceiver { command ->
        if (hex(command) == CLOSING) Answer.Response(octets("9000")) else card.transceive(command)
    }

    private fun ended(result: TapResult): TapEnd = assertInstanceOf(TapResult.Ended::class.java, result).end

    @Test
    fun everyCommandIsWipedAsSoonAsItHasBeenSent() {
        val keeping = Keeping(Player(recording))
        val result = Tap.ofRecording(recording.text).use { TapLoop(keeping).run(it) }
        assertInstanceOf(TapResult.Signed::class.java, result)
        assertEquals(1, keeping.sent.count { it == "002000800431323334" }, "the PIN is sent once")
        assertTrue(keeping.arrays.all { array -> array.all { it == 0.toByte() } })
    }

    @Test
    fun aCommandIsWipedEvenIfTheTransceiverThrows() {
        val keeping = Keeping { error("the driver failed") }
        val thrown = runCatching { Tap.ofRecording(recording.text).use { TapLoop(keeping).run(it) } }
        assertEquals("the driver failed", thrown.exceptionOrNull()?.message)
        assertTrue(keeping.arrays.single().all { it == 0.toByte() })
    }

    @Test
    fun theStagesAreToldInTheirOrderWithTheTries() {
        val told = mutableListOf<Pair<Stage, UByte?>>()
        Tap.ofRecording(recording.text).use { tap ->
            TapLoop(Player(recording)) { stage, tries -> told += stage to tries }.run(tap)
        }
        val stages = listOf(
            Stage.APPLICATION, Stage.CERTIFICATE, Stage.COUNTER, Stage.PIN, Stage.SIGNATURE, Stage.CLOSING,
        )
        assertEquals(stages, told.map { it.first }.distinct())
        assertEquals(3.toUByte(), told.first { it.first == Stage.PIN }.second)
    }

    @Test
    fun aTapCancelledBeforeItsPinSendsNone() {
        val keeping = Keeping(leavable(Player(recording)))
        var loop: TapLoop? = null
        loop = TapLoop(keeping) { stage, _ -> if (stage == Stage.PIN) loop?.cancel() }
        val end = Tap.ofRecording(recording.text).use { ended(loop.run(it)) }
        assertTrue(keeping.sent.none { it.startsWith("0020008004") })
        // The core cannot know that it never left, and rather says so once too often.
        assertEquals("card-removed-pin-unknown", end.code)
    }

    @Test
    fun aTapCancelledBehindItsPinSendsNothingButTheClosingSelect() {
        val keeping = Keeping(leavable(Player(recording)))
        var loop: TapLoop? = null
        loop = TapLoop(keeping) { stage, _ -> if (stage == Stage.SIGNATURE) loop?.cancel() }
        val end = Tap.ofRecording(recording.text).use { ended(loop.run(it)) }
        assertEquals("tap-cancelled", end.code)
        assertEquals(listOf("002000800431323334", CLOSING), keeping.sent.takeLast(2))
        assertEquals(false, end.leftOpen)
    }

    @Test
    fun aLoopThatIsCancelledBeforeItBeginsSendsNothing() {
        val keeping = Keeping(Player(recording))
        val loop = TapLoop(keeping)
        loop.cancel()
        val end = Tap.ofRecording(recording.text).use { ended(loop.run(it)) }
        assertEquals("tap-cancelled", end.code)
        assertTrue(keeping.sent.isEmpty())
    }
}
