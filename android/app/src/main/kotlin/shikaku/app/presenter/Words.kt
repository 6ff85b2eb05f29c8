package shikaku.app.presenter

import shikaku.core.Told

/** The app's own words in the language of the device. */
interface Words {
    val language: Language

    /** [arguments] are put where the text has its places. */
    fun say(word: Word, vararg arguments: Any): String
}

enum class Language { JAPANESE, ENGLISH }

/** What happened, in the language of the device. */
fun Words.cause(told: Told) = if (language == Language.JAPANESE) told.causeJa else told.causeEn

/** What to do next, in the language of the device. */
fun Words.remedy(told: Told) = if (language == Language.JAPANESE) told.remedyJa else told.remedyEn
