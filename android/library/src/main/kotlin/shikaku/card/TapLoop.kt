package shikaku.card

import shikaku.core.Fault
import shikaku.core.SignedTap
import shikaku.core.Stage
import shikaku.core.Step
import shikaku.core.Tap
import shikaku.core.TapEnd

/** What a card, or the way to it, gave for one command. */
sealed interface Answer {
    /** Data and status word, as they came. */
    class Response(val octets: ByteArray) : Answer

    /** Nothing, and why. */
    data class None(val fault: Fault) : Answer
}

/**
 * What carries a command to one card and brings its answer: a radio field, a USB reader.
 *
 * It sends once. Repeating anything is nobody's business here: a repeated PIN costs a try.
 */
fun interface Transceiver {
    /** [command] is wiped by the caller as soon as this returns; an implementation that copies it wipes its copy. */
    fun transceive(command: ByteArray): Answer
}

/** How a tap ended. */
sealed interface TapResult {
    /** With a signature, to be handed on to the check. */
    data class Signed(val tap: SignedTap) : TapResult

    /** With the card face proven (目視確認); tries of the printed number before, if they have a limit. */
    data class Proven(val tries: UByte?) : TapResult

    /** Without one. */
    data class Ended(val end: TapEnd) : TapResult
}

/**
 * Pumps one tap over a transceiver. The core decides, this loop carries and forgets.
 *
 * [watch] is told of each stage before its command goes out, with the tries left once they are known. It is called
 * on the thread that runs the tap.
 */
class TapLoop(
    private val transceiver: Transceiver,
    private val watch: (Stage, UByte?) -> Unit = { _, _ -> },
) {
    @Volatile
    private var isCancelled = false

    /** Ends the tap before its next command; from any thread. A card that may still be there is left properly. */
    fun cancel() {
        isCancelled = true
    }

    /** Runs [tap] from its start to its end. The card is to be let go afterwards, whatever came of it. */
    fun run(tap: Tap): TapResult {
        var step = tap.start()
        while (true) {
            step = when (step) {
                is Step.Transmit -> next(tap, step)
                is Step.Signed -> return TapResult.Signed(step.tap)
                is Step.Proven -> return TapResult.Proven(step.tries)
                is Step.Ended -> return TapResult.Ended(step.end)
            }
        }
    }

    private fun next(tap: Tap, step: Step.Transmit): Step {
        watch(step.stage, step.tries)
        val answer = try {
            // After a cancellation nothing is sent but what leaves the card, so that nobody inherits its PIN state.
            if (isCancelled && step.stage != Stage.CLOSING) {
                Answer.None(Fault.CANCELLED)
            } else {
                transceiver.transceive(step.command)
            }
        } finally {
            step.command.fill(0)
        }
        return when (answer) {
            is Answer.Response -> tap.advance(answer.octets)
            is Answer.None -> tap.fail(answer.fault)
        }
    }
}
