package shikaku.app.presenter

import shikaku.core.Act
import shikaku.core.Action
import shikaku.core.Screen
import shikaku.core.Shown
import shikaku.core.Told
import shikaku.core.Tone

/**
 * Puts the core's screen, and what lies on the desk beside it, into words and pressable things.
 *
 * It decides nothing: what can be pressed is what the core offers, in the core's order, and the app's own pages.
 */
class Presenter(private val words: Words) {
    private val device = DevicePages(words)
    private val person = PersonPages(words)
    private val visual = VisualPages(words)
    private val answer = AnswerPage(words)
    private val side = SidePages(words)

    fun page(screen: Screen, desk: Desk): Page {
        val page = when (val place = desk.place) {
            Place.Core -> core(screen, desk)
            Place.Typed -> device.typed(desk)
            Place.Scan -> device.scan(desk)
            is Place.Help -> side.help(desk.guide, place.code)
            Place.History -> side.history(desk.history)
            Place.Facts -> side.facts(desk)
            Place.Connection -> side.connection(desk)
            Place.Wiping -> side.wiping()
        }
        val told = listOfNotNull(desk.told?.let { note(words, Tone.ATTENTION, it) })
        return page.copy(marking = screen.marking, items = told + page.items)
    }

    /** Of a build that names no service which the core believes, or that has no terms to agree to. */
    fun noService(guide: List<Told>) = Page(
        name = "no-service",
        title = words.say(Word.STOPPED),
        items = listOf(Item.Text(words.say(Word.BUILT_WITHOUT), Look.LEAD)) +
            guide.filter { it.code == "trust-list" }.map { note(words, Tone.ATTENTION, it) },
        buttons = emptyList(),
    )

    private fun core(screen: Screen, desk: Desk): Page {
        val actions = screen.actions
        return when (val view = screen.view) {
            is Shown.Terms -> device.reader(desk) ?: device.terms(view, actions)
            is Shown.Settings -> device.reader(desk) ?: device.settings(view, desk, actions)
            Shown.Registering -> device.registering()
            is Shown.Home -> device.home(view, desk, actions)
            is Shown.Pin -> person.pin(view, desk, actions)
            is Shown.Warn -> person.warn(view, actions)
            is Shown.Consent -> person.consent(view, actions)
            is Shown.Staff -> visual.staff(view, actions)
            is Shown.Number -> visual.number(view, desk, actions)
            is Shown.Look -> visual.look(view, desk, actions)
            is Shown.Name -> visual.name(view, actions)
            is Shown.Hold -> person.hold(view, desk, actions)
            Shown.Sending -> person.sending()
            is Shown.Kept -> person.kept(view, actions)
            is Shown.Answer -> answer.page(view, desk, actions)
            is Shown.Problem -> person.problem(view, actions)
            is Shown.Stopped -> device.stopped(view, actions)
            Shown.Locked -> device.locked(actions)
        }
    }
}

/** A code with what it means and what to do. */
internal fun note(words: Words, tone: Tone?, told: Told) =
    Item.Note(tone, if (tone == Tone.BAD) "×" else "！", words.cause(told), words.remedy(told), told.code)

/** The buttons of what the core offers, in its order. */
internal fun buttons(words: Words, actions: List<Action>, desk: Desk? = null): List<Button> =
    actions.flatMapIndexed { at, action ->
        val rank = if (at == 0) Rank.FIRST else Rank.OTHER
        fun one(word: Word, press: Press) = listOf(Button(words.say(word), press, rank))
        when (action) {
            Action.AGREE_TERMS -> one(Word.AGREE_TERMS, Press.Do(Act.AgreeTerms))
            Action.ENTER_SETTINGS ->
                one(Word.SCAN, Press.Open(Place.Scan)) + Button(words.say(Word.TYPE_SETTINGS), Press.Open(Place.Typed))
            Action.START_CHECK -> one(Word.START_CHECK, Press.Start)
            Action.TYPE_PIN, Action.TYPE_NUMBER ->
                listOf(Button(words.say(Word.PIN_DONE), Press.PadDone, rank, isOpen = desk?.isTyped == true))
            Action.START_VISUAL -> one(Word.START_VISUAL, Press.StartVisual)
            Action.USE_VISUAL -> one(Word.USE_VISUAL, Press.Do(Act.UseVisual))
            Action.USE_PIN -> one(Word.USE_PIN, Press.Do(Act.UsePin))
            // Chosen at the names themselves.
            Action.NAME_STAFF -> emptyList()
            Action.ATTEST -> one(Word.ATTEST, Press.Do(Act.Attest))
            Action.CONFIRM_NAME -> one(Word.CONFIRM_NAME, Press.Do(Act.ConfirmName))
            Action.DENY_NAME -> one(Word.DENY_NAME, Press.Do(Act.DenyName))
            Action.UNDERSTAND -> one(Word.UNDERSTAND, Press.Do(Act.Understand))
            Action.AGREE -> listOf(Button(words.say(Word.AGREE_LAST), Press.Do(Act.Agree), Rank.GRAVE))
            Action.TAP_AGAIN -> one(Word.TAP_AGAIN, Press.Do(Act.TapAgain))
            Action.SEND_AGAIN -> one(Word.SEND_AGAIN, Press.Do(Act.SendAgain))
            // Chosen at the qualification itself.
            Action.CHOOSE -> emptyList()
            Action.EXPORT -> exports(words)
            Action.CANCEL -> listOf(Button(words.say(Word.CANCEL), Press.Do(Act.Cancel)))
            Action.NEXT_PERSON -> listOf(Button(words.say(Word.NEXT_PERSON), Press.Do(Act.NextPerson), Rank.FIRST))
            Action.LOCK -> listOf(Button(words.say(Word.LOCK), Press.Do(Act.Lock)))
            Action.UNLOCK -> one(Word.UNLOCK, Press.Unlock)
            Action.ASK_AGAIN -> one(Word.ASK_AGAIN, Press.Do(Act.AskAgain))
            Action.REGISTER_AGAIN -> one(Word.REGISTER_AGAIN, Press.Do(Act.RegisterAgain))
        }
    }

private fun exports(words: Words) = listOf(
    Button(words.say(Word.COPY), Press.Copy),
    Button(words.say(Word.SHARE_TEXT), Press.Share(shikaku.core.ExportForm.TEXT)),
    Button(words.say(Word.SHARE_EVIDENCE), Press.Share(shikaku.core.ExportForm.EVIDENCE)),
)

/** To all remedies. */
internal fun help(words: Words) = Item.Link(words.say(Word.HELP), words.say(Word.HELP_DETAIL), Press.Open(Place.Help(null)))
