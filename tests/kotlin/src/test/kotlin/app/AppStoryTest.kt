package shikaku.app.presenter

import java.util.concurrent.ExecutorService
import java.util.concurrent.Executors
import java.util.concurrent.TimeUnit
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.cancel
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import shikaku.card.Clinic
import shikaku.card.EmulatedReader
import shikaku.card.Emulator
import shikaku.card.MemoryKeys
import shikaku.card.MemoryStorage
import shikaku.card.Shell
import shikaku.card.UsbCandidate
import shikaku.card.VisualTest
import shikaku.core.Act
import shikaku.core.ExportForm
import shikaku.core.Terminal

/**
 * The app from its pages to the service and back: everything of it but Android itself. What is pressed are the buttons
 * of the pages, and the running service answers.
 */
class AppStoryTest {
    private val hands = DrawingHands(Equipment(Equipment.Nfc.ABSENT, canHaveReader = true, hasReader = true))
    private val work: ExecutorService = Executors.newSingleThreadExecutor()
    private val network = CoroutineScope(SupervisorJob() + Dispatchers.IO)
    private val terminal = Terminal.open(Shell.facts(), MemoryKeys(), MemoryStorage())
    private val session = Session(terminal, Screens.GUIDE, hands, work, network).also { hands.session = it }

    @AfterEach
    fun end() {
        hands.letCardsGo()
        network.cancel()
        work.shutdown()
        assertTrue(work.awaitTermination(1, TimeUnit.MINUTES))
    }

    /** Presses what the page that is there bears under [word]. */
    private fun press(word: Word) {
        val label = Texts.JAPANESE.say(word)
        val buttons = hands.page.buttons.filter(Button::isOpen).map { it.label to it.press }
        val links = hands.page.items.filterIsInstance<Item.Link>().map { it.label to it.press }
        session.press((buttons + links).first { it.first == label }.second)
    }

    private fun home(card: UsbCandidate? = Emulator.plug()): Page {
        hands.readers = listOfNotNull(card)
        session.begin()
        hands.until("terms")
        press(Word.AGREE_TERMS)
        hands.until("settings")
        press(Word.SCAN)
        hands.until("scan")
        session.scanned(Clinic.issue().settings)
        // The app's terms are older than the service's.
        hands.until("terms")
        press(Word.AGREE_TERMS)
        return hands.until("home")
    }

    private fun type(pin: String) {
        hands.until { page -> page.items.any { it is Item.Pad && it.isOpen && it.typed == 0 } }
        pin.forEach { session.press(Press.Digit(it.digitToInt())) }
        // Six digits of 照合番号B would be a birth date: the button is open there too, for a moment.
        hands.until { page -> page.items.any { it is Item.Pad && it.typed == pin.length } }
        press(Word.PIN_DONE)
    }

    /** A visual check up to the photo. */
    private fun look(number: String): Page {
        press(Word.START_VISUAL)
        hands.until("staff")
        session.act(Act.NameStaff("窓口"))
        type(number)
        return hands.until("look")
    }

    private fun check(pin: String = "1234") {
        press(Word.START_CHECK)
        type(pin)
    }

    private fun code() = hands.page.items.filterIsInstance<Item.Note>().firstOrNull()?.code

    @Test
    fun fromTheFirstLaunchToTheNextPerson() {
        val card = Emulator.plug()
        home(card)
        hands.seen.clear()
        check()
        val answer = hands.until("answer")
        assertEquals(listOf("home", "pin", "hold", "sending", "answer"), listOf("home") + hands.seen.filter { it != "home" })
        assertEquals("有効", answer.items.filterIsInstance<Item.Verdict>().single().word)
        assertEquals("運用テスト（参考情報）", answer.marking)
        assertEquals(Triple(15, 1, "3"), card.journal())
        assertTrue(card.isClosed)

        press(Word.COPY)
        hands.until { page -> page.items.any { it is Item.Text && it.text == Texts.JAPANESE.say(Word.COPIED) } }
        assertTrue("資格 太郎" in hands.copied.single())
        press(Word.SHARE_EVIDENCE)
        hands.until { it.name == "answer" && hands.shared.isNotEmpty() }
        assertEquals(ExportForm.EVIDENCE, hands.shared.single().first)
        val wiped = hands.wiped
        press(Word.NEXT_PERSON)
        hands.until("home")
        assertEquals(wiped + 1, hands.wiped)
    }

    @Test
    fun aWrongPinLeadsOverTheWarningBackToThePad() {
        home()
        check("9999")
        assertEquals("pin-wrong", hands.until("warn").let { code() })
        hands.readers = listOf(Emulator.plug())
        press(Word.UNDERSTAND)
        type("1234")
        hands.until("answer")
    }

    @Test
    fun theLastTryIsAskedForAndMayBeLeft() {
        val card = Emulator.plug(card = "one-try")
        home(card)
        check()
        hands.until("consent")
        assertEquals("pin-consent-needed", code())
        assertEquals(0 to "1", card.journal().run { second to third })
        press(Word.CANCEL)
        hands.until("home")
    }

