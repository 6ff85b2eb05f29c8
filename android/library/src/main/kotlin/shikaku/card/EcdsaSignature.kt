package shikaku.card

/** Signatures of P-256 as the key store gives them (`SEQUENCE { r INTEGER, s INTEGER }`) and as the wire wants them. */
object EcdsaSignature {
    private const val SEQUENCE = 0x30
    private const val INTEGER = 0x02
    private const val COORDINATE = 32

    /** r and s, 32 octets each; null if [der] is not a whole signature of P-256. */
    fun raw(der: ByteArray): ByteArray? {
        // Two integers of 33 octets at most: the short form of every length suffices.
        if (der.size < 2 || der[0].toInt() != SEQUENCE || der[1].toInt() != der.size - 2) return null
        val raw = ByteArray(2 * COORDINATE)
        val behindR = integer(der, 2, raw, COORDINATE) ?: return null
        val behindS = integer(der, behindR, raw, 2 * COORDINATE) ?: return null
        return raw.takeIf { behindS == der.size }
    }

    /** Writes the integer at [at] so that it ends before [end]; where the next one begins, or null. */
    private fun integer(der: ByteArray, at: Int, into: ByteArray, end: Int): Int? {
        if (at + 2 > der.size || der[at].toInt() != INTEGER) return null
        val length = der[at + 1].toInt()
        val behind = at + 2 + length
        if (length < 1 || behind > der.size || der[at + 2] < 0) return null
        // A zero in front keeps an integer positive; it is none of its octets.
        val begin = if (length > COORDINATE && der[at + 2].toInt() == 0) at + 3 else at + 2
        if (behind - begin > COORDINATE) return null
        der.copyInto(into, end - (behind - begin), begin, behind)
        return behind
    }
}
