package shikaku.card

import shikaku.core.CardState
import shikaku.core.Endpoint
import shikaku.core.Fault
import shikaku.core.Notification
import shikaku.core.ReaderLimits
import shikaku.core.Unusable
import shikaku.core.UsbCardReader
import shikaku.core.UsbException
import shikaku.core.UsbStep
import shikaku.core.unusableCode

/** A transfer that brought nothing, and why. */
class TransferBroken(val fault: Fault) : Exception(fault.name)

/** An open USB device. */
interface UsbPipe : AutoCloseable {
    /** Raw descriptors of the device and its configuration, one behind the other. */
    val descriptors: ByteArray

    /** Takes the interface [number] for this app alone; false if another program holds it. */
    fun claim(number: Int, bulkOut: Endpoint, bulkIn: Endpoint, interrupt: Endpoint?): Boolean

    /** Sends [message] whole, once. */
    @Throws(TransferBroken::class)
    fun write(message: ByteArray)

    /** One transfer of at most [most] octets, waited for [withinMs] milliseconds. */
    @Throws(TransferBroken::class)
    fun read(most: Int, withinMs: Int): ByteArray

    /** What the interrupt pipe tells, waited for [withinMs] milliseconds; nothing if there is no such pipe. */
    @Throws(TransferBroken::class)
    fun interrupt(withinMs: Int): ByteArray
}

/** A device that looks like a card reader, not opened yet. */
interface UsbCandidate {
    /** Asks the person at the device unless they have agreed before; waits for the answer. */
    fun isPermitted(): Boolean

    /** Null if it cannot be opened. */
    fun open(): UsbPipe?
}

/** What came of looking for a reader. */
sealed interface Opened {
    /** It can be used. */
    class Ready(val reader: UsbReader) : Opened

    /** It cannot; [code] is that of the guide. */
    data class Not(val reason: Unusable, val code: String) : Opened
}

/** What came of powering a card. */
sealed interface Powered {
    /** It is powered and answers; [family] is its answer to reset, in hexadecimal. */
    data class On(val family: String) : Powered

    /** It is not. */
    data class Not(val fault: Fault, val code: String, val detail: String) : Powered
}

/**
 * A USB card reader: this class moves its transfers, the core says what they mean.
 *
 * One request at a time, from one thread.
 */
class UsbReader private constructor(
    private val pipe: UsbPipe,
    private val reader: UsbCardReader,
) : Transceiver, AutoCloseable {
    /** What a tap may ask of it. */
    val limits: ReaderLimits get() = reader.limits()

    /** Powers the card in it. */
    fun powerOn(): Powered = when (val step = pump(reader.powerOn())) {
        is UsbStep.Powered -> Powered.On(step.atr.joinToString("") { "%02x".format(it) })
        is UsbStep.Failed -> Powered.Not(step.fault, step.code, step.detail)
        else -> Powered.Not(Fault.READER_FAILED, "reader-failed", "power on came to another end")
    }

    /** Cuts its power, and with it its PIN state. That this may fail does not matter: the reader is then gone. */
    fun powerOff() {
        pump(reader.powerOff())
    }

    /** Whether a card lies there; null if the reader does not say. */
    fun card(): CardState? = (pump(reader.status()) as? UsbStep.Card)?.state

    /** What the interrupt pipe tells within [withinMs] milliseconds; null if nothing, or if the reader has none. */
    fun notification(withinMs: Int): Notification? = try {
        pipe.interrupt(withinMs).takeIf { it.isNotEmpty() }?.let(reader::notified)
    } catch (_: TransferBroken) {
        null
    }

    override fun transceive(command: ByteArray): Answer = when (val step = pump(reader.transmit(command))) {
        is UsbStep.Response -> Answer.Response(step.response)
        is UsbStep.Failed -> Answer.None(step.fault)
        else -> Answer.None(Fault.READER_FAILED)
    }

    override fun close() {
        powerOff()
        pipe.close()
        reader.destroy()
    }

    /** Follows the steps of one request to its end. */
    private fun pump(first: UsbStep): UsbStep {
        var step = first
        while (true) {
            step = try {
                when (step) {
                    is UsbStep.Write -> write(step.message)
                    is UsbStep.Read -> read(step)
                    else -> return step
                }
            } catch (broken: TransferBroken) {
                reader.fail(broken.fault)
            }
        }
    }

    private fun write(message: ByteArray): UsbStep {
        try {
            pipe.write(message)
        } finally {
            message.fill(0)
        }
        return reader.written()
    }

    private fun read(step: UsbStep.Read): UsbStep {
        val begin = System.nanoTime()
        val octets = pipe.read(step.most.toInt(), step.withinMs.toInt())
        val elapsed = (System.nanoTime() - begin) / 1_000_000
        return reader.received(octets, elapsed.coerceIn(0, Int.MAX_VALUE.toLong()).toUInt())
    }

    companion object {
        /**
         * Opens the first of [candidates] that can be used. What is told of several that cannot is what hindered the
         * last one.
         */
        fun open(candidates: List<UsbCandidate>): Opened {
            var last: Opened = not(Unusable.Absent)
            for (candidate in candidates) {
                last = open(candidate)
                if (last is Opened.Ready) break
            }
            return last
        }

        private fun open(candidate: UsbCandidate): Opened {
            if (!candidate.isPermitted()) return not(Unusable.PermissionRefused)
            val pipe = candidate.open() ?: return not(Unusable.Busy)
            val reader = try {
                UsbCardReader.ofDescriptors(pipe.descriptors)
            } catch (refused: UsbException.Refused) {
                pipe.close()
                return not(refused.reason)
            }
            val number = reader.interfaceNumber().toInt()
            if (!pipe.claim(number, reader.bulkOut(), reader.bulkIn(), reader.interrupt())) {
                reader.destroy()
                pipe.close()
                return not(Unusable.Busy)
            }
            return Opened.Ready(UsbReader(pipe, reader))
        }

        private fun not(reason: Unusable) = Opened.Not(reason, unusableCode(reason))
    }
}
