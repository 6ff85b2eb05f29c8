package shikaku.card

import com.sun.jna.internal.Cleaner
import java.lang.management.ManagementFactory
import java.nio.file.Files
import java.nio.file.Path
import java.util.concurrent.CountDownLatch
import java.util.concurrent.TimeUnit
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertInstanceOf
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import shikaku.core.Tap

/** A day at a busy desk, twice over: what a tap takes it gives back. */
class ManyTapsTest {
    /** Used heap after a collection, and resident memory of the process, in KiB. */
    private data class Memory(val heap: Long, val resident: Long)

    private fun memory(): Memory {
        val heap = settle()
        val status = Files.readAllLines(Path.of("/proc/self/status"))
        return Memory(heap, status.first { it.startsWith("VmRSS") }.filter(Char::isDigit).toLong())
    }

    /**
     * Used heap once nothing more comes back. JNA returns native memory in a thread of its own, which works off what
     * the collections found: as long as there is less at times, it is not done.
     */
    private fun settle(): Long {
        val memory = ManagementFactory.getMemoryMXBean()
        var least = Long.MAX_VALUE
        var unchanged = 0
        while (unchanged < 5) {
            val isDone = CountDownLatch(1)
            Cleaner.getCleaner().register(Any(), isDone::countDown)
            while (isDone.count > 0) {
                memory.gc()
                isDone.await(100, TimeUnit.MILLISECONDS)
            }
            val used = memory.heapMemoryUsage.used / 1024
            if (used > least - 16) unchanged += 1 else unchanged = 0
            least = minOf(used, least)
        }
        return least
    }

    @Test
    fun aThousandTapsInARowLeaveNothingBehind() {
        val text = Recording.named("good-short").text
        val device = Emulator.plug()
        val reader = assertInstanceOf(Opened.Ready::class.java, UsbReader.open(listOf(device))).reader
        var settled: Memory? = null
        for (round in 1..1_000) {
            assertEquals(Powered.On, reader.powerOn())
            val result = Tap.ofRecording(text).use { TapLoop(reader).run(it) }
            assertInstanceOf(TapResult.Signed::class.java, result).tap.destroy()
            reader.powerOff()
            device.written.clear()
            // By then everything is loaded and compiled that will be.
            if (round == 300) settled = memory()
        }
        val before = checkNotNull(settled)
        val after = memory()
        println("memory after 300 taps $before KiB, after 1000 $after KiB")
        assertEquals(1_000, device.journal().second)
        assertEquals("3", device.journal().third)
        // 700 taps carry some 3 MB of answers; a tap that kept its certificate alone would show as 1 MB.
        assertTrue(after.heap - before.heap < 512, "heap: $before, $after")
        assertTrue(after.resident - before.resident < 24 * 1024, "resident: $before, $after")
    }
}
