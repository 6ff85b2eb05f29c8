package shikaku.card

import java.util.concurrent.CompletableFuture
import java.util.concurrent.TimeUnit
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import shikaku.core.Fault
import shikaku.core.Tap
import shikaku.core.Unusable

/** Waiting for a card at an emulated USB reader. */
class UsbCardsTest {
    private val told = mutableListOf<String>()

    /** Taps what comes, and tells afterwards how that ended and whether the reader was closed by then. */
    private fun cards(device: EmulatedReader) = UsbCards(listOf(device)) { card, _, family ->
        val result = Tap.ofRecording(Recording.named("good-short").text).use { TapLoop(card).run(it) }
        val end = if (result is TapResult.Signed) result.tap.use { "signed" } else (result as TapResult.Ended).end.code
        { told += "$end, ${if (family.isEmpty()) "of no kind" else "of a kind"}, closed ${device.isClosed}" }
    }

    @Test
    fun aCardThatLiesThereIsTappedAndLetGoBeforeAnythingElse() {
        assertNull(cards(Emulator.plug()).await())
        assertEquals(listOf("signed, of a kind, closed true"), told)
    }

    @Test
    fun aCardThatComesLaterIsWaitedFor() {
        val device = Emulator.plug(trouble = "empty")
        var asked = 0
        val late = object : UsbCandidate by device {
            override fun open(): UsbPipe = object : UsbPipe by device {
                override fun interrupt(withinMs: Int): ByteArray {
                    asked += 1
                    if (asked == 2) device.putCard()
                    return device.interrupt(withinMs)
                }
            }
        }
        assertNull(UsbCards(listOf(late)) { card, limits, family -> cardsTap(device, card, limits, family) }.await())
        assertTrue(asked >= 2)
        assertEquals(listOf("came"), told)
    }

    private fun cardsTap(device: EmulatedReader, card: Transceiver, limits: shikaku.core.ReaderLimits, family: String): () -> Unit {
        assertFalse(device.isClosed || family.isEmpty() || limits.extendedLength)
        assertTrue(card.transceive(octets("00A4040C0AD392F000260100000001")) is Answer.Response)
        return { told += "came" }
    }

    @Test
    fun aReaderThatIsPulledOutWhileACardIsAwaitedEndsTheWait() {
        val device = Emulator.plug(trouble = "empty")
        val pulled = object : UsbCandidate by device {
            override fun open(): UsbPipe = object : UsbPipe by device {
                override fun interrupt(withinMs: Int): ByteArray {
                    device.unplug()
                    throw TransferBroken(Fault.READER_ABSENT)
                }

                override fun write(message: ByteArray) =
                    if (device.isUnplugged) throw TransferBroken(Fault.READER_ABSENT) else device.write(message)
            }
        }
        val answers = mutableListOf<Answer>()
        UsbCards(listOf(pulled)) { card, _, _ ->
            answers += card.transceive(ByteArray(4))
            ({})
        }.await()
        assertEquals(listOf<Answer>(Answer.None(Fault.READER_ABSENT)), answers)
    }

    @Test
    fun waitingEndsWhenItIsStopped() {
        val device = Emulator.plug(trouble = "empty")
        val cards = cards(device)
        val waiting = CompletableFuture.supplyAsync { cards.await() }
        cards.stop()
        assertNull(waiting.get(1, TimeUnit.MINUTES))
        assertTrue(told.isEmpty() && device.isClosed)
    }

    @Test
    fun withoutAReaderItSaysWhyNot() {
        val none = UsbCards(emptyList()) { _, _, _ -> error("no card can come") }
        assertEquals(Opened.Not(Unusable.Absent, "reader-absent"), none.await())
    }
}
