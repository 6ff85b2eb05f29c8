package shikaku.card

import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertInstanceOf
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import shikaku.core.Act
import shikaku.core.Shown
import shikaku.core.Tap

/** A day at a busy desk, twice over: what a tap takes it gives back. */
class ManyTapsTest {
    @Test
    fun aThousandTapsInARowLeaveNothingBehind() {
        val text = Recording.named("good-short").text
        val device = Emulator.plug()
        val reader = assertInstanceOf(Opened.Ready::class.java, UsbReader.open(listOf(device))).reader
        var settled: Memory? = null
        for (round in 1..1_000) {
            assertInstanceOf(Powered.On::class.java, reader.powerOn())
            val result = Tap.ofRecording(text).use { TapLoop(reader).run(it) }
            assertInstanceOf(TapResult.Signed::class.java, result).tap.destroy()
            reader.powerOff()
            device.written.clear()
            // By then everything is loaded and compiled that will be.
            if (round == 300) settled = Memory.now()
        }
        val before = checkNotNull(settled)
        val after = Memory.now()
        println("memory after 300 taps $before KiB, after 1000 $after KiB")
        assertEquals(1_000, device.journal().second)
        assertEquals("3", device.journal().third)
        // 700 taps carry some 3 MB of answers; a tap that kept its certificate alone would show as 1 MB.
        after.assertNoMoreThan(before, heap = 512, resident = 24 * 1024)
    }

    @Test
    fun aThousandChecksInARowLeaveNothingBehind() {
        val card = Emulator.plug()
        var settled: Memory? = null
        var answered = 0
        for (device in 1..DEVICES) {
            val shell = Shell(MemoryKeys(), MemoryStorage()).register(Clinic.issue())
            shell.card = card
            repeat(1_000 / DEVICES) {
                shell.check()
                if (shell.view is Shown.Answer) answered += 1 else assertEquals("too-many-requests", shell.code)
                shell.act(if (shell.view is Shown.Answer) Act.NextPerson else Act.Cancel)
            }
            shell.close()
            card.written.clear()
            if (device == DEVICES * 2 / 5) settled = Memory.now()
        }
        val before = checkNotNull(settled)
        val after = Memory.now()
        println("memory after 400 checks $before KiB, after 1000 $after KiB; $answered were answered at once")
        assertEquals(1_000 to "3", card.journal().run { second to third })
        assertTrue(answered >= DEVICES * 10)
        after.assertNoMoreThan(before, heap = 512, resident = 24 * 1024)
    }

    companion object {
        /** A device may ask for ten checks at once; of what it asks beyond, most is refused for the time being. */
        private const val DEVICES = 25
    }
}
