package shikaku.card

import shikaku.core.CardState
import shikaku.core.Fault
import shikaku.core.Notification
import shikaku.core.ReaderLimits

/**
 * Waits for one card at a USB reader: opens the first of [candidates] that can be used, waits, powers the card, has
 * [onCard] tap it, cuts its power, closes the reader.
 */
class UsbCards(private val candidates: List<UsbCandidate>, private val onCard: CardFound) {
    @Volatile
    private var isStopped = false

    /** Waits no longer; from any thread. A tap that runs is not ended by this. */
    fun stop() {
        isStopped = true
    }

    /** Blocks until a card was tapped, until [stop], or until there is no reader to wait at; then says why not. */
    fun await(): Opened.Not? = when (val opened = UsbReader.open(candidates)) {
        is Opened.Not -> opened
        is Opened.Ready -> {
            opened.reader.use(::cardAt)()
            null
        }
    }

    private fun cardAt(reader: UsbReader): () -> Unit {
        while (!isStopped) {
            when (reader.card()) {
                CardState.ACTIVE, CardState.INACTIVE -> return tap(reader)
                CardState.ABSENT -> pause(reader)
                null -> return missing(Fault.READER_ABSENT)
            }
        }
        return {}
    }

    private fun tap(reader: UsbReader): () -> Unit = when (val power = reader.powerOn()) {
        is Powered.On -> onCard.tap(reader, reader.limits, power.family)
        is Powered.Not -> missing(power.fault)
    }

    private fun missing(fault: Fault) = onCard.tap({ Answer.None(fault) }, NOTHING, "")

    /** Until the reader tells that a card came, or for a moment: not every reader tells. */
    private fun pause(reader: UsbReader) {
        val begin = System.nanoTime()
        if (reader.notification(MOMENT_MS) == Notification.PRESENT) return
        val elapsed = (System.nanoTime() - begin) / 1_000_000
        if (elapsed < MOMENT_MS) Thread.sleep(MOMENT_MS - elapsed)
    }

    private companion object {
        const val MOMENT_MS = 250
        val NOTHING = ReaderLimits(extendedLength = false, shortRead = 256u)
    }
}
