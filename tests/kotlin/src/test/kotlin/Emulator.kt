package shikaku.card

import java.io.DataInputStream
import java.net.InetAddress
import java.net.Socket
import java.nio.ByteBuffer
import java.nio.ByteOrder
import shikaku.core.Endpoint
import shikaku.core.Fault

/** The process that emulates USB readers; it ends with this one. */
object Emulator {
    private val process: Process =
        ProcessBuilder(System.getProperty("emulator")).redirectError(ProcessBuilder.Redirect.INHERIT).start()
    private val port: Int = process.inputStream.bufferedReader().readLine().toInt()

    /** A reader of kind [model] with [card] in it and [trouble] ahead. */
    fun plug(card: String = "default", model: String = "short", trouble: String = "-"): EmulatedReader =
        EmulatedReader(Socket(InetAddress.getLoopbackAddress(), port), "$card $model $trouble")
}

/** A reader behind a socket: a candidate, and its pipe once it is open. */
class EmulatedReader(private val socket: Socket, what: String) : UsbCandidate, UsbPipe {
    private val input = DataInputStream(socket.getInputStream())

    /** Arrays that were handed over to be written. */
    val written = mutableListOf<ByteArray>()
    var isClosed = false
        private set

    init {
        socket.tcpNoDelay = true
    }

    override val descriptors: ByteArray = ask('O', what.toByteArray())

    override fun isPermitted() = true

    override fun open(): UsbPipe = this

    override fun claim(number: Int, bulkOut: Endpoint, bulkIn: Endpoint, interrupt: Endpoint?) =
        number == 0 && bulkOut.address == 0x01.toUByte() && bulkIn.address == 0x82.toUByte() && interrupt != null

    override fun write(message: ByteArray) {
        written += message
        ask('W', message)
    }

    override fun read(most: Int, withinMs: Int): ByteArray = ask('R', integer(most))

    override fun interrupt(withinMs: Int): ByteArray = ask('I')

    /** Puts the card back that was pulled. */
    fun putCard() {
        ask('C')
    }

    /** Commands that the card heard, VERIFYs with a PIN or a printed number among them, tries left of the PIN. */
    fun journal(): Triple<Int, Int, String> {
        val (commands, verifications, tries) = String(ask('J')).split(' ')
        return Triple(commands.toInt(), verifications.toInt(), tries)
    }

    /** Tries left of the birth date, and of 照合番号B. */
    fun printedTries(): Pair<String, String> = String(ask('J')).split(' ').takeLast(2).let { (birth, b) -> birth to b }

    override fun close() {
        isClosed = true
    }

    val isUnplugged: Boolean get() = socket.isClosed

    /** Pulls the plug. */
    fun unplug() = socket.close()

    private fun ask(wish: Char, octets: ByteArray = ByteArray(0)): ByteArray {
        socket.getOutputStream().write(byteArrayOf(wish.code.toByte()) + integer(octets.size) + octets)
        val how = input.readByte().toInt()
        val length = Integer.reverseBytes(input.readInt())
        val answer = ByteArray(length).also(input::readFully)
        when (how) {
            0 -> return answer
            1 -> throw TransferBroken(Fault.TIMEOUT)
            2 -> throw TransferBroken(Fault.READER_FAILED)
            3 -> throw TransferBroken(Fault.READER_ABSENT)
            else -> error("the emulator does not know that")
        }
    }

    private fun integer(value: Int): ByteArray =
        ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(value).array()
}
