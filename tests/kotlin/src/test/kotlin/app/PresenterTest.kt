package shikaku.app.presenter

import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertInstanceOf
import org.junit.jupiter.api.Assertions.assertNotNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import shikaku.core.Act
import shikaku.core.Action
import shikaku.core.ConnectionTest
import shikaku.core.Facts
import shikaku.core.HistoryEntry
import shikaku.core.Mode
import shikaku.core.Phase
import shikaku.core.Screen
import shikaku.core.Shown
import shikaku.core.Tone

/** Every screen of the core has a page on which everything that is offered can be pressed, and nothing else. */
class PresenterTest {
    private val facts = Facts(
        "見本サービス", "https://shikaku.example.jp", "1310000001", "健診クリニック青葉", "d-1", "k-1", Phase.TEST, true, 3u,
        false, true, 4u, 0u, -2, "1.0.0",
    )
    private val places = listOf(
        Place.Typed, Place.Scan, Place.Help(null), Place.Help("pin-blocked"), Place.History, Place.Facts,
        Place.Connection, Place.Wiping,
    )

    private fun page(screen: Screen, desk: Desk = Screens.DESK, words: Words = Texts.JAPANESE) =
        Presenter(words).page(screen, desk)

    private fun presses(page: Page): List<Press> = page.buttons.map(Button::press) + page.items.mapNotNull {
        when (it) {
            is Item.Choice -> it.press
            is Item.Switch -> it.press
            is Item.Link -> it.press
            else -> null
        }
    }

    private fun texts(page: Page): List<String> = listOf(page.title) + page.buttons.map(Button::label) +
        page.items.flatMap {
            when (it) {
                is Item.Text -> listOf(it.text)
                is Item.Note -> listOf(it.symbol, it.cause, it.remedy)
                is Item.Verdict -> listOf(it.symbol, it.word)
                is Item.Rows -> it.rows.map(Row::label)
                is Item.Choice -> listOf(it.label)
                is Item.Switch -> listOf(it.label)
                is Item.Link -> listOf(it.label)
                is Item.Entry -> listOf(it.label, it.hint)
                is Item.Pad -> listOf(it.spoken, it.erase)
                is Item.Progress -> listOf(it.spoken)
                is Item.Hold -> listOf(it.spoken)
                is Item.Camera -> listOf(it.spoken)
                is Item.Photo -> emptyList()
            }
        }

    @Test
    fun everyViewOfTheBindingsHasAScreen() {
        val shown = Screens.ALL.map { it.view.javaClass }.toSet()
        val views = Shown::class.java.declaredClasses.filter { Shown::class.java.isAssignableFrom(it) }.toSet()
        assertEquals(views, shown)
        assertTrue(views.size >= 18)
        val names = Screens.ALL.groupBy({ it.view.javaClass }, { page(it).name })
        assertTrue(names.values.all { it.distinct().size == 1 }, "one name for each view: $names")
        assertEquals(views.size, names.values.flatten().distinct().size)
    }

    @Test
    fun everythingThatIsOfferedCanBePressedAndNothingElseOfTheCore() {
        assertEquals(Action.entries.toSet(), Screens.ALL.flatMap(Screen::actions).toSet())
        for (screen in Screens.ALL) {
            val pressed = presses(page(screen))
            val offered = screen.actions.map(Screens::press)
            assertTrue(pressed.containsAll(offered), "${screen.view}: $offered, $pressed")
            val acts = pressed.filterIsInstance<Press.Do>().filter { it.act !is Act.Choose && it.act !is Act.NameStaff }
            assertTrue(offered.containsAll(acts), "${screen.view}: more than is offered: $acts")
            assertEquals(Action.START_CHECK in screen.actions, Press.Start in pressed)
            val isTyped = Action.TYPE_PIN in screen.actions || Action.TYPE_NUMBER in screen.actions
            assertEquals(isTyped, Press.PadDone in pressed)
        }
    }

    @Test
    fun theExpectedThingComesFirst() {
        for (screen in Screens.ALL) {
            val expected = screen.actions.firstOrNull { it != Action.CHOOSE && it != Action.NAME_STAFF } ?: continue
            assertEquals(Screens.press(expected), page(screen).buttons.first().press)
        }
    }

    @Test
    fun everyPageSaysSomethingInBothLanguagesAndEnglishHasNoJapaneseOfItsOwn() {
        val kana = Regex("[぀-ヿ]")
        val desk = Screens.DESK.copy(facts = facts, told = Screens.told("reader-busy"), isCopied = true)
        val pages = Screens.ALL.map { it to Place.Core } + places.map { Screens.HOME to it }
        for ((screen, place) in pages) {
            for (words in Texts.BOTH) {
                val page = page(screen, desk.copy(place = place), words)
                assertTrue(texts(page).none(String::isBlank), "${page.name} ${words.language}")
                assertFalse(texts(page).any { '%' in it }, "${page.name}: a place is left")
                assertTrue(page.buttons.map(Button::label).none(kana::containsMatchIn) || words == Texts.JAPANESE, page.name)
            }
        }
    }

