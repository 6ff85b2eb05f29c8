package shikaku.app.presenter

import shikaku.core.Act
import shikaku.core.ExportForm
import shikaku.core.Tone

/** What the renderer draws, as plain data: everything that staff see and can press is in it. */
data class Page(
    /** Names the screen: another one is announced, and begins at its top. */
    val name: String,
    val title: String,
    /** `運用テスト（参考情報）`, above everything. */
    val marking: String? = null,
    val items: List<Item>,
    /** The expected thing first. */
    val buttons: List<Button>,
    /** What is heard and felt when this screen comes. */
    val cue: Cue? = null,
    /** Whether the display stays on. */
    val staysOn: Boolean = false,
)

/** One thing on a page, from top to bottom. */
sealed interface Item {
    /** [isLive]: read aloud whenever it changes. */
    data class Text(val text: String, val look: Look = Look.BODY, val isLive: Boolean = false) : Item

    /** Something that happened and what to do; [tone] null where it is no judgement. */
    data class Note(val tone: Tone?, val symbol: String, val cause: String, val remedy: String, val code: String?) : Item

    /** The one thing that counts: by colour, by shape, by word. */
    data class Verdict(val tone: Tone, val symbol: String, val word: String) : Item

    /** Labels and values. */
    data class Rows(val heading: String?, val rows: List<Row>) : Item

    /** One of several, of which [isChosen] is the one; others are let go. */
    data class Choice(val label: String, val isChosen: Boolean, val press: Press) : Item

    /** Something that can be switched on and off. */
    data class Switch(val label: String, val isOn: Boolean, val press: Press) : Item

    /** Something that leads elsewhere. */
    data class Link(val label: String, val detail: String, val press: Press) : Item

    /** A field to type into; [text] is what it begins with. */
    data class Entry(val field: Field, val label: String, val hint: String, val text: String) : Item

    /** Ten keys in their order, and how many digits were typed; never which. */
    data class Pad(
        val keys: List<Int>,
        val typed: Int,
        val length: Int,
        val isOpen: Boolean,
        val spoken: String,
        val erase: String,
    ) : Item

    /** How far something is, of [of]; null while nobody knows. */
    data class Progress(val done: Int?, val of: Int, val spoken: String) : Item

    /** Where to hold the card. */
    data class Hold(val atBack: Boolean, val atReader: Boolean, val spoken: String) : Item

    /** The photo in the chip, as PNG; the octets are wiped when it is gone. */
    class Photo(val octets: ByteArray) : Item

    /** What the camera sees. */
    data class Camera(val spoken: String) : Item
}

data class Row(val label: String, val value: String)

data class Button(val label: String, val press: Press, val rank: Rank = Rank.OTHER, val isOpen: Boolean = true)

/** How large and how loud. */
enum class Look { HEADING, LEAD, BODY, SMALL }

enum class Rank { FIRST, OTHER, GRAVE }

enum class Cue { GOOD, BAD, ATTENTION, TAKEN }

/** What can be typed; a PIN is none of these. */
enum class Field { DEVICE_NAME, SERVICE, INSTITUTION, ACCOUNT, CODE }

/** Pages of the app's own, over those of the core. */
sealed interface Place {
    /** That of the core. */
    data object Core : Place

    data object Typed : Place

    data object Scan : Place

    /** お困りのとき; with the remedy of one code, or all of them. */
    data class Help(val code: String?) : Place

    data object History : Place

    data object Facts : Place

    data object Connection : Place

    data object Wiping : Place
}

/** What staff or patient press. */
sealed interface Press {
    /** Something that the core offers. */
    data class Do(val act: Act) : Press

    data object Start : Press

    data class Staff(val name: String?) : Press

    /** A key of the pad. */
    data class Digit(val digit: Int) : Press

    data object Erase : Press

    data object PadDone : Press

    data object StartVisual : Press

    data class Open(val place: Place) : Press

    data object Back : Press

    data object GiveTyped : Press

    data object GiveAgain : Press

    data object Copy : Press

    data class Share(val form: ExportForm) : Press

    data object More : Press

    data object TestConnection : Press

    data object RotateKey : Press

    data object Wipe : Press

    data object Shuffle : Press

    /** Asks who holds the device for its own lock, then unlocks. */
    data object Unlock : Press

    /** Looks again for what reads cards, and for a card. */
    data object LookAgain : Press

    /** A reader is to be plugged in later. */
    data object ReaderLater : Press

    data object NfcSettings : Press
}
