package shikaku.card

import android.app.Activity
import android.content.Context
import android.nfc.NfcAdapter
import android.nfc.Tag
import android.nfc.TagLostException
import android.nfc.tech.IsoDep
import android.os.Bundle
import java.io.IOException
import shikaku.core.Fault
import shikaku.core.ReaderLimits

/** Whether this device can read cards by itself. */
enum class NfcState {
    /** It can. */
    READY,

    /** Its NFC is switched off; the person can switch it on. */
    OFF,

    /** It has none. */
    ABSENT,
}

/**
 * What is done with a card that came: its tap, from the first command to the last. The card is let go when it returns,
 * and only then what it returned is done.
 *
 * `family` is what the card says of its kind, in hexadecimal, or empty; never what tells one card from another.
 */
fun interface CardFound {
    fun tap(card: Transceiver, limits: ReaderLimits, family: String): () -> Unit
}

/**
 * Cards held to this device.
 *
 * While it runs the device reads and does nothing else with NFC: no other app is started by a card, and this
 * device shows itself as no card. [onCard] is called on a thread of the system and may take as long as a tap takes.
 */
class NfcReader(
    private val activity: Activity,
    private val onCard: CardFound,
) {
    private val adapter: NfcAdapter? = NfcAdapter.getDefaultAdapter(activity)

    /** Begins to look for cards; false if this device cannot. */
    fun start(): Boolean {
        val adapter = adapter?.takeIf { it.isEnabled } ?: return false
        // The system looks whether the card is still there by speaking to it, which would fall into the tap.
        val extras = Bundle().apply { putInt(NfcAdapter.EXTRA_READER_PRESENCE_CHECK_DELAY, PRESENCE_MS) }
        adapter.enableReaderMode(activity, ::found, FLAGS, extras)
        return true
    }

    /** Stops looking, and lets go of the field. */
    fun stop() {
        adapter?.disableReaderMode(activity)
    }

    private fun found(tag: Tag) {
        val card = IsoDep.get(tag)
        // Something that speaks no ISO 7816: to a tap there is no card.
        val afterwards = if (card == null) missing(Fault.CARD_ABSENT) else tap(card)
        afterwards()
    }

    private fun tap(card: IsoDep): () -> Unit {
        val limits = ifThere {
            card.connect()
            card.timeout = TIMEOUT_MS
            limits(card.isExtendedLengthApduSupported)
        }
        try {
            return if (limits == null) missing(Fault.TAG_LOST) else onCard.tap(IsoDepCard(card), limits, family(card))
        } finally {
            ifThere(card::close)
        }
    }

    private fun missing(fault: Fault) = onCard.tap({ Answer.None(fault) }, limits(false), "")

    /** Historical bytes of type A; of type B what ATTRIB brought, which cards of one kind have in common. */
    private fun family(card: IsoDep): String =
        (card.historicalBytes ?: card.hiLayerResponse ?: ByteArray(0)).joinToString("") { "%02x".format(it) }

    private fun limits(hasExtendedLength: Boolean) =
        ReaderLimits(extendedLength = hasExtendedLength, shortRead = SHORT_READ)

    companion object {
        /** My Number cards are of type B; phones that carry the certificate may be of type A. */
        private const val FLAGS = NfcAdapter.FLAG_READER_NFC_B or NfcAdapter.FLAG_READER_NFC_A or
            NfcAdapter.FLAG_READER_SKIP_NDEF_CHECK or NfcAdapter.FLAG_READER_NO_PLATFORM_SOUNDS
        private const val PRESENCE_MS = 10_000

        /** A whole command, its answer included: the slowest cards take a second and a half to sign. */
        internal const val TIMEOUT_MS = 5_000
        private val SHORT_READ: UShort = 256u

        /** What this device has. */
        fun state(context: Context): NfcState {
            val adapter = NfcAdapter.getDefaultAdapter(context) ?: return NfcState.ABSENT
            return if (adapter.isEnabled) NfcState.READY else NfcState.OFF
        }
    }
}

/** What a card gives; null if it is there no longer, also because another one came into the field since. */
private fun <T> ifThere(ask: () -> T): T? = try {
    ask()
} catch (_: IOException) {
    null
} catch (_: SecurityException) {
    null
}

/** A card in the field. */
private class IsoDepCard(private val card: IsoDep) : Transceiver {
    override fun transceive(command: ByteArray): Answer {
        val begin = System.nanoTime()
        return try {
            Answer.Response(card.transceive(command))
        } catch (_: TagLostException) {
            Answer.None(Fault.TAG_LOST)
        } catch (_: SecurityException) {
            // Another card came into the field since: this one is not there any more.
            Answer.None(Fault.TAG_LOST)
        } catch (_: IOException) {
            val elapsed = (System.nanoTime() - begin) / 1_000_000
            Answer.None(
                when {
                    elapsed >= NfcReader.TIMEOUT_MS -> Fault.TIMEOUT
                    ifThere(card::isConnected) == true -> Fault.READER_FAILED
                    else -> Fault.TAG_LOST
                },
            )
        }
    }
}
