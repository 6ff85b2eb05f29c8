package shikaku.app.presenter

import shikaku.card.CardFound
import shikaku.card.TapLoop
import shikaku.card.TapResult
import shikaku.card.Transceiver
import shikaku.core.Act
import shikaku.core.Begun
import shikaku.core.Effect
import shikaku.core.ReaderLimits
import shikaku.core.Tap
import shikaku.core.TerminalInterface

/**
 * Joins the card that comes with the tap that the core awaits: the first card gets it, whichever reader it lies at.
 *
 * [report] and [done] are told on the thread of the card.
 */
class Taps(
    private val terminal: TerminalInterface,
    private val report: (Act) -> Unit,
    private val done: (List<Effect>) -> Unit,
) : CardFound {
    private var awaited: ULong? = null
    private var running: Pair<ULong, TapLoop>? = null

    /** The tap that is awaited. */
    val ticket: ULong? @Synchronized get() = awaited

    @Synchronized
    fun await(ticket: ULong) {
        awaited = ticket
    }

    /** Awaits it no longer, or ends it before its next command. */
    @Synchronized
    fun cancel(ticket: ULong) {
        if (awaited == ticket) awaited = null
        running?.takeIf { it.first == ticket }?.second?.cancel()
    }

    override fun tap(card: Transceiver, limits: ReaderLimits, family: String): () -> Unit {
        var begun: ULong? = null
        val loop = TapLoop(card) { stage, tries -> begun?.let { report(Act.TapStage(it, stage, tries)) } }
        val ticket = begin(loop) ?: return {}
        begun = ticket
        try {
            return when (val answer = terminal.tap(ticket, limits, family)) {
                is Begun.Started -> run(loop, answer.tap)
                is Begun.Not -> ({ done(answer.effects) })
            }
        } finally {
            end(loop)
        }
    }

    private fun run(loop: TapLoop, tap: Tap): () -> Unit {
        val result = loop.run(tap)
        // What was signed stays with the tap, which is handed back whole.
        if (result is TapResult.Signed) result.tap.close()
        return { done(tap.use(terminal::tapped)) }
    }

    @Synchronized
    private fun begin(loop: TapLoop): ULong? {
        val ticket = awaited ?: return null
        awaited = null
        running = ticket to loop
        return ticket
    }

    /** A tap that was given up may end after the next one has begun. */
    @Synchronized
    private fun end(loop: TapLoop) {
        if (running?.second === loop) running = null
    }
}
