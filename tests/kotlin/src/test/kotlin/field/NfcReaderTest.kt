package shikaku.field

import android.app.Activity
import android.content.pm.PackageManager
import android.nfc.NfcAdapter
import android.nfc.Tag
import android.nfc.TagLostException
import android.nfc.tech.IsoDep
import android.os.Bundle
import java.io.IOException
import org.junit.After
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertTrue
import org.junit.Before
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.Robolectric
import org.robolectric.RobolectricTestRunner
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config
import org.robolectric.annotation.Implementation
import org.robolectric.annotation.Implements
import org.robolectric.shadow.api.Shadow
import org.robolectric.shadows.ShadowIsoDep
import org.robolectric.shadows.ShadowNfcAdapter
import org.robolectric.util.ReflectionHelpers
import org.robolectric.util.ReflectionHelpers.ClassParameter
import shikaku.card.Answer
import shikaku.card.NfcReader
import shikaku.card.NfcState
import shikaku.card.Player
import shikaku.card.Recording
import shikaku.card.TapLoop
import shikaku.card.TapResult
import shikaku.card.Transceiver
import shikaku.core.ReaderLimits
import shikaku.core.Tap

/** Whatever lies in the field. */
private object Field {
    var chip = Transceiver { error("nothing lies there") }

    /** Thrown by what is asked of a card, by its name. */
    var trouble: (String) -> Throwable? = { null }
    var isThere = true
    var timeout = 0
    var isClosed = false
    var flags = 0
    var extras: Bundle? = null

    fun ask(what: String) {
        trouble(what)?.let { throw it }
    }
}

/** The framework's way to a card, as far as the chip of a phone is behind it. */
@Implements(IsoDep::class)
class CardShadow : ShadowIsoDep() {
    @Implementation
    public override fun connect() = Field.ask("connect")

    @Implementation
    public override fun isConnected(): Boolean {
        Field.ask("isConnected")
        return Field.isThere
    }

    @Implementation
    public override fun setTimeout(timeout: Int) {
        Field.ask("setTimeout")
        Field.timeout = timeout
    }

    @Implementation
    public override fun isExtendedLengthApduSupported() = true

    @Implementation
    public override fun transceive(command: ByteArray): ByteArray {
        Field.ask("transceive")
        return (Field.chip.transceive(command) as Answer.Response).octets
    }

    @Implementation
    public override fun close() {
        Field.isClosed = true
        Field.ask("close")
    }
}

@Implements(NfcAdapter::class)
class AdapterShadow : ShadowNfcAdapter() {
    @Implementation
    public override fun enableReaderMode(
        activity: Activity, callback: NfcAdapter.ReaderCallback, flags: Int, extras: Bundle?,
    ) {
        Field.flags = flags
        Field.extras = extras
        super.enableReaderMode(activity, callback, flags, extras)
    }
}

/** The reader in Android's own framework, with a double in place of the chip alone. */
@RunWith(RobolectricTestRunner::class)
@Config(sdk = [35], manifest = Config.NONE, shadows = [CardShadow::class, AdapterShadow::class])
class NfcReaderTest {
    private class Came(val limits: ReaderLimits, val family: String, val result: TapResult)

    private val activity: Activity = Robolectric.buildActivity(Activity::class.java).setup().get()
    private val came = mutableListOf<Came>()
    private val handedOn = mutableListOf<Came>()
    private val recording = Recording.named("good-extended")

    /** The reader with one recorded tap for each card. */
    private val reader by lazy {
        NfcReader(activity) { card, limits, family ->
            val tap = Tap.ofRecording(recording.text).use { Came(limits, family, TapLoop(card).run(it)) }
            came += tap
            { handedOn += tap }
        }
    }
    private val adapter get() = Shadow.extract<AdapterShadow>(NfcAdapter.getDefaultAdapter(activity))

    @Before
    fun begin() {
        Field.chip = Player(recording)
        Field.trouble = { null }
        Field.isThere = true
        Field.isClosed = false
        shadowOf(activity.packageManager).setSystemFeature(PackageManager.FEATURE_NFC, true)
        ShadowNfcAdapter.setNfcHardwareExists(true)
        adapter.setEnabled(true)
    }

    @After
    fun end() = ShadowNfcAdapter.reset()

    private fun tag(vararg technologies: Int): Tag = ReflectionHelpers.callStaticMethod(
        Tag::class.java,
        "createMockTag",
        ClassParameter.from(ByteArray::class.java, ByteArray(0)),
        ClassParameter.from(IntArray::class.java, technologies),
        ClassParameter.from(Array<Bundle>::class.java, Array(technologies.size) { Bundle() }),
        ClassParameter.from(Long::class.javaPrimitiveType, 0L),
    )

