package shikaku.card

import java.security.KeyPair
import java.security.KeyPairGenerator
import java.security.Signature
import java.security.spec.ECGenParameterSpec
import java.util.concurrent.ConcurrentSkipListMap
import shikaku.core.Attestation
import shikaku.core.PlatformException
import shikaku.core.SealedStorage

/** Keys in memory, in place of a phone's secure hardware. */
class MemoryKeys : shikaku.core.DeviceKey {
    private val keys = ConcurrentSkipListMap<String, KeyPair>()

    val names: List<String> get() = keys.keys.toList()

    /** The nonces that were to be attested. */
    val challenges = mutableListOf<ByteArray>()

    /** What is thrown in place of doing what is asked, by the name of what is asked. */
    @Volatile
    var trouble: (String) -> Throwable? = { null }

    fun lose() = keys.clear()

    override fun create(name: String, challenge: ByteArray?): Attestation? {
        trouble("create")?.let { throw it }
        challenge?.let(challenges::add)
        keys[name] = KeyPairGenerator.getInstance("EC").run {
            initialize(ECGenParameterSpec("secp256r1"))
            generateKeyPair()
        }
        return null
    }

    override fun publicKey(name: String): ByteArray? {
        trouble("publicKey")?.let { throw it }
        return keys[name]?.public?.encoded
    }

    override fun sign(name: String, message: ByteArray): ByteArray {
        trouble("sign")?.let { throw it }
        val key = keys[name] ?: throw PlatformException.KeyLost()
        val signature = Signature.getInstance("SHA256withECDSA").run {
            initSign(key.private)
            update(message)
            sign()
        }
        return EcdsaSignature.raw(signature) ?: throw PlatformException.Unavailable()
    }

    override fun erase(name: String) {
        trouble("erase")?.let { throw it }
        keys.remove(name)
    }
}

/** Records in memory; what a key store would encrypt is turned round. */
class MemoryStorage : SealedStorage {
    private val records = ConcurrentSkipListMap<String, ByteArray>()

    /** Whether nothing more can be written. */
    @Volatile
    var isFull = false

    /** What is thrown in place of writing and erasing. */
    @Volatile
    var trouble: () -> Throwable? = { null }

    val names: List<String> get() = records.keys.toList()

    /** Everything that is kept, one behind the other. */
    val octets: ByteArray get() = records.values.fold(ByteArray(0), ByteArray::plus)

    override fun read(name: String): ByteArray? = records[name]?.clone()

    override fun write(name: String, octets: ByteArray) {
        trouble()?.let { throw it }
        if (isFull) throw PlatformException.Unavailable()
        records[name] = octets.clone()
    }

    override fun erase(name: String) {
        trouble()?.let { throw it }
        records.remove(name)
    }

    override fun wrap(secret: ByteArray): ByteArray = secret.reversedArray()

    override fun unwrap(wrapped: ByteArray): ByteArray = wrapped.reversedArray()
}
