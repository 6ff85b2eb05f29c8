package shikaku.app.presenter

import java.util.concurrent.LinkedBlockingQueue
import java.util.concurrent.TimeUnit
import kotlin.concurrent.thread
import org.junit.jupiter.api.Assertions.fail
import shikaku.card.UsbCandidate
import shikaku.card.UsbCards
import shikaku.core.ExportForm
import shikaku.core.Fault
import shikaku.core.Screen
import shikaku.core.Unusable

/** The platform's hands without a platform: pages are kept instead of drawn, cards lie in emulated USB readers. */
class DrawingHands(@Volatile var equipment: Equipment = Screens.DESK.equipment) : Hands {
    private val drawn = LinkedBlockingQueue<Page>()

    /** The page that was drawn last, as [until] saw it or later. */
    @Volatile
    lateinit var page: Page
        private set

    /** The readers that are plugged in. */
    @Volatile
    var readers: List<UsbCandidate> = emptyList()
    lateinit var session: Session
    private var usb: UsbCards? = null
    private var waiting: Thread? = null

    /** Names of the pages in the order in which they came. */
    val seen = mutableListOf<String>()
    val copied = mutableListOf<String>()
    val shared = mutableListOf<Pair<ExportForm, String>>()

    @Volatile
    var wiped = 0
        private set

    /** Waits for the page that is meant, and fails if it does not come. */
    fun until(isMeant: (Page) -> Boolean): Page {
        while (true) {
            val page = drawn.poll(1, TimeUnit.MINUTES) ?: fail("still at $page")
            if (isMeant(page)) return page
        }
    }

    fun until(name: String): Page = until { it.name == name }

    /** Until the reader at which a card was awaited has been let go. */
    fun untilCardsAreLetGo() = waiting?.join()

    override fun draw(screen: Screen, desk: Desk) {
        page = Presenter(Texts.JAPANESE).page(screen, desk)
        if (seen.lastOrNull() != page.name) seen += page.name
        drawn += page
    }

    override fun awaitCard() {
        val cards = UsbCards(readers, session.taps)
        usb = cards
        waiting = thread(isDaemon = true) {
            cards.await()?.let {
                session.readerUnusable(it.code, if (it.reason == Unusable.Absent) Fault.READER_ABSENT else Fault.READER_BUSY)
            }
        }
    }

    override fun letCardsGo() {
        usb?.stop()
    }

    override fun copy(text: String) {
        copied += text
    }

    override fun share(form: ExportForm, text: String) {
        shared += form to text
    }

    override fun wipePerson() {
        wiped += 1
    }

    override fun unlock() = session.unlocked()

    override fun openNfcSettings() = Unit

    override fun equipment() = equipment

    override fun isLockedByDevice() = true

    override var isShuffled = false
    override val deviceName = "タブレット"
}
