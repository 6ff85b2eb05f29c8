package shikaku.card

import java.io.IOException
import java.io.InputStream
import java.io.OutputStream
import java.net.InetAddress
import java.net.ServerSocket
import java.net.Socket
import java.util.concurrent.ConcurrentHashMap
import java.util.concurrent.atomic.AtomicInteger
import kotlin.concurrent.thread

/** What lies between the devices and the service: carries octets, and fails as networks fail. */
class Network {
    private enum class State { UP, DOWN, CUTTING, STUCK }

    private val loopback = InetAddress.getByName("127.0.0.1")
    private val entrance = ServerSocket(0, 50, loopback)
    private val lines = ConcurrentHashMap.newKeySet<Line>()

    @Volatile
    private var state = State.UP

    /** Where the service listens. */
    @Volatile
    var service = 0

    /** Where the devices reach it. */
    val port: Int get() = entrance.localPort

    /** Answers of the service that were cut off. */
    val cut = AtomicInteger()

    init {
        thread(isDaemon = true) {
            while (true) {
                val device = entrance.accept()
                if (state == State.DOWN) device.close() else take(device)
            }
        }
    }

    /** Carries everything. */
    fun up() {
        if (state == State.STUCK) lines.forEach(Line::close)
        state = State.UP
    }

    /** Carries nothing: every connection breaks, and no new one comes about. */
    fun down() {
        state = State.DOWN
        lines.forEach(Line::close)
    }

    /** Carries requests over the connections that are there, and goes down with the first octet of an answer. */
    fun cutTheNextAnswer() {
        state = State.CUTTING
    }

    /** Swallows everything; connections stay. */
    fun swallow() {
        state = State.STUCK
    }

    private fun take(device: Socket) {
        try {
            lines += Line(device, Socket(loopback, service))
        } catch (_: IOException) {
            // There is no service: the device sees its connection closed.
            device.close()
        }
    }

    private inner class Line(private val device: Socket, private val service: Socket) {
        init {
            for (socket in listOf(device, service)) socket.tcpNoDelay = true
            thread(isDaemon = true) { carry(device.getInputStream(), service.getOutputStream()) { true } }
            thread(isDaemon = true) { carry(service.getInputStream(), device.getOutputStream(), ::mayPass) }
        }

        private fun mayPass(): Boolean {
            if (state != State.CUTTING) return true
            cut.incrementAndGet()
            down()
            return false
        }

        private fun carry(from: InputStream, to: OutputStream, mayPass: () -> Boolean) {
            val octets = ByteArray(1 shl 14)
            try {
                while (true) {
                    val count = from.read(octets)
                    if (count < 0) break
                    if (state != State.STUCK && mayPass()) to.write(octets, 0, count)
                }
            } catch (_: IOException) {
                // Broken, from whichever side.
            }
            close()
        }

        fun close() {
            lines -= this
            device.close()
            service.close()
        }
    }
}
