package shikaku.app.presenter

import java.nio.file.Files
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test

/** Both languages are whole, and neither has a word too much. */
class TextsTest {
    @Test
    fun everyWordHasATextInEveryLanguage() {
        val keys = listOf("language") + Word.entries.map(Word::resource)
        for (texts in Texts.BOTH) {
            assertEquals(keys, texts.all.keys.toList(), texts.language.name)
            assertTrue(texts.all.values.none(String::isBlank), texts.language.name)
        }
        assertEquals(listOf("ja", "en"), Texts.BOTH.map { it.all["language"] })
    }

    @Test
    fun everyTextHasTheSamePlacesInEveryLanguage() {
        val place = Regex("%\\d+\\$[ds]")
        for (word in Word.entries) {
            val (japanese, english) = Texts.BOTH.map { texts ->
                place.findAll(texts.all.getValue(word.resource)).map { it.value }.sorted().toList()
            }
            assertEquals(japanese, english, word.name)
        }
    }

    @Test
    fun noTextIsLeftOver() {
        val sources = Files.walk(APP).use { paths ->
            paths.filter { it.toString().endsWith(".kt") || it.endsWith("AndroidManifest.xml") }
                .toList().joinToString("\n", transform = Files::readString)
        }
        val unused = Word.entries.filter { "Word.$it" !in sources && "@string/${it.resource}" !in sources }
        assertEquals(emptyList<Word>(), unused)
    }
}
