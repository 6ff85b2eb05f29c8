package shikaku.app

import android.app.Activity
import android.content.Context
import java.util.concurrent.Executors
import shikaku.app.presenter.Equipment
import shikaku.app.presenter.Session
import shikaku.card.NfcReader
import shikaku.card.NfcState
import shikaku.card.UsbCards
import shikaku.card.UsbDevices
import shikaku.core.Fault
import shikaku.core.Unusable

/** All that reads cards at this device, while its screen is in front. On the main thread. */
class CardReaders(activity: Activity, private val session: Session) {
    private val nfc = NfcReader(activity, session.taps)
    private val devices = UsbDevices(activity)

    // One after the other: the next wait begins when the last one has let its reader go.
    private val usbThread = Executors.newSingleThreadExecutor { Thread(it, "usb").apply { isDaemon = true } }
    private var usb: UsbCards? = null
    private var isInFront = false

    fun resume() {
        isInFront = true
        // Also while nobody is awaited: a card that is laid down early starts no other app.
        nfc.start()
    }

    fun pause() {
        isInFront = false
        nfc.stop()
    }

    /** Anew: a card that lies there already is found by that. */
    fun await() {
        if (isInFront) {
            nfc.stop()
            nfc.start()
        }
        usb?.stop()
        val cards = UsbCards(devices.candidates(), session.taps)
        usb = cards
        usbThread.execute { cards.await()?.let { session.readerUnusable(it.code, fault(it.reason)) } }
    }

    fun letGo() {
        usb?.stop()
        usb = null
    }

    fun close() {
        letGo()
        usbThread.shutdown()
    }

    private fun fault(reason: Unusable): Fault = when (reason) {
        Unusable.Absent -> Fault.READER_ABSENT
        Unusable.Busy, Unusable.PermissionRefused -> Fault.READER_BUSY
        is Unusable.Unsupported -> Fault.READER_FAILED
    }
}

/** What this device reads cards with now. */
fun equipment(context: Context): Equipment {
    val devices = UsbDevices(context)
    val nfc = when (NfcReader.state(context)) {
        NfcState.READY -> Equipment.Nfc.READY
        NfcState.OFF -> Equipment.Nfc.OFF
        NfcState.ABSENT -> Equipment.Nfc.ABSENT
    }
    return Equipment(nfc, devices.isHost, devices.candidates().isNotEmpty())
}
