package shikaku.app.presenter

import shikaku.core.Act
import shikaku.core.Action
import shikaku.core.Shown
import shikaku.core.Tone

/** What a 目視確認 has of its own: who does it, the printed number, photo and name. */
internal class VisualPages(private val words: Words) {
    fun staff(view: Shown.Staff, actions: List<Action>) = Page(
        name = "staff",
        title = words.say(Word.STAFF_WHO),
        items = listOf(Item.Text(words.say(Word.STAFF_WHO_HOW))) +
            view.staff.map { Item.Choice(it, false, Press.Do(Act.NameStaff(it))) },
        buttons = buttons(words, actions),
    )

    fun number(view: Shown.Number, desk: Desk, actions: List<Action>): Page {
        val isOpen = Action.TYPE_NUMBER in actions
        val spoken = words.say(Word.NUMBER_TYPED, desk.typed)
        val length = Pad.NUMBER.first { desk.typed <= it }
        return Page(
            name = "number",
            title = words.say(Word.NUMBER),
            items = listOfNotNull(
                view.problem?.let { note(words, Tone.ATTENTION, it) },
                Item.Text(words.say(if (isOpen) Word.NUMBER_HOW else Word.PIN_WAIT), isLive = true),
                tries(words, view.tries),
                Item.Pad(desk.pad, desk.typed, length, isOpen, spoken, words.say(Word.PIN_ERASE)),
            ),
            buttons = buttons(words, actions, desk),
            cue = Cue.ATTENTION.takeIf { view.problem != null },
        )
    }

    fun look(view: Shown.Look, desk: Desk, actions: List<Action>) = Page(
        name = "look",
        title = words.say(Word.LOOK),
        items = listOfNotNull(
            view.problem?.let { note(words, Tone.ATTENTION, it) },
            Item.Text(words.say(if (view.photo) Word.LOOK_CHIP else Word.LOOK_CARD), Look.LEAD),
            desk.photo?.let { Item.Text(words.say(Word.PHOTO), Look.HEADING) },
            desk.photo,
        ),
        buttons = buttons(words, actions),
        cue = Cue.TAKEN,
        staysOn = true,
    )

    fun name(view: Shown.Name, actions: List<Action>) = Page(
        name = "name",
        title = words.say(Word.NAME),
        items = listOfNotNull(
            view.differs?.let { note(words, Tone.ATTENTION, it) },
            Item.Text(view.name, Look.LEAD, isLive = true),
            Item.Text(words.say(Word.NAME_HOW, clock(view.until))),
        ),
        buttons = buttons(words, actions),
        cue = Cue.ATTENTION,
    )
}
