package shikaku.app.presenter

import java.nio.file.Files
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test

/** docs/ja/staff.md against the pages as staff see them: a chapter under each page's title, which names its buttons. */
class HandbookTest {
    private val chapters: Map<String, Set<String>> =
        Files.readString(APP.resolve("../../../../docs/ja/staff.md").normalize()).split("\n### ").drop(1).associate { chapter ->
            val offered = chapter.lines().first { it.startsWith("できること：") }.removePrefix("できること：")
            chapter.lines().first() to offered.split("、").map { it.substringBefore("〔") }.toSet()
        }

    private val pages: List<Page> = run {
        val presenter = Presenter(Texts.JAPANESE)
        val places = listOf(
            Place.Typed, Place.Scan, Place.Help(null), Place.History, Place.Facts, Place.Connection, Place.Wiping,
        )
        val bare = Equipment(Equipment.Nfc.ABSENT, canHaveReader = true, hasReader = false)
        Screens.ALL.map { presenter.page(it, Screens.DESK) } +
            Screens.ALL.map { presenter.page(it, Screens.DESK.copy(hasSettings = true)) } +
            places.map { presenter.page(Screens.HOME, Screens.DESK.copy(place = it)) } +
            presenter.page(Screens.TERMS, Screens.DESK.copy(equipment = bare))
    }

    @Test
    fun everyPageHasItsChapterAndEveryButtonIsNamedThere() {
        for (page in pages) {
            val offered = chapters[page.title] ?: error("no chapter 「${page.title}」")
            for (button in page.buttons) assertTrue(button.label in offered, "${page.title}: ${button.label} is not in $offered")
        }
    }

    @Test
    fun noChapterIsAboutAPageThatDoesNotExist() {
        assertEquals(emptySet<String>(), chapters.keys - pages.map(Page::title).toSet())
    }
}
