package shikaku.card

import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertInstanceOf
import shikaku.core.Act
import shikaku.core.Action
import shikaku.core.AppFacts
import shikaku.core.Begun
import shikaku.core.Call
import shikaku.core.Effect
import shikaku.core.Fault
import shikaku.core.Given
import shikaku.core.Platform
import shikaku.core.Shown
import shikaku.core.Stage
import shikaku.core.Terminal

/** An app without a screen: forwards what happens and does what comes back, with the loop and the reader of the real one. */
class Shell(val keys: MemoryKeys, val storage: MemoryStorage) : AutoCloseable {
    val terminal: Terminal = Terminal.open(facts(), keys, storage)

    /** The card that lies in the reader; without one the shell waits. */
    var card: EmulatedReader? = null
        set(value) {
            reader?.close()
            field = value
            reader = value?.let { assertInstanceOf(Opened.Ready::class.java, UsbReader.open(listOf(it))).reader }
        }

    /** What the reader says of the kind of card. */
    var family = "emulated"
    private var reader: UsbReader? = null
    private var loop: TapLoop? = null

    /** What is done about a call, in place of performing it. */
    var perform: (Call) -> List<Effect> = ::reallyPerform

    /** What happens when a tap comes to a stage. */
    var onStage: (Stage) -> Unit = {}

    /** The check whose card is awaited. */
    var awaited: ULong? = null
        private set
    val exports = mutableListOf<String>()
    var wiped = 0
        private set

    /** How often the chip's photo was to be deleted. */
    var seenWiped = 0
        private set

    init {
        carryOut(terminal.begin())
    }

    val view: Shown get() = terminal.screen().view
    val actions: List<Action> get() = terminal.screen().actions

    /** The code on the screen, if it shows one. */
    val code: String?
        get() = when (val view = view) {
            is Shown.Settings -> view.problem
            is Shown.Home -> view.trouble
            is Shown.Pin -> view.problem
            is Shown.Warn -> view.told
            is Shown.Kept -> view.told
            is Shown.Answer -> view.sheet.told
            is Shown.Number -> view.problem
            is Shown.Look -> view.problem
            is Shown.Name -> view.differs
            is Shown.Problem -> view.told
            is Shown.Stopped -> view.told
            else -> null
        }?.code

    fun act(act: Act) = carryOut(terminal.handle(act))

    /** From the first screen to home. */
    fun register(account: Clinic.Account): Shell {
        act(Act.AgreeTerms)
        act(Act.GiveSettings(Given.Read(account.settings, "受付1")))
        // The app's terms are older than the service's.
        act(Act.AgreeTerms)
        assertInstanceOf(Shown.Home::class.java, view, terminal.detail())
        assertEquals(null, code)
        return this
    }

    /** A check up to the PIN, and everything that follows by itself. */
    fun check(pin: String = "1234") {
        act(Act.StartCheck("窓口"))
        type(pin)
    }

    fun type(pin: String) = act(Act.TypePin(pin.toByteArray()))

    /** A visual check up to the printed number, and everything that follows by itself. */
    fun look(number: String) {
        act(Act.StartVisual("窓口"))
        typeNumber(number)
    }

    fun typeNumber(number: String) = act(Act.TypeNumber(number.toByteArray()))

    fun reallyPerform(call: Call): List<Effect> = runBlocking { terminal.perform(call) }

    fun carryOut(effects: List<Effect>) {
        for (effect in effects) {
            when (effect) {
                is Effect.Perform -> carryOut(perform(effect.call))
                is Effect.AwaitCard -> if (reader == null) awaited = effect.ticket else tap(effect.ticket)
                is Effect.CancelTap -> cancel()
                is Effect.Export -> exports += effect.text
                is Effect.NotExported -> error("not exported: ${effect.told.code}")
                is Effect.WipeSeen -> seenWiped += 1
                is Effect.WipePerson -> wiped += 1
            }
            effect.destroy()
        }
    }

    /** The card that was awaited is laid down. */
    fun hold(device: EmulatedReader) {
        card = device
        tap(checkNotNull(awaited))
    }

    override fun close() {
        card = null
        terminal.destroy()
    }

    private fun tap(ticket: ULong) {
        awaited = null
        val reader = checkNotNull(reader)
        val power = reader.powerOn()
        if (power is Powered.Not) return act(Act.NoTap(ticket, power.fault))
        when (val begun = terminal.tap(ticket, reader.limits, family)) {
            is Begun.Not -> carryOut(begun.effects)
            is Begun.Started -> begun.tap.use { tap ->
                val loop = TapLoop(reader) { stage, tries ->
                    act(Act.TapStage(ticket, stage, tries))
                    onStage(stage)
                }
                this.loop = loop
                val result = loop.run(tap)
                reader.powerOff()
                if (result is TapResult.Signed) result.tap.destroy()
                carryOut(terminal.tapped(tap))
            }
        }
    }

    private fun cancel() {
        awaited = null
        loop?.cancel()
    }

    companion object {
        fun facts(trust: String = Clinic.trust) = AppFacts(
            version = "1.0.0",
            platform = Platform.ANDROID,
            trust = trust,
            testServices = true,
            termsVersion = 0u,
            terms = "アプリの規約",
        )
    }
}

/** The shells of one test. */
class Shells : AutoCloseable {
    private val opened = mutableListOf<Shell>()

    /** A device as it is started. */
    fun open(keys: MemoryKeys = MemoryKeys(), storage: MemoryStorage = MemoryStorage()): Shell =
        Shell(keys, storage).also(opened::add)

    /** A device at home, with a card before it. */
    fun home(card: String? = "default"): Shell =
        open().register(Clinic.issue()).also { shell -> shell.card = card?.let { Emulator.plug(it) } }

    override fun close() = opened.forEach(Shell::close)
}