    @Test
    fun thePhotoIsThereWhileStaffCompareAndTheHistorySaysHowItWasChecked() {
        val switches = listOf("visual", "history")
        try {
            switches.forEach { Clinic.admin("institution $it 4810000001 on") }
            home()
            for (number in listOf(VisualTest.CODE_B, VisualTest.BIRTH_DATE)) {
                val photo = look(number).items.filterIsInstance<Item.Photo>().singleOrNull()
                assertEquals(number == VisualTest.CODE_B, photo != null)
                photo?.let { assertEquals("PNG", String(it.octets, 1, 3, Charsets.US_ASCII)) }
                press(Word.ATTEST)
                val name = hands.until("name")
                assertTrue(photo == null || photo.octets.all { it == 0.toByte() }, "it is wiped")
                assertTrue(name.items.none { it is Item.Photo })
                assertTrue(name.items.any { it is Item.Text && it.text == "資格 太郎" })
                press(Word.CONFIRM_NAME)
                hands.until("answer")
                press(Word.NEXT_PERSON)
                hands.until("home")
                hands.readers = listOf(Emulator.plug())
            }
            check()
            hands.until("answer")
            press(Word.NEXT_PERSON)
            hands.until("home")
            press(Word.HISTORY)
            val rows = hands.until("history").items.filterIsInstance<Item.Rows>()
            val modes = listOf(Word.BY_PIN, Word.BY_SIGHT, Word.BY_SIGHT).map(Texts.JAPANESE::say)
            assertEquals(modes, rows.map { it.rows.single().label })
            assertTrue(rows.all { "太郎" !in it.heading.orEmpty() && "＊" in it.heading.orEmpty() }, "$rows")
        } finally {
            switches.forEach { Clinic.admin("institution $it 4810000001 off") }
        }
    }

    @Test
    fun aCheckThatIsGivenUpTakesNoCardThatComesLater() {
        val card = Emulator.plug(trouble = "empty")
        home(card)
        check()
        hands.until("hold")
        press(Word.CANCEL)
        hands.until("home")
        hands.untilCardsAreLetGo()
        card.putCard()
        assertEquals(0, card.journal().second)
        assertEquals(null, session.taps.ticket)
    }

    @Test
    fun withoutAReaderThePageSaysSo() {
        home(card = null)
        check()
        hands.until("problem")
        assertEquals("reader-absent", code())
    }

    @Test
    fun aReaderThatMayNotBeUsedIsToldWhileTheCardIsAwaitedAndLookedForAgain() {
        val device: EmulatedReader = Emulator.plug()
        var isAllowed = false
        home(object : UsbCandidate by device {
            override fun isPermitted() = isAllowed
        })
        check()
        hands.until { it.name == "hold" && code() == "reader-permission" }
        isAllowed = true
        press(Word.LOOK_AGAIN)
        hands.until("answer")
    }

    @Test
    fun aLockHidesWhateverLayOpen() {
        home()
        press(Word.FACTS)
        assertTrue(hands.until("facts").items.any { it is Item.Rows })
        session.act(Act.Lock)
        hands.until("locked")
        press(Word.UNLOCK)
        hands.until("home")
    }

    @Test
    fun theServiceThatIsDownIsKeptForAndSentToWhenItIsBack() {
        home()
        press(Word.START_CHECK)
        hands.until { page -> page.items.any { it is Item.Pad && it.isOpen } }
        try {
            Clinic.network.down()
            "1234".forEach { session.press(Press.Digit(it.digitToInt())) }
            hands.until { it.buttons.first().isOpen }
            press(Word.PIN_DONE)
            hands.until("kept")
            assertEquals("network-unreachable", code())
        } finally {
            Clinic.network.up()
        }
        press(Word.SEND_AGAIN)
        hands.until("answer")
    }

    @Test
    fun aConnectionTestEndsWithWhatCameOfIt() {
        home()
        press(Word.CONNECTION)
        hands.until("connection")
        press(Word.TEST)
        hands.until { page -> page.items.any { it is Item.Progress } }
        val page = hands.until { page -> page.name == "connection" && page.items.none { it is Item.Progress } }
        assertEquals("○", page.items.filterIsInstance<Item.Note>().first().symbol)
    }

    @Test
    fun registeringAgainIsAskedOnceMoreAndBeginsWithTheTerms() {
        home()
        press(Word.FACTS)
        hands.until("facts")
        press(Word.REGISTER_AGAIN)
        hands.until("wiping")
        press(Word.BACK)
        hands.until("home")
        assertFalse(terminal.facts() == null)
        press(Word.FACTS)
        hands.until("facts")
        press(Word.REGISTER_AGAIN)
        hands.until("wiping")
        press(Word.WIPE)
        hands.until("terms")
        assertEquals(null, terminal.facts())
    }
}
