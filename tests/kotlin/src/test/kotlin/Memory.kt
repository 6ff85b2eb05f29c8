package shikaku.card

import com.sun.jna.internal.Cleaner
import java.lang.management.ManagementFactory
import java.nio.file.Files
import java.nio.file.Path
import java.util.concurrent.CountDownLatch
import java.util.concurrent.TimeUnit
import javax.management.ObjectName
import org.junit.jupiter.api.Assertions.assertTrue

/** Used heap after a collection, and resident memory of the process, in KiB. */
class Memory private constructor(
    private val heap: Long,
    private val resident: Long,
    private val classes: Map<String, Long>,
) {
    /** Fails if more than so many KiB have come to stay since [before]; says of which classes. */
    fun assertNoMoreThan(before: Memory, heap: Long, resident: Long) {
        assertTrue(this.heap - before.heap < heap) { "heap: $before, $this; most of it: ${more(before)}" }
        assertTrue(this.resident - before.resident < resident, "resident: $before, $this")
    }

    private fun more(before: Memory): List<Pair<String, Long>> =
        classes.map { (name, octets) -> name to (octets - (before.classes[name] ?: 0)) / 1024 }
            .sortedByDescending { it.second }.take(8)

    override fun toString() = "(heap $heap, resident $resident)"

    companion object {
        fun now(): Memory {
            val settled = settle()
            val classes = classes()
            // The table in which JNA notes what it gave out is as long as it ever had to be, and stays so.
            val heap = settled - (classes["[Ljava.util.concurrent.ConcurrentHashMap\$Node;"] ?: 0) / 1024
            val status = Files.readAllLines(Path.of("/proc/self/status"))
            return Memory(heap, status.first { it.startsWith("VmRSS") }.filter(Char::isDigit).toLong(), classes)
        }

        /** Octets on the heap by class; of the large ones only, or this table would be the growth. */
        private fun classes(): Map<String, Long> {
            val command = ObjectName("com.sun.management:type=DiagnosticCommand")
            val table = ManagementFactory.getPlatformMBeanServer().invoke(
                command, "gcClassHistogram", arrayOf(emptyArray<String>()), arrayOf(Array<String>::class.java.name),
            ) as String
            return table.lines().map { it.trim().split(Regex(" +")) }
                .filter { it.size >= 4 && it[0].endsWith(":") }
                .filter { it[2].toLong() > 16 * 1024 }
                .associate { it[3] to it[2].toLong() }
        }

        /**
         * Used heap once nothing more comes back. JNA returns native memory in a thread of its own, which works off
         * what the collections found, the latest first: only once that thread waits for more is there nothing left.
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
                while (cleaner().state != Thread.State.TIMED_WAITING) Thread.sleep(1)
                val used = memory.heapMemoryUsage.used / 1024
                if (used > least - 16) unchanged += 1 else unchanged = 0
                least = minOf(used, least)
            }
            return least
        }

        private fun cleaner(): Thread = Thread.getAllStackTraces().keys.single { it.name == "JNA Cleaner" }
    }
}