    @Test
    fun anOperationalTestIsMarkedOnEveryPage() {
        val marking = "運用テスト（参考情報）"
        for (screen in Screens.ALL) assertEquals(marking, page(screen.copy(marking = marking)).marking)
        for (place in places) {
            assertEquals(marking, page(Screens.HOME.copy(marking = marking), Screens.DESK.copy(place = place)).marking)
        }
    }

    @Test
    fun everyCodeHasAPageWithItsRemedy() {
        val desk = Screens.DESK.copy(place = Place.Help(null))
        val links = page(Screens.HOME, desk).items.filterIsInstance<Item.Link>()
        assertEquals(Screens.GUIDE.map { Press.Open(Place.Help(it.code)) }, links.map(Item.Link::press))
        for (told in Screens.GUIDE) {
            for ((words, cause, remedy) in listOf(
                Triple(Texts.JAPANESE, told.causeJa, told.remedyJa), Triple(Texts.ENGLISH, told.causeEn, told.remedyEn),
            )) {
                val page = page(Screens.HOME, desk.copy(place = Place.Help(told.code)), words)
                val note = page.items.filterIsInstance<Item.Note>().first()
                assertEquals(listOf(cause, remedy, told.code), listOf(note.cause, note.remedy, note.code))
            }
        }
        assertTrue(Screens.GUIDE.size > 100)
    }

    @Test
    fun anAnswerIsToldByColourAndShapeAndWord() {
        val seen = listOf(Screens.GOOD, Screens.BAD, Screens.MULTIPLE, Screens.TESTED).map { screen ->
            val page = page(screen)
            assertInstanceOf(Item.Verdict::class.java, page.items.first()).let { Triple(it.tone, it.symbol, it.word) to page.cue }
        }
        assertEquals(
            listOf(
                Triple(Tone.GOOD, "○", "有効") to Cue.GOOD,
                Triple(Tone.BAD, "×", "無効") to Cue.BAD,
                Triple(Tone.ATTENTION, "？", "複数該当") to Cue.ATTENTION,
                Triple(Tone.REFERENCE, "○", "有効") to Cue.ATTENTION,
            ),
            seen,
        )
    }

    @Test
    fun whatStaffWriteDownFollowsTheVerdictUnlessThereIsSomethingElseToDo() {
        val behind = listOf(Screens.GOOD, Screens.BAD, Screens.MULTIPLE).map { page(it).items[1].javaClass }
        assertEquals(listOf(Item.Rows::class.java, Item.Note::class.java, Item.Note::class.java), behind)
        for (screen in listOf(Screens.GOOD, Screens.BAD)) {
            val told = (screen.view as Shown.Answer).sheet.told.code
            assertEquals(1, page(screen).items.count { it is Item.Note && it.code == told })
        }
    }

    @Test
    fun noneOfSeveralIsChosenForStaff() {
        val choices = page(Screens.MULTIPLE).items.filterIsInstance<Item.Choice>()
        assertEquals(listOf(false, false), choices.map(Item.Choice::isChosen))
        val chosen = Screens.MULTIPLE.let { it.copy(view = (it.view as Shown.Answer).copy(chosen = 1u)) }
        assertEquals(listOf(false, true), page(chosen).items.filterIsInstance<Item.Choice>().map(Item.Choice::isChosen))
        assertTrue(page(Screens.GOOD).items.none { it is Item.Choice })
    }

    @Test
    fun whatStaffDoNotWriteDownIsShownOnlyWhenAskedFor() {
        val closed = texts(page(Screens.GOOD))
        assertFalse("保険者名" in closed)
        assertTrue("保険者番号" in closed)
        assertTrue("保険者名" in texts(page(Screens.GOOD, Screens.DESK.copy(isMore = true))))
    }

    @Test
    fun aPageKnowsHowManyDigitsWereTypedAndNotWhich() {
        val page = page(Screens.PIN, Screens.DESK.copy(typed = 3))
        val pad = page.items.filterIsInstance<Item.Pad>().single()
        assertEquals(listOf(3, 4, true), listOf(pad.typed, pad.length, pad.isOpen))
        assertFalse(page.buttons.first().isOpen)
        assertTrue(page(Screens.PIN, Screens.DESK.copy(typed = 4, isTyped = true)).buttons.first().isOpen)
        assertFalse(page(Screens.PIN_WAITING).items.filterIsInstance<Item.Pad>().single().isOpen)
    }

