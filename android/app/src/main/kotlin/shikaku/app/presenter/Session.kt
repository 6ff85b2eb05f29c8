package shikaku.app.presenter

import java.util.concurrent.Executor
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.launch
import shikaku.core.Act
import shikaku.core.Call
import shikaku.core.Effect
import shikaku.core.ExportForm
import shikaku.core.Fault
import shikaku.core.Given
import shikaku.core.Screen
import shikaku.core.Shown
import shikaku.core.TerminalInterface
import shikaku.core.Told

/** What only the platform does. Called on the thread of the session. */
interface Hands {
    fun draw(screen: Screen, desk: Desk)

    /** Looks for a card at every reader there is, anew if it does already; [Session.taps] gets it. */
    fun awaitCard()

    /** Looks no longer. */
    fun letCardsGo()

    /** Into the clipboard, marked as sensitive, for a minute at most. */
    fun copy(text: String)

    fun share(form: ExportForm, text: String)

    /** Clipboard, and what was shared. */
    fun wipePerson()

    /** Asks for the device's own lock, then [Session.unlocked]. */
    fun unlock()

    fun openNfcSettings()

    fun equipment(): Equipment

    fun isLockedByDevice(): Boolean

    /** Whether the digits of the pad are shuffled; kept over starts. */
    var isShuffled: Boolean

    /** What the device is called until somebody calls it otherwise. */
    val deviceName: String
}

/**
 * One start of the app: joins the core's terminal, the desk and the platform's hands. It does what the core says in the
 * order in which it says it, on the one thread of [work]; calls go out over [network] meanwhile.
 */
