package shikaku.card

import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertInstanceOf
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.DynamicTest
import org.junit.jupiter.api.DynamicTest.dynamicTest
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.TestFactory
import shikaku.core.CardState
import shikaku.core.Fault
import shikaku.core.Notification
import shikaku.core.Tap
import shikaku.core.Unsupported
import shikaku.core.Unusable

/** Whole taps through the USB reader of the app, at an emulated reader in a process of its own. */
class UsbReaderTest {
    /** Exchanges of a tap with short reads: VERIFY is the twelfth, the signature the fourteenth. */
    private val pin = 12

    private fun open(reader: EmulatedReader): UsbReader =
        assertInstanceOf(Opened.Ready::class.java, UsbReader.open(listOf(reader))).reader

    /** Power on, a tap with the inputs of a recording, power off: its code, or `signed`. */
    private fun tap(reader: UsbReader, inputs: String = "good-short"): String {
        val power = reader.powerOn()
        if (power is Powered.Not) return power.code
        val result = Tap.ofRecording(Recording.named(inputs).text).use { TapLoop(reader).run(it) }
        reader.powerOff()
        return when (result) {
            is TapResult.Signed -> result.tap.use { "signed" }
            is TapResult.Proven -> "proven"
            is TapResult.Ended -> result.end.code
        }
    }

    @TestFactory
    fun everyKindOfReaderCarriesAWholeTap(): List<DynamicTest> =
        listOf("short" to 15, "manual" to 15, "extended" to 9, "chained" to 9).map { (model, exchanges) ->
            dynamicTest(model) {
                val device = Emulator.plug(model = model)
                val reader = open(device)
                val isExtended = model == "extended" || model == "chained"
                assertEquals(isExtended, reader.limits.extendedLength)
                assertEquals("signed", tap(reader, if (isExtended) "good-extended" else "good-short"))
                assertEquals(Triple(exchanges, 1, "3"), device.journal())
                assertTrue(device.written.all { message -> message.all { it == 0.toByte() } }, "messages are wiped")
                reader.close()
                assertTrue(device.isClosed)
            }
        }

    @TestFactory
    fun troublesOnTheBusEndInTheirCodesAndThePinReachesTheCardOnceAtMost(): List<DynamicTest> {
        val codes = mapOf(
            "pulled" to "card-removed",
            "pulled-after" to "card-removed",
            "unplugged" to "reader-absent",
            "unplugged-after" to "reader-absent",
            "mute" to "reader-timeout",
            "silent" to "reader-timeout",
            "storm" to "reader-timeout",
            "sequence" to "reader-timeout",
            "stalled" to "reader-failed",
            "short" to "reader-failed",
            "garbage" to "reader-failed",
            "busy" to "reader-busy",
            "patient" to "signed",
            "stale" to "signed",
        )
        val neverHeard = setOf("pulled", "unplugged", "mute", "busy")
        return codes.flatMap { (kind, code) ->
            (1..14).map { exchange ->
                dynamicTest("$kind:$exchange") {
                    val device = Emulator.plug(trouble = "$kind:$exchange")
                    val found = tap(open(device))
                    val isUnknown = exchange == pin && code != "signed"
                    assertEquals(if (isUnknown) "card-removed-pin-unknown" else code, found)
                    val heard = exchange > pin || code == "signed" || (exchange == pin && kind !in neverHeard)
                    assertEquals(if (heard) 1 else 0, device.journal().second)
                    device.unplug()
                }
            }
        }
    }

    @Test
    fun noReaderARefusedOneABusyOneAndAForeignOneAreToldApart() {
        val device = Emulator.plug()
        val refused = object : UsbCandidate by device {
            override fun isPermitted() = false
        }
        val busy = object : UsbCandidate by device {
            override fun open(): UsbPipe? = null
        }
        val taken = object : UsbCandidate by device {
            override fun open(): UsbPipe = object : UsbPipe by device {
                override fun claim(
                    number: Int,
                    bulkOut: shikaku.core.Endpoint,
                    bulkIn: shikaku.core.Endpoint,
                    interrupt: shikaku.core.Endpoint?,
                ) = false
            }
        }
        val tpdu = Emulator.plug(model = "tpdu")
        val unsupported = Unusable.Unsupported(Unsupported.TpduLevel)
        assertEquals(Opened.Not(Unusable.Absent, "reader-absent"), UsbReader.open(emptyList()))
        assertEquals(Opened.Not(Unusable.PermissionRefused, "reader-permission"), UsbReader.open(listOf(refused)))
        assertEquals(Opened.Not(Unusable.Busy, "reader-busy"), UsbReader.open(listOf(busy)))
        assertEquals(Opened.Not(Unusable.Busy, "reader-busy"), UsbReader.open(listOf(taken)))
        assertEquals(Opened.Not(unsupported, "reader-unsupported"), UsbReader.open(listOf(tpdu)))
        assertTrue(tpdu.isClosed)
        assertInstanceOf(Opened.Ready::class.java, UsbReader.open(listOf(refused, tpdu, device)))
    }

    @Test
    fun anEmptyReaderSaysSoAndServesTheCardThatComes() {
        val device = Emulator.plug(trouble = "empty")
        val reader = open(device)
        assertEquals(CardState.ABSENT, reader.card())
        assertEquals("card-absent", tap(reader))
        assertEquals(Notification.ABSENT, reader.notification(1))
        device.putCard()
        assertEquals(Notification.PRESENT, reader.notification(1))
        assertNull(reader.notification(1))
        assertEquals("signed", tap(reader))
        assertEquals(CardState.INACTIVE, reader.card())
    }

    @Test
    fun aReaderThatIsUnpluggedAnswersAsAbsentFromThenOn() {
        val device = Emulator.plug(trouble = "unplugged:5")
        val reader = open(device)
        assertEquals("reader-absent", tap(reader))
        assertEquals("reader-absent", tap(reader))
        assertNull(reader.card())
        assertEquals(Answer.None(Fault.READER_ABSENT), reader.transceive(octets("00200080")))
    }

    @Test
    fun aCardWithTwoTriesIsSentNoPinBeforeThePatientKnows() {
        val device = Emulator.plug(card = "two-tries")
        assertEquals("pin-warn-needed", tap(open(device)))
        val (_, verifications, tries) = device.journal()
        assertEquals(0 to "2", verifications to tries)
    }
}
