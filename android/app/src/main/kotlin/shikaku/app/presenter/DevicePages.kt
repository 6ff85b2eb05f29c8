package shikaku.app.presenter

import shikaku.core.Action
import shikaku.core.Shown
import shikaku.core.Tone

/** The device's own way: terms, settings, registration, home, and when it is stopped or locked. */
internal class DevicePages(private val words: Words) {
    /** Said before anything else: a device that reads no card need not be registered. Null if it does. */
    fun reader(desk: Desk): Page? {
        val equipment = desk.equipment
        if (!equipment.isNone || desk.readerLater) return null
        val told = desk.guide.find { it.code == "reader-absent" }
        val way = if (equipment.canHaveReader) Word.NO_READER_PLUG else Word.NO_READER_AT_ALL
        val later = Button(words.say(Word.READER_LATER), Press.ReaderLater)
        return Page(
            name = "no-reader",
            title = words.say(Word.NO_READER),
            items = listOfNotNull(
                Item.Text(words.say(way), Look.LEAD, isLive = true),
                told?.let { note(words, Tone.ATTENTION, it) },
            ),
            buttons = listOf(Button(words.say(Word.LOOK_AGAIN), Press.LookAgain, Rank.FIRST)) +
                listOf(later).filter { equipment.canHaveReader },
        )
    }

    fun terms(view: Shown.Terms, actions: List<Action>) = Page(
        name = "terms",
        title = words.say(Word.TERMS),
        items = listOf(
            Item.Text(words.say(Word.TERMS_VERSION, view.version.toInt()), Look.SMALL),
            Item.Text(view.text),
        ),
        buttons = buttons(words, actions),
    )

    fun settings(view: Shown.Settings, desk: Desk, actions: List<Action>): Page {
        val again = Button(words.say(Word.GIVE_AGAIN), Press.GiveAgain, Rank.FIRST)
        val given = buttons(words, actions)
        return Page(
            name = "settings",
            title = words.say(Word.SETTINGS),
            items = listOfNotNull(view.problem?.let { note(words, Tone.ATTENTION, it) }) + listOf(
                Item.Text(words.say(Word.SETTINGS_HOW)),
                entry(Field.DEVICE_NAME, desk),
                help(words),
            ),
            buttons = if (desk.hasSettings) listOf(again) + given else given,
            cue = Cue.ATTENTION.takeIf { view.problem != null },
        )
    }

    fun typed(desk: Desk) = Page(
        name = "typed",
        title = words.say(Word.TYPE_SETTINGS),
        items = listOf(Item.Text(words.say(Word.TYPED_HOW))) +
            listOf(Field.INSTITUTION, Field.ACCOUNT, Field.CODE, Field.DEVICE_NAME, Field.SERVICE).map { entry(it, desk) },
        buttons = listOf(Button(words.say(Word.REGISTER), Press.GiveTyped, Rank.FIRST), back(words)),
    )

    fun scan(desk: Desk) = Page(
        name = "scan",
        title = words.say(Word.SCAN),
        items = if (desk.hasNoCamera) {
            listOf(Item.Text(words.say(Word.NO_CAMERA), Look.LEAD, isLive = true))
        } else {
            listOf(Item.Text(words.say(Word.SCAN_HOW)), Item.Camera(words.say(Word.SCAN_HOW)))
        },
        buttons = listOf(back(words), Button(words.say(Word.TYPE_SETTINGS), Press.Open(Place.Typed))),
        staysOn = true,
    )

    fun registering() = Page(
        name = "registering",
        title = words.say(Word.REGISTERING),
        items = listOf(progress(Word.REGISTERING_HOW)),
        buttons = emptyList(),
        staysOn = true,
    )

    fun home(view: Shown.Home, desk: Desk, actions: List<Action>) = Page(
        name = "home",
        title = words.say(Word.HOME),
        items = listOf(Item.Text(view.institution, Look.LEAD)) +
            listOfNotNull(view.trouble?.let { note(words, Tone.ATTENTION, it) }) +
            equipment(desk.equipment) +
            view.notices.map { Item.Note(null, "ℹ", words.say(Word.NOTICE), it, null) } +
            staff(view, desk) +
            listOfNotNull(
                link(Word.HISTORY, Word.HISTORY_DETAIL, Place.History).takeIf { desk.facts?.history == true },
                link(Word.CONNECTION, Word.CONNECTION_DETAIL, Place.Connection),
                link(Word.FACTS, Word.FACTS_DETAIL, Place.Facts),
                help(words),
            ),
        buttons = buttons(words, actions),
    )

    fun stopped(view: Shown.Stopped, actions: List<Action>) = Page(
        name = "stopped",
        title = words.say(Word.STOPPED),
        items = listOf(note(words, Tone.ATTENTION, view.told), help(words)),
        buttons = buttons(words, actions),
        cue = Cue.BAD,
    )

    fun locked(actions: List<Action>) = Page(
        name = "locked",
        title = words.say(Word.LOCKED),
        items = listOf(Item.Text(words.say(Word.LOCKED_HOW))),
        buttons = buttons(words, actions),
    )

    private fun staff(view: Shown.Home, desk: Desk): List<Item> {
        if (view.staff.isEmpty()) return emptyList()
        val names = view.staff.map { Item.Choice(it, it == desk.staff, Press.Staff(it)) }
        val nobody = Item.Choice(words.say(Word.STAFF_NONE), desk.staff == null, Press.Staff(null))
        return listOf(Item.Text(words.say(Word.STAFF), Look.HEADING)) + names + nobody
    }

    private fun equipment(equipment: Equipment): List<Item> = when {
        equipment.hasReader || equipment.nfc == Equipment.Nfc.READY -> emptyList()
        equipment.nfc == Equipment.Nfc.OFF -> listOf(
            Item.Note(Tone.ATTENTION, "！", words.say(Word.NFC_OFF), words.say(Word.NFC_OFF_HOW), null),
            Item.Link(words.say(Word.NFC_SETTINGS), "", Press.NfcSettings),
        )
        else -> listOf(
            Item.Note(Tone.ATTENTION, "！", words.say(Word.NO_READER), words.say(Word.NO_READER_PLUG), null),
        )
    }

    private fun entry(field: Field, desk: Desk): Item.Entry {
        val (label, hint) = when (field) {
            Field.DEVICE_NAME -> Word.FIELD_NAME to Word.FIELD_NAME_HINT
            Field.SERVICE -> Word.FIELD_SERVICE to Word.FIELD_SERVICE_HINT
            Field.INSTITUTION -> Word.FIELD_INSTITUTION to Word.FIELD_INSTITUTION_HINT
            Field.ACCOUNT -> Word.FIELD_ACCOUNT to Word.FIELD_ACCOUNT_HINT
            Field.CODE -> Word.FIELD_CODE to Word.FIELD_CODE_HINT
        }
        return Item.Entry(field, words.say(label), words.say(hint), desk.entries[field].orEmpty())
    }

    private fun link(word: Word, detail: Word, place: Place) =
        Item.Link(words.say(word), words.say(detail), Press.Open(place))

    private fun progress(word: Word) = Item.Progress(null, 1, words.say(word))
}

internal fun back(words: Words) = Button(words.say(Word.BACK), Press.Back)
