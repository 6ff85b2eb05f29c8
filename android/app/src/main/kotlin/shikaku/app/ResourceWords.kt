package shikaku.app

import android.content.Context
import shikaku.app.presenter.Language
import shikaku.app.presenter.Word
import shikaku.app.presenter.Words

/** The app's texts from its resources, in the language that [context] has now. */
class ResourceWords(private val context: Context) : Words {
    override val language: Language
        get() = if (text("language") == "ja") Language.JAPANESE else Language.ENGLISH

    override fun say(word: Word, vararg arguments: Any): String = text(word.resource, *arguments)

    private fun text(name: String, vararg arguments: Any): String {
        val id = context.resources.getIdentifier(name, "string", context.packageName)
        return context.getString(id, *arguments)
    }
}
