package shikaku.app.presenter

import kotlin.math.pow
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test

/** Contrast as WCAG 2.2 computes it. */
class PaletteTest {
    private fun luminance(colour: Int): Double {
        val (red, green, blue) = listOf(16, 8, 0).map { shift ->
            val part = (colour shr shift and 0xFF) / 255.0
            if (part <= 0.04045) part / 12.92 else ((part + 0.055) / 1.055).pow(2.4)
        }
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue
    }

    private fun contrast(ink: Ink): Double {
        val (dark, light) = listOf(luminance(ink.text), luminance(ink.ground)).sorted()
        return (light + 0.05) / (dark + 0.05)
    }

    @Test
    fun blackOnWhiteIsTwentyOneToOne() {
        assertEquals(21.0, contrast(Ink(0xFF000000.toInt(), 0xFFFFFFFF.toInt())), 1e-9)
    }

    @Test
    fun everythingCanBeReadInBothThemes() {
        for (palette in listOf(Palette.LIGHT, Palette.DARK)) {
            val inks = palette.run {
                listOf(page, faint, card, first, other, grave, closed, marking, good, bad, attention, reference)
            }
            // As many as the palette has: none is forgotten here.
            assertEquals(Palette::class.java.declaredFields.count { it.type == Ink::class.java }, inks.size)
            for (ink in inks) {
                assertTrue(contrast(ink) >= 4.5, "%08x on %08x: %.2f".format(ink.text, ink.ground, contrast(ink)))
                assertEquals(0xFF, ink.text ushr 24 and (ink.ground ushr 24), "opaque")
            }
        }
    }
}
