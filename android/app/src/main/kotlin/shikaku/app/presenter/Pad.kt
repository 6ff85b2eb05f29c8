package shikaku.app.presenter

import java.security.SecureRandom

/** The digits of a PIN or of a printed number while they are typed: in one place, as octets, and wiped. */
class Pad(private val random: SecureRandom = SecureRandom()) {
    private val digits = ByteArray(NUMBER.max())
    private var lengths = listOf(LENGTH)

    /** How many were typed. */
    var typed = 0
        private set

    /** The keys from the first to the last: as on a telephone, or in an order that nobody can guess. */
    var keys: List<Int> = PLAIN
        private set

    /** Whether as many were typed as there have to be. */
    val isWhole: Boolean get() = typed in lengths

    /** Begins anew, for as many digits as one of [lengths], in ascending order. */
    fun clear(isShuffled: Boolean, lengths: List<Int> = listOf(LENGTH)) {
        wipe()
        this.lengths = lengths
        keys = if (isShuffled) PLAIN.shuffled(random) else PLAIN
    }

    /** A digit more, 0 to 9; one too many is none. */
    fun type(digit: Int) {
        if (typed == lengths.last() || digit !in 0..9) return
        digits[typed] = ('0'.code + digit).toByte()
        typed += 1
    }

    fun erase() {
        if (typed == 0) return
        typed -= 1
        digits[typed] = 0
    }

    /** Hands the digits to [use], and wipes them, whatever comes of it; null if they are not all there. */
    fun <T> take(use: (ByteArray) -> T): T? {
        if (!isWhole) return null
        val whole = digits.copyOf(typed)
        return try {
            use(whole)
        } finally {
            whole.fill(0)
            wipe()
        }
    }

    fun wipe() {
        digits.fill(0)
        typed = 0
    }

    companion object {
        /** Digits of the PIN of a user certificate. */
        const val LENGTH = 4

        /** Digits of the printed birth date, and of 照合番号B. */
        val NUMBER = listOf(6, 14)
        val PLAIN = listOf(1, 2, 3, 4, 5, 6, 7, 8, 9, 0)
    }
}
