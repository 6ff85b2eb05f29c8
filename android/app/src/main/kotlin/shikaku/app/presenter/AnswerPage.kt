package shikaku.app.presenter

import shikaku.core.Act
import shikaku.core.Action
import shikaku.core.SheetRow
import shikaku.core.SheetSection
import shikaku.core.Shown
import shikaku.core.Tone

/** 結果: the one thing first, then what staff write down, then the rest. */
internal class AnswerPage(private val words: Words) {
    fun page(view: Shown.Answer, desk: Desk, actions: List<Action>): Page {
        val sheet = view.sheet
        val isChoice = Action.CHOOSE in actions
        val more = Item.Switch(words.say(Word.MORE), desk.isMore, Press.More)
        val verdict = Item.Verdict(sheet.tone, sheet.symbol, sheet.word)
        val told = Item.Note(null, "ℹ", words.cause(sheet.told), words.remedy(sheet.told), sheet.told.code)
        // What to do is the next thing to know, unless it is to go on.
        val (before, after) = listOf(told).partition { sheet.tone != Tone.GOOD }
        return Page(
            name = "answer",
            title = words.say(Word.ANSWER),
            items = listOf(verdict) + before +
                sheet.sections.flatMapIndexed { at, one -> section(at, one, view.chosen?.toInt(), isChoice, desk) } +
                listOf(more).filter { sheet.sections.any { it.rest.isNotEmpty() } } + after +
                sheet.notices.map { Item.Note(Tone.ATTENTION, "！", words.say(Word.NOTICE), it, null) } +
                Item.Rows(null, rows(sheet.check)) +
                listOf(Item.Text(words.say(Word.COPIED), Look.SMALL, isLive = true)).filter { desk.isCopied },
            buttons = buttons(words, actions),
            cue = when (sheet.tone) {
                Tone.GOOD -> Cue.GOOD
                Tone.BAD -> Cue.BAD
                Tone.ATTENTION, Tone.REFERENCE -> Cue.ATTENTION
            },
        )
    }

    private fun section(at: Int, one: SheetSection, chosen: Int?, isChoice: Boolean, desk: Desk): List<Item> {
        val choice = Item.Choice(words.say(Word.CHOICE, at + 1, one.standing), at == chosen, Press.Do(Act.Choose(at.toUInt())))
        val first = Item.Rows(one.standing.takeIf { !isChoice }, rows(one.first))
        val rest = Item.Rows(null, rows(one.rest))
        return listOf(choice).filter { isChoice } + first + listOf(rest).filter { desk.isMore && one.rest.isNotEmpty() }
    }

    private fun rows(rows: List<SheetRow>) = rows.map { Row(it.label, it.value) }
}
