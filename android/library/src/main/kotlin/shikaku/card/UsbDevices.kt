package shikaku.card

import android.app.PendingIntent
import android.content.BroadcastReceiver
import android.content.Context
import android.content.Intent
import android.content.IntentFilter
import android.hardware.usb.UsbConstants
import android.hardware.usb.UsbDevice
import android.hardware.usb.UsbDeviceConnection
import android.hardware.usb.UsbEndpoint
import android.hardware.usb.UsbInterface
import android.hardware.usb.UsbManager
import android.os.Build
import java.util.concurrent.CountDownLatch
import java.util.concurrent.TimeUnit
import shikaku.core.Endpoint
import shikaku.core.Fault

/** The card readers that are plugged into this device. */
class UsbDevices(context: Context) {
    /** Not an activity, which may be gone before somebody answers the system's question. */
    private val context: Context = context.applicationContext
    private val manager: UsbManager? = context.getSystemService(UsbManager::class.java)

    /** Whether this device can have USB readers at all. */
    val isHost: Boolean
        get() = context.packageManager.hasSystemFeature("android.hardware.usb.host") && manager != null

    /** What looks like a card reader, in no order. */
    fun candidates(): List<UsbCandidate> {
        val manager = manager ?: return emptyList()
        return manager.deviceList.values.filter(::isCardReader).map { Candidate(context, manager, it) }
    }

    private fun isCardReader(device: UsbDevice): Boolean =
        (0 until device.interfaceCount).any { device.getInterface(it).interfaceClass == UsbConstants.USB_CLASS_CSCID }
}

private class Candidate(
    private val context: Context,
    private val manager: UsbManager,
    private val device: UsbDevice,
) : UsbCandidate {
    /** Not to be called on the main thread: the answer comes there. */
    override fun isPermitted(): Boolean {
        if (manager.hasPermission(device)) return true
        val answered = CountDownLatch(1)
        val receiver = object : BroadcastReceiver() {
            override fun onReceive(context: Context, intent: Intent) = answered.countDown()
        }
        val filter = IntentFilter(PERMISSION)
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.TIRAMISU) {
            context.registerReceiver(receiver, filter, Context.RECEIVER_NOT_EXPORTED)
        } else {
            context.registerReceiver(receiver, filter)
        }
        try {
            manager.requestPermission(device, answer())
            answered.await(PERMISSION_SECONDS, TimeUnit.SECONDS)
        } finally {
            context.unregisterReceiver(receiver)
        }
        // The manager knows; what the broadcast says could come from elsewhere.
        return manager.hasPermission(device)
    }

    override fun open(): UsbPipe? = manager.openDevice(device)?.let { DevicePipe(manager, device, it) }

    private fun answer(): PendingIntent {
        val intent = Intent(PERMISSION).setPackage(context.packageName)
        // The system writes into the intent whether permission was given, so it has to be mutable.
        val flags = if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.S) PendingIntent.FLAG_MUTABLE else 0
        return PendingIntent.getBroadcast(context, 0, intent, flags)
    }

    private companion object {
        const val PERMISSION = "shikaku.card.USB_PERMISSION"
        const val PERMISSION_SECONDS = 60L
    }
}

/** Bulk transfers of an open device. */
private class DevicePipe(
    private val manager: UsbManager,
    private val device: UsbDevice,
    private val connection: UsbDeviceConnection,
) : UsbPipe {
    private var claimed: UsbInterface? = null
    private var bulkOut: UsbEndpoint? = null
    private var bulkIn: UsbEndpoint? = null
    private var interrupt: UsbEndpoint? = null

    override val descriptors: ByteArray get() = connection.rawDescriptors ?: ByteArray(0)

    override fun claim(number: Int, bulkOut: Endpoint, bulkIn: Endpoint, interrupt: Endpoint?): Boolean {
        val found = (0 until device.interfaceCount).map(device::getInterface).firstOrNull { it.id == number }
        // `force` lets go of a driver of the kernel, never of another app.
        if (found == null || !connection.claimInterface(found, true)) return false
        claimed = found
        this.bulkOut = found.endpoint(bulkOut)
        this.bulkIn = found.endpoint(bulkIn)
        this.interrupt = interrupt?.let { found.endpoint(it) }
        return this.bulkOut != null && this.bulkIn != null
    }

    override fun write(message: ByteArray) {
        val sent = transfer(bulkOut, message, WRITE_MS)
        if (sent != message.size) throw TransferBroken(Fault.READER_FAILED)
    }

    override fun read(most: Int, withinMs: Int): ByteArray {
        val room = ByteArray(most)
        val octets = room.copyOf(transfer(bulkIn, room, withinMs))
        room.fill(0)
        return octets
    }

    override fun interrupt(withinMs: Int): ByteArray {
        val endpoint = interrupt ?: return ByteArray(0)
        val room = ByteArray(endpoint.maxPacketSize)
        return room.copyOf(transfer(endpoint, room, withinMs))
    }

    override fun close() {
        claimed?.let(connection::releaseInterface)
        connection.close()
    }

    /** The framework says of every failure -1; what it was is told by whether the device is there and by the time. */
    private fun transfer(endpoint: UsbEndpoint?, octets: ByteArray, withinMs: Int): Int {
        val begin = System.nanoTime()
        val moved = connection.bulkTransfer(endpoint, octets, octets.size, withinMs)
        if (moved >= 0) return moved
        val elapsed = (System.nanoTime() - begin) / 1_000_000
        throw TransferBroken(
            when {
                device.deviceName !in manager.deviceList -> Fault.READER_ABSENT
                elapsed >= withinMs -> Fault.TIMEOUT
                else -> Fault.READER_FAILED
            },
        )
    }

    private fun UsbInterface.endpoint(end: Endpoint): UsbEndpoint? =
        (0 until endpointCount).map(::getEndpoint).firstOrNull { it.address == end.address.toInt() }

    private companion object {
        const val WRITE_MS = 5_000
    }
}
