package shikaku.app.presenter

import java.time.Instant
import java.time.ZoneId
import java.time.format.DateTimeFormatter
import shikaku.core.Act
import shikaku.core.Action
import shikaku.core.Mode
import shikaku.core.Shown
import shikaku.core.Stage
import shikaku.core.Tone

/** One person's way, but for the answer. */
internal class PersonPages(private val words: Words) {
    fun pin(view: Shown.Pin, desk: Desk, actions: List<Action>): Page {
        val isOpen = Action.TYPE_PIN in actions
        val how = if (isOpen) Word.PIN_HOW else Word.PIN_WAIT
        val spoken = words.say(Word.PIN_TYPED, desk.typed, Pad.LENGTH)
        return Page(
            name = "pin",
            title = words.say(Word.PIN),
            items = listOfNotNull(
                view.problem?.let { note(words, Tone.ATTENTION, it) },
                Item.Text(words.say(how), isLive = true),
                tries(words, view.tries),
                Item.Pad(desk.pad, desk.typed, Pad.LENGTH, isOpen, spoken, words.say(Word.PIN_ERASE)),
            ),
            buttons = buttons(words, actions, desk),
            cue = Cue.ATTENTION.takeIf { view.problem != null },
        )
    }

    fun warn(view: Shown.Warn, actions: List<Action>) = Page(
        name = "warn",
        title = words.say(Word.WARN),
        items = listOfNotNull(
            tries(words, view.tries),
            note(words, Tone.ATTENTION, view.told),
            Item.Text(words.say(Word.WARN_HOW)),
        ),
        buttons = buttons(words, actions),
        cue = Cue.ATTENTION,
    )

    fun consent(view: Shown.Consent, actions: List<Action>) = Page(
        name = "consent",
        title = words.say(Word.CONSENT),
        items = listOfNotNull(tries(words, 1u), note(words, Tone.ATTENTION, view.told)),
        buttons = buttons(words, actions).map {
            val isNumber = view.mode == Mode.VISUAL && it.press == Press.Do(Act.Agree)
            if (isNumber) it.copy(label = words.say(Word.AGREE_LAST_NUMBER)) else it
        },
        cue = Cue.ATTENTION,
    )

    fun hold(view: Shown.Hold, desk: Desk, actions: List<Action>): Page {
        val equipment = desk.equipment
        val atBack = equipment.nfc == Equipment.Nfc.READY
        val where = when {
            atBack && equipment.hasReader -> Word.HOLD_BOTH
            atBack -> Word.HOLD_BACK
            else -> Word.HOLD_READER
        }
        val stage = words.say(view.stage?.let(::doing) ?: where)
        return Page(
            name = "hold",
            title = words.say(if (view.stage == null) Word.HOLD else Word.HOLD_STILL),
            items = listOfNotNull(
                Item.Hold(atBack, equipment.hasReader, words.say(where)),
                Item.Text(stage, Look.LEAD, isLive = true),
                Item.Progress(view.stage?.let(::step) ?: 0, STEPS, stage),
                tries(words, view.tries),
                Item.Link(words.say(Word.LOOK_AGAIN), "", Press.LookAgain).takeIf { desk.told != null },
            ),
            buttons = buttons(words, actions).map { it.copy(rank = Rank.OTHER) },
            staysOn = true,
        )
    }

    fun sending() = Page(
        name = "sending",
        title = words.say(Word.SENDING),
        items = listOf(Item.Progress(null, 1, words.say(Word.SENDING_HOW))),
        buttons = emptyList(),
        cue = Cue.TAKEN,
        staysOn = true,
    )

    fun kept(view: Shown.Kept, actions: List<Action>) = Page(
        name = "kept",
        title = words.say(Word.KEPT),
        items = listOfNotNull(
            Item.Text(words.say(Word.KEPT_UNTIL, clock(view.until)), Look.LEAD),
            Item.Text(words.say(Word.KEPT_WAIT, view.wait.toInt())).takeIf { view.wait > 0u },
            note(words, Tone.ATTENTION, view.told),
            help(words),
        ),
        buttons = buttons(words, actions),
        cue = Cue.BAD,
    )

    fun problem(view: Shown.Problem, actions: List<Action>) = Page(
        name = "problem",
        title = words.say(Word.PROBLEM),
        items = listOfNotNull(tries(words, view.tries), note(words, Tone.ATTENTION, view.told), help(words)),
        buttons = buttons(words, actions),
        cue = Cue.BAD,
    )

    private fun doing(stage: Stage): Word = when (stage) {
        Stage.APPLICATION -> Word.STAGE_APPLICATION
        Stage.CERTIFICATE -> Word.STAGE_CERTIFICATE
        Stage.COUNTER, Stage.PRINTED_COUNTER -> Word.STAGE_COUNTER
        Stage.PIN -> Word.STAGE_PIN
        Stage.SIGNATURE -> Word.STAGE_SIGNATURE
        Stage.SURFACE, Stage.RECORD, Stage.NAME -> Word.STAGE_SURFACE
        Stage.PRINTED_NUMBER -> Word.STAGE_PRINTED_NUMBER
        Stage.PRESENCE -> Word.STAGE_PRESENCE
        Stage.CLOSING -> Word.STAGE_CLOSING
    }

    /** How many of [STEPS] are begun, by PIN or by sight. */
    private fun step(stage: Stage): Int = when (stage) {
        Stage.APPLICATION -> 1
        Stage.CERTIFICATE, Stage.SURFACE -> 2
        Stage.COUNTER, Stage.PRINTED_COUNTER -> 3
        Stage.PIN, Stage.PRINTED_NUMBER, Stage.RECORD -> 4
        Stage.SIGNATURE, Stage.PRESENCE, Stage.NAME -> 5
        Stage.CLOSING -> STEPS
    }

    private companion object {
        const val STEPS = 6
    }
}

private val JAPAN: ZoneId = ZoneId.of("Asia/Tokyo")
private val HOUR: DateTimeFormatter = DateTimeFormatter.ofPattern("HH:mm")

/** [seconds] since 1970 as the clock on a Japanese wall. */
internal fun clock(seconds: ULong): String = HOUR.format(Instant.ofEpochSecond(seconds.toLong()).atZone(JAPAN))

/** How many tries are left, read aloud. */
internal fun tries(words: Words, tries: UByte?) = tries?.let {
    val word = if (it == 1u.toUByte()) Word.TRIES_LAST else Word.TRIES
    Item.Text(words.say(word, it.toInt()), Look.HEADING, isLive = true)
}
