package shikaku.card

import android.content.Context
import android.content.pm.PackageManager
import android.security.keystore.KeyGenParameterSpec
import android.security.keystore.KeyProperties
import java.security.GeneralSecurityException
import java.security.KeyPairGenerator
import java.security.KeyStore
import java.security.PrivateKey
import java.security.ProviderException
import java.security.Signature
import java.security.cert.Certificate
import java.security.spec.ECGenParameterSpec

/** The device's key: made in the device's secure hardware, and never outside it. */
class DeviceKey private constructor(private val key: PrivateKey, private val chain: List<Certificate>) {
    /** Its public key, SPKI DER. */
    val publicKey: ByteArray get() = chain.first().publicKey.encoded

    /** What the hardware says of the key, its own certificate first; each in DER. */
    val attestation: List<ByteArray> get() = chain.map(Certificate::getEncoded)

    /** Signs [message] with ECDSA over P-256 and SHA-256: r and s, 64 octets. */
    @Throws(GeneralSecurityException::class)
    fun sign(message: ByteArray): ByteArray {
        val signature = Signature.getInstance("SHA256withECDSA").run {
            initSign(key)
            update(message)
            sign()
        }
        return EcdsaSignature.raw(signature) ?: throw GeneralSecurityException("the signature is not one of P-256")
    }

    companion object {
        private const val STORE = "AndroidKeyStore"

        /** The key of this name; null if there is none. A key store in trouble throws: that may pass. */
        @Throws(GeneralSecurityException::class)
        fun open(name: String): DeviceKey? {
            val store = store()
            val key = store.getKey(name, null) as? PrivateKey
            val chain = store.getCertificateChain(name)?.toList().orEmpty()
            return key?.takeIf { chain.isNotEmpty() }?.let { DeviceKey(it, chain) }
        }

        /**
         * Makes a key of this name, in place of one that is there. [challenge] is the service's nonce, which the
         * attestation repeats: 1 to 128 octets, or null for none. A device with StrongBox keeps it there, others in
         * their TEE. Hardware that was given no keys to attest with makes none with a challenge.
         */
        @Throws(GeneralSecurityException::class)
        fun make(context: Context, name: String, challenge: ByteArray?): DeviceKey {
            val hasStrongBox = context.packageManager.hasSystemFeature(PackageManager.FEATURE_STRONGBOX_KEYSTORE)
            try {
                generate(name, challenge, hasStrongBox)
            } catch (unavailable: ProviderException) {
                // Some devices have it full, or without this curve, and say so in whichever way.
                if (!hasStrongBox) throw unavailable
                generate(name, challenge, false)
            }
            return open(name) ?: throw GeneralSecurityException("the key store lost the key that it made")
        }

        /** Forgets the key of this name. */
        fun erase(name: String) = store().deleteEntry(name)

        private fun generate(name: String, challenge: ByteArray?, inStrongBox: Boolean) {
            val specification = KeyGenParameterSpec.Builder(name, KeyProperties.PURPOSE_SIGN)
                .setAlgorithmParameterSpec(ECGenParameterSpec("secp256r1"))
                .setDigests(KeyProperties.DIGEST_SHA256)
                .setAttestationChallenge(challenge)
                .setIsStrongBoxBacked(inStrongBox)
                .build()
            KeyPairGenerator.getInstance(KeyProperties.KEY_ALGORITHM_EC, STORE).run {
                initialize(specification)
                generateKeyPair()
            }
        }

        private fun store(): KeyStore = KeyStore.getInstance(STORE).apply { load(null) }
    }
}