class Session(
    private val terminal: TerminalInterface,
    private val guide: List<Told>,
    private val hands: Hands,
    private val work: Executor,
    private val network: CoroutineScope,
    private val pad: Pad = Pad(),
) {
    /** Where readers bring their cards. */
    val taps = Taps(terminal, { act(it) }, { effects -> doing { carryOut(effects) } })

    private var desk = Desk(equipment = hands.equipment(), guide = guide)
    private var shown: Class<out Shown>? = null
    private var isCopy = false
    private var isTesting = false
    private val entries = mutableMapOf(Field.DEVICE_NAME to hands.deviceName)

    /** Once, before anything else. */
    fun begin() = doing { carryOut(terminal.begin()) }

    fun act(act: Act) = doing { carryOut(terminal.handle(act)) }

    fun press(press: Press) = doing {
        desk = desk.copy(told = null, isCopied = false)
        follow(press)
    }

    /** Something was typed; it is not drawn, because it stands there already. */
    fun entered(field: Field, text: String) = work.execute { entries[field] = text }

    fun scanned(text: String) = doing {
        desk = desk.copy(place = Place.Core)
        carryOut(terminal.handle(Act.GiveSettings(Given.Read(text, entered(Field.DEVICE_NAME)))))
    }

    fun cameraFailed() = doing { desk = desk.copy(hasNoCamera = true) }

    fun unlocked() = act(Act.Unlock)

    /** A reader came or went, NFC was switched, the device has another lock. */
    fun equipmentChanged() = doing {
        val before = desk.equipment
        desk = desk.copy(equipment = hands.equipment())
        // As it was, a reader that was refused would be asked for again, with every return from the question itself.
        if (taps.ticket != null && desk.equipment != before) hands.awaitCard()
    }

    /** No reader can be waited at, and why. */
    fun readerUnusable(code: String, fault: Fault) = doing {
        val ticket = taps.ticket
        val isNoOther = desk.equipment.nfc != Equipment.Nfc.READY
        when {
            ticket == null -> Unit
            isNoOther && fault == Fault.READER_ABSENT -> carryOut(terminal.handle(Act.NoTap(ticket, fault)))
            fault != Fault.READER_ABSENT -> desk = desk.copy(told = guide.find { it.code == code })
        }
    }

    private fun follow(press: Press) {
        when (press) {
            is Press.Do -> carryOut(terminal.handle(press.act))
            Press.Start -> carryOut(terminal.handle(Act.StartCheck(desk.staff)))
            is Press.Staff -> desk = desk.copy(staff = press.name)
            is Press.Digit -> pad.type(press.digit)
            Press.Erase -> pad.erase()
            Press.PadDone -> pad.take { terminal.handle(typed(it)) }?.let { carryOut(it) }
            Press.StartVisual -> carryOut(terminal.handle(Act.StartVisual(desk.staff)))
            is Press.Open -> desk = desk.copy(place = press.place, hasNoCamera = false)
            Press.Back -> goBack()
            Press.GiveTyped -> giveTyped()
            Press.GiveAgain -> carryOut(terminal.handle(Act.GiveSettings(Given.Again)))
            Press.Copy -> export(ExportForm.TEXT, isCopy = true)
            is Press.Share -> export(press.form, isCopy = false)
            Press.More -> desk = desk.copy(isMore = !desk.isMore)
            Press.TestConnection -> {
                val effects = terminal.testConnection()
                // There is nothing to wait for while the service is being asked for something else.
                isTesting = effects.any { it is Effect.Perform }
                carryOut(effects) { isTesting = false }
            }
            Press.RotateKey -> carryOut(terminal.rotateKey())
            Press.Wipe -> {
                desk = desk.copy(place = Place.Core)
                carryOut(terminal.wipe())
            }
            Press.Shuffle -> hands.isShuffled = !hands.isShuffled
            Press.Unlock -> hands.unlock()
            Press.LookAgain -> lookAgain()
            Press.ReaderLater -> desk = desk.copy(readerLater = true)
            Press.NfcSettings -> hands.openNfcSettings()
        }
    }

    /** Out of a page of the app's own; in the core's, gives up what it lets give up. */
    private fun goBack() {
        val place = desk.place
        desk = desk.copy(place = if (place is Place.Help && place.code != null) Place.Help(null) else Place.Core)
        if (place == Place.Core) carryOut(terminal.handle(Act.Cancel))
    }

    private fun giveTyped() {
        desk = desk.copy(place = Place.Core)
        val settings = Given.Typed(
            service = entered(Field.SERVICE).takeIf(String::isNotBlank),
            institution = entered(Field.INSTITUTION),
            account = entered(Field.ACCOUNT),
            code = entered(Field.CODE),
            deviceName = entered(Field.DEVICE_NAME),
        )
        carryOut(terminal.handle(Act.GiveSettings(settings)))
    }

    private fun entered(field: Field) = entries[field].orEmpty().trim()

    /** The pad is that of a number while one is asked for. */
    private fun typed(digits: ByteArray): Act =
        if (shown == Shown.Number::class.java) Act.TypeNumber(digits) else Act.TypePin(digits)

    private fun export(form: ExportForm, isCopy: Boolean) {
        this.isCopy = isCopy
        carryOut(terminal.handle(Act.Export(form)))
    }

    private fun lookAgain() {
        desk = desk.copy(equipment = hands.equipment())
        if (taps.ticket != null) hands.awaitCard()
    }

    private fun carryOut(effects: List<Effect>, afterCall: () -> Unit = {}) {
        effects.forEach { effect ->
            when (effect) {
                is Effect.Perform -> perform(effect.call, afterCall)
                is Effect.AwaitCard -> {
                    taps.await(effect.ticket)
                    hands.awaitCard()
                }
                is Effect.CancelTap -> {
                    taps.cancel(effect.ticket)
                    hands.letCardsGo()
                }
                is Effect.Export -> handOn(effect)
                is Effect.NotExported -> desk = desk.copy(told = effect.told)
                Effect.WipePerson -> wipePerson()
                Effect.WipeSeen -> wipeSeen()
            }
        }
    }

    private fun perform(call: Call, afterCall: () -> Unit) {
        network.launch {
            val effects = call.use { terminal.perform(it) }
            doing {
                afterCall()
                carryOut(effects)
            }
        }
    }

    private fun handOn(export: Effect.Export) {
        if (isCopy) hands.copy(export.text) else hands.share(export.form, export.text)
        desk = desk.copy(isCopied = isCopy)
    }

    private fun wipeSeen() {
        desk.photo?.octets?.fill(0)
        desk = desk.copy(photo = null)
    }

    private fun wipePerson() {
        pad.wipe()
        wipeSeen()
        desk = desk.copy(isMore = false, isCopied = false, told = null)
        hands.wipePerson()
    }

    private fun doing(what: () -> Unit) = work.execute {
        what()
        draw()
    }

    private fun draw() {
        val screen = terminal.screen()
        if (shown != screen.view.javaClass) turn(screen.view)
        desk = desk.copy(
            pad = pad.keys,
            typed = pad.typed,
            isTyped = pad.isWhole,
            isShuffled = hands.isShuffled,
            isLockedByDevice = hands.isLockedByDevice(),
            isTesting = isTesting,
            hasSettings = terminal.hasSettings(),
            entries = entries.toMap(),
            facts = terminal.facts(),
            history = if (desk.place == Place.History) terminal.history() else emptyList(),
            connection = terminal.connectionTest(),
        )
        hands.draw(screen, desk)
    }

    /** The core shows another screen: what lay over the last one goes, and what was typed for it. */
    private fun turn(view: Shown) {
        shown = view.javaClass
        desk = desk.copy(place = Place.Core, told = null)
        pad.clear(hands.isShuffled, if (view is Shown.Number) Pad.NUMBER else listOf(Pad.LENGTH))
        when (view) {
            is Shown.Locked, is Shown.Stopped -> desk = desk.copy(staff = null)
            is Shown.Look -> desk = desk.copy(photo = terminal.photo()?.let(Item::Photo))
            is Shown.Home -> Field.entries.filter { it != Field.DEVICE_NAME }.forEach(entries::remove)
            else -> Unit
        }
        if (view !is Shown.Hold) hands.letCardsGo()
    }
}
