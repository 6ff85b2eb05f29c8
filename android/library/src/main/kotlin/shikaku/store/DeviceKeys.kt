package shikaku.store

import android.content.Context
import java.security.GeneralSecurityException
import java.security.ProviderException
import java.util.Base64
import shikaku.card.DeviceKey
import shikaku.core.Attestation
import shikaku.core.PlatformException

/** The device's keys in Android's key store, as the core asks for them. */
class DeviceKeys(private val context: Context) : shikaku.core.DeviceKey {
    override fun create(name: String, challenge: ByteArray?): Attestation? = guarded {
        challenge?.let { attested(name, it) } ?: run {
            DeviceKey.make(context, name, null)
            null
        }
    }

    override fun publicKey(name: String): ByteArray? = guarded { DeviceKey.open(name)?.publicKey }

    override fun sign(name: String, message: ByteArray): ByteArray = guarded {
        val key = DeviceKey.open(name) ?: throw PlatformException.KeyLost()
        key.sign(message)
    }

    override fun erase(name: String) = guarded { DeviceKey.erase(name) }

    /** Null where the device cannot attest keys: not every maker gives its devices what that takes. */
    private fun attested(name: String, challenge: ByteArray): Attestation? = try {
        val key = DeviceKey.make(context, name, challenge)
        Attestation("android-key", key.attestation.map(ENCODER::encodeToString))
    } catch (_: ProviderException) {
        null
    }

    private fun <T> guarded(work: () -> T): T = try {
        work()
    } catch (_: GeneralSecurityException) {
        throw PlatformException.Unavailable()
    } catch (_: ProviderException) {
        // So does a key store say that its service did not answer.
        throw PlatformException.Unavailable()
    }

    private companion object {
        val ENCODER: Base64.Encoder = Base64.getUrlEncoder().withoutPadding()
    }
}
