package shikaku.card

import org.junit.jupiter.api.Assertions.assertInstanceOf
import org.junit.jupiter.api.Test
import shikaku.core.Step
import shikaku.core.Tap

/** What a whole recorded tap takes through the generated Kotlin. A measurement, no test: `bindings/benches/tap` runs it. */
class TapCost {
    @Test
    fun ofARecordedTap() {
        for (name in listOf("good-short", "good-extended")) {
            val recording = Recording.named(name)
            val answers = recording.lines.filter { it.first == '<' }.map { octets(it.second) }
            // The first half warms the machine up: its compiler is still at work.
            val times = List(2 * ROUNDS) { take(recording.text, answers) }.drop(ROUNDS).sorted()
            val (median, late) = listOf(50, 95).map { times[ROUNDS * it / 100] / 1000 }
            println("Kotlin $name ${answers.size} $median $late")
        }
    }

    /** Nanoseconds from the first command to the signature, the card answering at once. */
    private fun take(text: String, answers: List<ByteArray>): Long = Tap.ofRecording(text).use { tap ->
        val begin = System.nanoTime()
        var step = tap.start()
        for (answer in answers) step = tap.advance(answer)
        val elapsed = System.nanoTime() - begin
        assertInstanceOf(Step.Signed::class.java, step).tap.destroy()
        elapsed
    }

    private companion object {
        val ROUNDS = System.getProperty("rounds").toInt()
    }
}
