package shikaku.app.presenter

import shikaku.core.Facts
import shikaku.core.HistoryEntry
import shikaku.core.Mode
import shikaku.core.Phase
import shikaku.core.Told
import shikaku.core.Tone

/** The app's own pages: help, history, the device, its connection. */
internal class SidePages(private val words: Words) {
    /** お困りのとき: all that staff can meet, or one of them. */
    fun help(guide: List<Told>, code: String?): Page {
        val found = guide.find { it.code == code }
        val paper = Item.Note(null, "ℹ", words.say(Word.PAPER), words.say(Word.PAPER_HOW), null)
        val all = guide.map { Item.Link(words.cause(it), it.code, Press.Open(Place.Help(it.code))) }
        return Page(
            name = "help",
            title = words.say(Word.HELP),
            items = if (found == null) listOf(paper) + all else listOf(note(words, Tone.ATTENTION, found), paper),
            buttons = listOf(back(words)),
        )
    }

    /** 履歴: the newest first. */
    fun history(entries: List<HistoryEntry>) = Page(
        name = "history",
        title = words.say(Word.HISTORY),
        items = listOf(Item.Text(words.say(if (entries.isEmpty()) Word.HISTORY_NONE else Word.HISTORY_HOW), Look.SMALL)) +
            entries.asReversed().map { entry ->
                val mode = when (entry.mode) {
                    Mode.PIN -> Word.BY_PIN
                    Mode.VISUAL -> Word.BY_SIGHT
                }
                val heading = "${clock(entry.at)}  ${entry.name}"
                Item.Rows(heading, listOf(Row(words.say(mode), words.cause(entry.told))))
            },
        buttons = listOf(back(words)),
    )

    /** 端末情報. */
    fun facts(desk: Desk) = Page(
        name = "facts",
        title = words.say(Word.FACTS),
        items = listOfNotNull(
            desk.facts?.let { Item.Rows(null, rows(it)) },
            Item.Note(Tone.ATTENTION, "！", words.say(Word.NO_LOCK), words.say(Word.NO_LOCK_HOW), null)
                .takeIf { !desk.isLockedByDevice },
            Item.Switch(words.say(Word.SHUFFLE), desk.isShuffled, Press.Shuffle),
        ),
        buttons = listOf(
            back(words),
            Button(words.say(Word.ROTATE_KEY), Press.RotateKey, isOpen = desk.facts != null),
            Button(words.say(Word.REGISTER_AGAIN), Press.Open(Place.Wiping), Rank.GRAVE),
        ),
    )

    /** 接続テスト. */
    fun connection(desk: Desk): Page {
        val last = desk.connection
        val outcome = when {
            desk.isTesting -> listOf(Item.Progress(null, 1, words.say(Word.TESTING)))
            last == null -> listOf(Item.Text(words.say(Word.CONNECTION_HOW)))
            else -> listOf(
                last.problem?.let { note(words, Tone.ATTENTION, it) } ?: Item.Note(
                    Tone.GOOD, "○", words.say(Word.CONNECTED), words.say(Word.CONNECTED_AT, clock(last.at)), null,
                ),
                Item.Rows(null, listOf(Row(words.say(Word.FACT_CLOCK), words.say(Word.SECONDS, last.clockOffset)))),
                Item.Text(last.detail, Look.SMALL),
            )
        }
        return Page(
            name = "connection",
            title = words.say(Word.CONNECTION),
            items = outcome + help(words),
            buttons = listOf(
                Button(words.say(Word.TEST), Press.TestConnection, Rank.FIRST, isOpen = !desk.isTesting),
                back(words),
            ),
        )
    }

    /** 再登録: asked once more, because it cannot be taken back. */
    fun wiping() = Page(
        name = "wiping",
        title = words.say(Word.REGISTER_AGAIN),
        items = listOf(Item.Note(Tone.ATTENTION, "！", words.say(Word.WIPE_CAUSE), words.say(Word.WIPE_HOW), null)),
        buttons = listOf(back(words), Button(words.say(Word.WIPE), Press.Wipe, Rank.GRAVE)),
    )

    private fun rows(facts: Facts): List<Row> = listOf(
        Word.FACT_INSTITUTION to "${facts.institutionName}（${facts.institution}）",
        Word.FACT_DEVICE to facts.deviceId,
        Word.FACT_SERVICE to "${facts.service}\n${facts.origin}",
        Word.FACT_PHASE to words.say(if (facts.phase == Phase.TEST) Word.PHASE_TEST else Word.PHASE_LIVE),
        Word.FACT_KEY to facts.keyId.orEmpty(),
        Word.FACT_SETTINGS to facts.settingsVersion.toString(),
        Word.FACT_VISUAL to yes(facts.visual),
        Word.FACT_HISTORY to yes(facts.history),
        Word.FACT_CHALLENGES to facts.openChallenges.toString(),
        Word.FACT_UNSENT to facts.unsentChecks.toString(),
        Word.FACT_CLOCK to words.say(Word.SECONDS, facts.clockOffset),
        Word.FACT_APP to facts.appVersion,
    ).map { (word, value) -> Row(words.say(word), value) }

    private fun yes(value: Boolean) = words.say(if (value) Word.YES else Word.NO)
}
