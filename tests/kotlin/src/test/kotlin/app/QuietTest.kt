package shikaku.app.presenter

import java.nio.file.Files
import javax.xml.parsers.DocumentBuilderFactory
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.w3c.dom.Element

/** Nothing of a person leaves the app by ways that nobody thought of. */
class QuietTest {
    private val sources = listOf(APP, APP.resolve("../../../library/src/main").normalize()).flatMap { folder ->
        Files.walk(folder).use { paths -> paths.filter { it.toString().endsWith(".kt") }.toList() }
    }

    private val manifest: Element = DocumentBuilderFactory.newInstance().newDocumentBuilder()
        .parse(APP.resolve("AndroidManifest.xml").toFile()).documentElement

    private fun elements(name: String): List<Element> =
        manifest.getElementsByTagName(name).run { (0 until length).map { item(it) as Element } }

    @Test
    fun nothingIsLogged() {
        assertTrue(sources.size > 30)
        val loud = Regex("android\\.util\\.Log|\\bLog\\.[a-z]|println|printStackTrace|System\\.(out|err)|java\\.util\\.logging")
        assertEquals(emptyList<Any>(), sources.filter { loud.containsMatchIn(Files.readString(it)) })
    }

    @Test
    fun thePinIsNowhereMadeText() {
        val pad = Files.readString(sources.single { it.endsWith("presenter/Pad.kt") })
        assertTrue("String" !in pad && "decode" !in pad)
        val page = Item.Pad(Pad.PLAIN, 2, Pad.LENGTH, true, "", "")
        assertEquals(0, page.javaClass.declaredFields.count { it.type == ByteArray::class.java })
    }

    @Test
    fun nothingIsBackedUpAndNobodyElseComesIn() {
        val application = elements("application").single()
        assertEquals("false", application.getAttribute("android:allowBackup"))
        assertEquals("@xml/nothing_leaves", application.getAttribute("android:dataExtractionRules"))
        val open = listOf("activity", "provider", "service", "receiver").flatMap(::elements)
            .filter { it.getAttribute("android:exported") != "false" }
        assertEquals(listOf("shikaku.app.MainActivity"), open.map { it.getAttribute("android:name") })
    }

    @Test
    fun noPictureOfTheScreenIsTaken() {
        val activity = Files.readString(sources.single { it.endsWith("MainActivity.kt") })
        assertTrue("addFlags(WindowManager.LayoutParams.FLAG_SECURE)" in activity)
        assertTrue("clearFlags(WindowManager.LayoutParams.FLAG_SECURE" !in activity)
    }
}
