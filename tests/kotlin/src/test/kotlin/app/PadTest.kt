package shikaku.app.presenter

import org.junit.jupiter.api.Assertions.assertArrayEquals
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNotEquals
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Test

class PadTest {
    private fun typed(vararg digits: Int) = Pad().apply { digits.forEach(::type) }

    @Test
    fun fourDigitsAreHandedOnOnceAndWiped() {
        var seen: ByteArray? = null
        val pad = typed(8, 0, 6, 7, 9)
        assertEquals("8067", pad.take { digits -> String(digits).also { seen = digits } })
        assertArrayEquals(ByteArray(4), seen)
        assertNull(pad.take { "once more" })
        assertEquals(0, pad.typed)
    }

    @Test
    fun theyAreWipedAlsoWhenWhoTookThemFails() {
        var seen: ByteArray? = null
        val pad = typed(1, 2, 3, 4)
        assertThrows(IllegalStateException::class.java) {
            pad.take { digits ->
                seen = digits
                error("failed")
            }
        }
        assertArrayEquals(ByteArray(4), seen)
    }

    @Test
    fun threeDigitsAreNoPinAndNothingElseIsADigit() {
        val pad = typed(1, 2, 3, 10, -1)
        assertNull(pad.take { "taken" })
        assertEquals(3, pad.typed)
    }

    @Test
    fun anErasedDigitIsGone() {
        val pad = typed(1, 2, 3, 9)
        pad.erase()
        pad.type(4)
        assertEquals("1234", pad.take { String(it) })
        pad.erase()
        assertEquals(0, pad.typed)
    }

    @Test
    fun shuffledKeysAreTheSameTenInAnotherOrderEachTime() {
        val pad = Pad()
        assertEquals(listOf(1, 2, 3, 4, 5, 6, 7, 8, 9, 0), pad.keys)
        val orders = (1..50).map {
            pad.clear(isShuffled = true)
            assertEquals((0..9).toList(), pad.keys.sorted())
            pad.keys
        }
        // Two of fifty alike have a chance of one in three thousand.
        assertNotEquals(1, orders.distinct().size)
        assertEquals(0, pad.typed)
    }
}
