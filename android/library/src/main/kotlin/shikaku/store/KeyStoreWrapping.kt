package shikaku.store

import android.content.Context
import android.content.pm.PackageManager
import android.security.keystore.KeyGenParameterSpec
import android.security.keystore.KeyPermanentlyInvalidatedException
import android.security.keystore.KeyProperties
import java.security.GeneralSecurityException
import java.security.KeyStore
import java.security.ProviderException
import javax.crypto.AEADBadTagException
import javax.crypto.Cipher
import javax.crypto.KeyGenerator
import javax.crypto.SecretKey
import javax.crypto.spec.GCMParameterSpec
import shikaku.core.PlatformException

/** AES-256-GCM under a key of Android's key store: nonce (12 octets), ciphertext, tag. */
class KeyStoreWrapping(private val context: Context) : Wrapping {
    override fun wrap(secret: ByteArray): ByteArray = guarded {
        val cipher = Cipher.getInstance(TRANSFORMATION)
        cipher.init(Cipher.ENCRYPT_MODE, key() ?: make())
        cipher.iv + cipher.doFinal(secret)
    }

    override fun unwrap(wrapped: ByteArray): ByteArray = guarded {
        if (wrapped.size <= NONCE) throw PlatformException.KeyLost()
        val cipher = Cipher.getInstance(TRANSFORMATION)
        val nonce = GCMParameterSpec(TAG_BITS, wrapped, 0, NONCE)
        cipher.init(Cipher.DECRYPT_MODE, key() ?: throw PlatformException.KeyLost(), nonce)
        cipher.doFinal(wrapped, NONCE, wrapped.size - NONCE)
    }

    private fun key(): SecretKey? = KeyStore.getInstance(STORE).apply { load(null) }.getKey(NAME, null) as? SecretKey

    private fun make(): SecretKey {
        val hasStrongBox = context.packageManager.hasSystemFeature(PackageManager.FEATURE_STRONGBOX_KEYSTORE)
        return try {
            generate(hasStrongBox)
        } catch (unavailable: ProviderException) {
            if (!hasStrongBox) throw unavailable
            generate(false)
        }
    }

    private fun generate(inStrongBox: Boolean): SecretKey {
        val purposes = KeyProperties.PURPOSE_ENCRYPT or KeyProperties.PURPOSE_DECRYPT
        val specification = KeyGenParameterSpec.Builder(NAME, purposes)
            .setBlockModes(KeyProperties.BLOCK_MODE_GCM)
            .setEncryptionPaddings(KeyProperties.ENCRYPTION_PADDING_NONE)
            .setKeySize(256)
            .setIsStrongBoxBacked(inStrongBox)
            .build()
        return KeyGenerator.getInstance(KeyProperties.KEY_ALGORITHM_AES, STORE).run {
            init(specification)
            generateKey()
        }
    }

    /** A key that is gone or another one by now opens nothing, ever; all other trouble may pass. */
    private fun guarded(work: () -> ByteArray): ByteArray = try {
        work()
    } catch (_: KeyPermanentlyInvalidatedException) {
        throw PlatformException.KeyLost()
    } catch (_: AEADBadTagException) {
        throw PlatformException.KeyLost()
    } catch (_: GeneralSecurityException) {
        throw PlatformException.Unavailable()
    } catch (_: ProviderException) {
        throw PlatformException.Unavailable()
    }

    private companion object {
        const val STORE = "AndroidKeyStore"
        const val NAME = "shikaku.wrap"
        const val TRANSFORMATION = "AES/GCM/NoPadding"
        const val NONCE = 12
        const val TAG_BITS = 128
    }
}