    @Test
    fun aDeviceThatReadsNoCardSaysSoBeforeTheTerms() {
        val nothing = Equipment(Equipment.Nfc.ABSENT, canHaveReader = false, hasReader = false)
        for (screen in listOf(Screens.TERMS, Screens.SETTINGS)) {
            val page = page(screen, Screens.DESK.copy(equipment = nothing))
            assertEquals("no-reader", page.name)
            assertEquals(listOf<Press>(Press.LookAgain), presses(page))
            val pluggable = Screens.DESK.copy(equipment = nothing.copy(canHaveReader = true))
            assertEquals(listOf(Press.LookAgain, Press.ReaderLater), presses(page(screen, pluggable)))
            assertEquals(page(screen), page(screen, pluggable.copy(readerLater = true)))
        }
        val withReader = Screens.DESK.copy(equipment = nothing.copy(hasReader = true))
        assertEquals("terms", page(Screens.TERMS, withReader).name)
        val off = Screens.DESK.copy(equipment = Equipment(Equipment.Nfc.OFF, false, false))
        assertTrue(Press.NfcSettings in presses(page(Screens.HOME, off)))
    }

    @Test
    fun theCardIsHeldWhereThisDeviceReadsIt() {
        fun hold(nfc: Equipment.Nfc, hasReader: Boolean) =
            page(Screens.HOLD, Screens.DESK.copy(equipment = Equipment(nfc, true, hasReader)))
                .items.filterIsInstance<Item.Hold>().single().run { atBack to atReader }
        assertEquals(true to false, hold(Equipment.Nfc.READY, false))
        assertEquals(false to true, hold(Equipment.Nfc.OFF, true))
        assertEquals(true to true, hold(Equipment.Nfc.READY, true))
    }

    @Test
    fun theStageIsReadAloudAndTheDisplayStaysOnWhileHolding() {
        val pages = shikaku.core.Stage.entries.map { page(Screens.holding(it)) }
        assertTrue(pages.all(Page::staysOn))
        assertTrue(pages.all { page -> page.items.any { it is Item.Text && it.isLive } })
        assertTrue(page(Screens.HOLD).staysOn)
        assertFalse(page(Screens.HOME).staysOn)
    }

    @Test
    fun aServiceThatIsDownComesWithTheProcedureOnPaper() {
        val note = page(Screens.DOWN).items.filterIsInstance<Item.Note>().first()
        assertEquals("network-unreachable", note.code)
        assertTrue("資格確認書" in note.remedy)
    }

    @Test
    fun historyIsOfferedOnlyWhereTheInstitutionAllowsIt() {
        val link = Press.Open(Place.History)
        assertTrue(link in presses(page(Screens.HOME, Screens.DESK.copy(facts = facts))))
        assertFalse(link in presses(page(Screens.HOME, Screens.DESK.copy(facts = facts.copy(history = false)))))
        assertFalse(link in presses(page(Screens.HOME)))
    }

    @Test
    fun historyBeginsWithTheNewest() {
        val entries = listOf(0uL, 3_600uL).map { HistoryEntry(it, Screens.told("qualification-valid"), Mode.PIN, "資＊ ＊＊") }
        val page = page(Screens.HOME, Screens.DESK.copy(place = Place.History, history = entries))
        val headings = page.items.filterIsInstance<Item.Rows>().map(Item.Rows::heading)
        assertEquals(listOf("10:00  資＊ ＊＊", "09:00  資＊ ＊＊"), headings)
    }

    @Test
    fun aConnectionTestSaysWhetherItIsUnderWayAndWhatCameOfIt() {
        val desk = Screens.DESK.copy(place = Place.Connection)
        val test = ConnectionTest(0u, 3, null, "all is well")
        assertFalse(page(Screens.HOME, desk.copy(isTesting = true)).buttons.first().isOpen)
        val good = page(Screens.HOME, desk.copy(connection = test)).items.filterIsInstance<Item.Note>().first()
        assertEquals(Tone.GOOD to "○", good.tone to good.symbol)
        val problem = test.copy(problem = Screens.told("tls-untrusted"))
        val bad = page(Screens.HOME, desk.copy(connection = problem)).items.filterIsInstance<Item.Note>().first()
        assertEquals("tls-untrusted", bad.code)
    }

    @Test
    fun aBuildThatNamesNoServiceSaysWhy() {
        val page = Presenter(Texts.JAPANESE).noService(Screens.GUIDE)
        assertEquals("trust-list", page.items.filterIsInstance<Item.Note>().single().code)
        assertTrue(page.items.filterIsInstance<Item.Text>().single().text.let { "trust.json" in it && "terms.md" in it })
        assertEquals(emptyList<Button>(), page.buttons)
    }

    @Test
    fun aDeviceWithoutAScreenLockIsTold() {
        val desk = Screens.DESK.copy(place = Place.Facts, facts = facts)
        fun notes(desk: Desk) = page(Screens.HOME, desk).items.filterIsInstance<Item.Note>()
        assertEquals(0, notes(desk).size)
        assertNotNull(notes(desk.copy(isLockedByDevice = false)).single())
    }
}
