package shikaku.app.presenter

import shikaku.core.Tone

/** What is written, and on what; opaque ARGB. */
data class Ink(val text: Int, val ground: Int)

/**
 * Colours by what they mean. Whatever is written on them can be read at 4.5 : 1 at least, and no colour is the only
 * sign of anything.
 */
data class Palette(
    val page: Ink,
    /** Small print on the page. */
    val faint: Ink,
    val card: Ink,
    val first: Ink,
    val other: Ink,
    val grave: Ink,
    /** What cannot be pressed now. */
    val closed: Ink,
    val marking: Ink,
    val good: Ink,
    val bad: Ink,
    val attention: Ink,
    val reference: Ink,
) {
    fun of(tone: Tone?): Ink = when (tone) {
        Tone.GOOD -> good
        Tone.BAD -> bad
        Tone.ATTENTION -> attention
        Tone.REFERENCE -> reference
        null -> card
    }

    fun of(rank: Rank): Ink = when (rank) {
        Rank.FIRST -> first
        Rank.OTHER -> other
        Rank.GRAVE -> grave
    }

    companion object {
        val LIGHT = Palette(
            page = ink(0x1B1F24, 0xF6F7F9),
            faint = ink(0x50575F, 0xF6F7F9),
            card = ink(0x1B1F24, 0xFFFFFF),
            first = ink(0xFFFFFF, 0x0B5394),
            other = ink(0x0B4A84, 0xDDE7F2),
            grave = ink(0xFFFFFF, 0xA3261B),
            closed = ink(0x5A616A, 0xE3E6EA),
            marking = ink(0xFFFFFF, 0x5B3A8E),
            good = ink(0xFFFFFF, 0x166B3A),
            bad = ink(0xFFFFFF, 0xA3261B),
            attention = ink(0x2B1D00, 0xFFC94D),
            reference = ink(0xFFFFFF, 0x5B3A8E),
        )
        val DARK = Palette(
            page = ink(0xE8EAED, 0x14171B),
            faint = ink(0xA9B0B8, 0x14171B),
            card = ink(0xE8EAED, 0x20252B),
            first = ink(0x06233D, 0x8EC5FF),
            other = ink(0xBBDCFF, 0x2A3642),
            grave = ink(0x3B0500, 0xFFA79C),
            closed = ink(0x9AA2AB, 0x262B31),
            marking = ink(0x23103F, 0xCDB4FF),
            good = ink(0x00210D, 0x6FD896),
            bad = ink(0x3B0500, 0xFFA79C),
            attention = ink(0x2B1D00, 0xFFC94D),
            reference = ink(0x23103F, 0xCDB4FF),
        )

        private fun ink(text: Int, ground: Int) = Ink(OPAQUE or text, OPAQUE or ground)

        private const val OPAQUE = 0xFF shl 24
    }
}
