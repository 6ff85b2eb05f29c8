package shikaku.card

import java.security.KeyPairGenerator
import java.security.Signature
import java.security.spec.ECGenParameterSpec
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test

class EcdsaSignatureTest {
    private val keys = KeyPairGenerator.getInstance("EC").apply { initialize(ECGenParameterSpec("secp256r1")) }
        .generateKeyPair()

    private fun sign(message: ByteArray): ByteArray = Signature.getInstance("SHA256withECDSA").run {
        initSign(keys.private)
        update(message)
        sign()
    }

    @Test
    fun whatTheKeyStoreGivesIsASignatureInTheFormOfTheWire() {
        // Enough of them that r and s are met with and without a zero in front, and shorter than 32 octets.
        val lengths = mutableSetOf<Int>()
        repeat(2_000) { round ->
            val message = "message $round".toByteArray()
            val der = sign(message)
            lengths += der.size
            val raw = checkNotNull(EcdsaSignature.raw(der))
            val isGood = Signature.getInstance("SHA256withECDSAinP1363Format").run {
                initVerify(keys.public)
                update(message)
                verify(raw)
            }
            assertTrue(isGood, hex(der))
        }
        assertTrue(lengths.size >= 4, "$lengths")
    }

    @Test
    fun aShortIntegerIsFilledUpFromTheLeft() {
        val raw = EcdsaSignature.raw(octets("3006020105020107"))
        assertEquals("00".repeat(31) + "05" + "00".repeat(31) + "07", raw?.let(::hex))
    }

    @Test
    fun whatIsNoSignatureOfP256IsNone() {
        val good = sign(ByteArray(1))
        for (length in good.indices) assertNull(EcdsaSignature.raw(good.copyOf(length)))
        assertNull(EcdsaSignature.raw(good + 0))
        assertNull(EcdsaSignature.raw(octets("3006020185020107")))
        assertNull(EcdsaSignature.raw(octets("30260221017F" + "00".repeat(31) + "020107")))
        assertNull(EcdsaSignature.raw(octets("30060201050A0107")))
    }
}