    /** Starts looking, and holds a card to the device; what its one tap came to. */
    private fun hold(tag: Tag = tag(ISO_DEP)): TapResult {
        assertTrue(reader.start())
        adapter.dispatchTagDiscovered(tag)
        assertEquals(came, handedOn)
        return came.single().result
    }

    private fun code(result: TapResult) = (result as TapResult.Ended).end.code

    @Test
    fun aRecordedTapGoesThroughTheFrameworkToItsEnd() {
        val result = hold()
        (result as TapResult.Signed).tap.use { assertEquals(3u.toUByte(), it.tries()) }
        assertTrue((Field.chip as Player).isOver)
        assertEquals(ReaderLimits(extendedLength = true, shortRead = 256u), came.single().limits)
        assertTrue("the slowest cards sign for a second and a half", Field.timeout >= 5_000)
        assertTrue(Field.isClosed)
    }

    @Test
    fun nothingElseReadsMeanwhile() {
        hold()
        val wanted = NfcAdapter.FLAG_READER_NFC_B or NfcAdapter.FLAG_READER_NFC_A or NfcAdapter.FLAG_READER_SKIP_NDEF_CHECK
        assertEquals(wanted, Field.flags and wanted)
        val presence = Field.extras?.getInt(NfcAdapter.EXTRA_READER_PRESENCE_CHECK_DELAY) ?: 0
        assertTrue("no look at the card within a tap", presence >= 5_000)
        assertTrue(adapter.isInReaderMode)
        reader.stop()
        assertFalse(adapter.isInReaderMode)
    }

    @Test
    fun aCardThatGoesIsToldByWhatTheFrameworkThrows() {
        val goes = listOf(
            Triple(TagLostException(), true, "card-removed"),
            Triple(IOException(), false, "card-removed"),
            Triple(IOException(), true, "reader-failed"),
            Triple(SecurityException("out of date"), true, "card-removed"),
        )
        for ((thrown, isThere, code) in goes) {
            // At the first exchange and in the midst of them.
            for (after in listOf(0, 3)) {
                begin()
                came.clear()
                handedOn.clear()
                Field.isThere = isThere
                var sent = 0
                Field.trouble = { what -> thrown.takeIf { what == "transceive" && sent++ >= after } }
                assertEquals("$thrown after $after", code, code(hold()))
                assertTrue(Field.isClosed)
            }
        }
    }

    @Test
    fun anotherCardInTheFieldTakesNoResultWithIt() {
        Field.trouble = { what -> SecurityException("out of date").takeIf { what == "close" } }
        (hold() as TapResult.Signed).tap.close()
    }

    @Test
    fun aCardThatIsGoneBeforeItsFirstCommandEndsTheTap() {
        for (what in listOf("connect", "setTimeout")) {
            for (thrown in listOf(IOException(), SecurityException("out of date"))) {
                begin()
                came.clear()
                handedOn.clear()
                Field.trouble = { asked -> thrown.takeIf { asked == what } }
                assertEquals("$what, $thrown", "card-removed", code(hold()))
            }
        }
        // What makes the system throw once makes it throw again where the reader asks why.
        begin()
        came.clear()
        handedOn.clear()
        Field.trouble = { asked ->
            when (asked) {
                "transceive" -> IOException()
                "isConnected", "close" -> SecurityException("out of date")
                else -> null
            }
        }
        assertEquals("card-removed", code(hold()))
    }

    @Test
    fun whatSpeaksNoIso7816IsNoCard() {
        assertEquals("card-absent", code(hold(tag(NFC_A))))
    }

    @Test
    fun aDeviceWithoutNfcOrWithItOffDoesNotLook() {
        assertEquals(NfcState.READY, NfcReader.state(activity))
        adapter.setEnabled(false)
        assertEquals(NfcState.OFF, NfcReader.state(activity))
        assertFalse(reader.start())
        ShadowNfcAdapter.setNfcHardwareExists(false)
        assertEquals(NfcState.ABSENT, NfcReader.state(activity))
        assertFalse(NfcReader(activity) { _, _, _ -> error("nothing comes") }.start())
    }

    private companion object {
        /** `TagTechnology.NFC_A` and `TagTechnology.ISO_DEP`, which the framework keeps to itself. */
        const val NFC_A = 1
        const val ISO_DEP = 3
    }
}
