package shikaku.app.presenter

import java.nio.file.Path
import javax.xml.parsers.DocumentBuilderFactory
import org.w3c.dom.Element

/** The app's folder in the tree. */
val APP: Path = Path.of(System.getProperty("user.dir")).resolve("../../android/app/src/main").normalize()

/** The texts of one language as the app carries them. */
class Texts(override val language: Language, folder: String) : Words {
    /** Every text by its key, in the order of the file. */
    val all: Map<String, String> = DocumentBuilderFactory.newInstance().newDocumentBuilder()
        .parse(APP.resolve("res/$folder/strings.xml").toFile())
        .getElementsByTagName("string")
        .let { list -> (0 until list.length).map { list.item(it) as Element } }
        .associate { it.getAttribute("name") to it.textContent.replace("\\'", "'") }

    override fun say(word: Word, vararg arguments: Any): String = all.getValue(word.resource).format(*arguments)

    companion object {
        val JAPANESE = Texts(Language.JAPANESE, "values-ja")
        val ENGLISH = Texts(Language.ENGLISH, "values")
        val BOTH = listOf(JAPANESE, ENGLISH)
    }
}
