package shikaku.app.presenter

import java.nio.file.Path
import java.security.KeyPairGenerator
import java.security.spec.ECGenParameterSpec
import java.util.Base64
import java.util.concurrent.Executor
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import shikaku.core.AppFacts
import shikaku.core.Attestation
import shikaku.core.DeviceKey
import shikaku.core.Platform
import shikaku.core.Terminal
import shikaku.store.FileStorage
import shikaku.store.Wrapping

/** The app without its platform, at its first start: the real core, real files, every page as it would be drawn. */
class FirstLaunchTest {
    @TempDir
    lateinit var folder: Path

    private object NoKeys : DeviceKey {
        override fun create(name: String, challenge: ByteArray?): Attestation? = null

        override fun publicKey(name: String): ByteArray? = null

        override fun sign(name: String, message: ByteArray): ByteArray = error("nothing is registered")

        override fun erase(name: String) = Unit
    }

    private object Plain : Wrapping {
        override fun wrap(secret: ByteArray): ByteArray = secret

        override fun unwrap(wrapped: ByteArray): ByteArray = wrapped
    }

    private fun trust(): String {
        fun key() = KeyPairGenerator.getInstance("EC").run {
            initialize(ECGenParameterSpec("secp256r1"))
            Base64.getUrlEncoder().withoutPadding().encodeToString(generateKeyPair().public.encoded)
        }
        return """{"entries": [{"name": "見本", "origin": "http://127.0.0.1:1", "portal_keys": ["${key()}"],
            "service_keys": ["${key()}"], "tls_roots": [], "test": true}]}"""
    }

    private fun start(hands: DrawingHands): Session {
        val app = AppFacts("1.0.0", Platform.ANDROID, trust(), true, 1u, "第1条")
        val terminal = Terminal.open(app, NoKeys, FileStorage(folder.toFile(), Plain))
        val here = CoroutineScope(Dispatchers.Unconfined)
        return Session(terminal, Screens.GUIDE, hands, Executor(Runnable::run), here).apply { begin() }
    }

    private fun code(page: Page) = page.items.filterIsInstance<Item.Note>().firstOrNull()?.code

    @Test
    fun termsComeFirstThenTheSettings() {
        val hands = DrawingHands()
        val session = start(hands)
        assertEquals("terms", hands.page.name)
        session.press(hands.page.buttons.first().press)
        assertEquals("settings", hands.page.name)
        val name = hands.page.items.filterIsInstance<Item.Entry>().single()
        assertEquals(Field.DEVICE_NAME to "タブレット", name.field to name.text)
    }

    @Test
    fun aForeignQrCodeIsRefusedWithItsRemedyAndWhatWasTypedStays() {
        val hands = DrawingHands()
        val session = start(hands)
        session.press(hands.page.buttons.first().press)
        session.entered(Field.DEVICE_NAME, "受付1")
        session.press(Press.Open(Place.Scan))
        assertEquals("scan", hands.page.name)
        session.scanned("おはようございます")
        assertEquals("settings" to "settings-signature", hands.page.name to code(hands.page))
        assertEquals("受付1", hands.page.items.filterIsInstance<Item.Entry>().single().text)
        session.press(Press.Open(Place.Typed))
        session.entered(Field.INSTITUTION, "12345")
        session.press(Press.GiveTyped)
        assertEquals("settings", hands.page.name)
        assertEquals("code-form", code(hands.page))
    }

    @Test
    fun helpLiesOverTheScreenAndLeadsBack() {
        val hands = DrawingHands()
        val session = start(hands)
        session.press(hands.page.buttons.first().press)
        session.press(Press.Open(Place.Help(null)))
        session.press(Press.Open(Place.Help("pin-blocked")))
        assertEquals("help" to "pin-blocked", hands.page.name to code(hands.page))
        session.press(Press.Back)
        assertTrue(hands.page.items.any { it is Item.Link })
        session.press(Press.Back)
        assertEquals("settings", hands.page.name)
    }

    @Test
    fun aCameraThatDoesNotWorkLeavesTyping() {
        val hands = DrawingHands()
        val session = start(hands)
        session.press(hands.page.buttons.first().press)
        session.press(Press.Open(Place.Scan))
        assertTrue(hands.page.items.any { it is Item.Camera })
        session.cameraFailed()
        assertFalse(hands.page.items.any { it is Item.Camera })
        assertTrue(hands.page.buttons.any { it.press == Press.Open(Place.Typed) })
    }

    @Test
    fun aReaderThatIsPluggedInLetsTheDeviceGoOn() {
        val hands = DrawingHands(Equipment(Equipment.Nfc.ABSENT, canHaveReader = true, hasReader = false))
        val session = start(hands)
        assertEquals("no-reader", hands.page.name)
        session.press(Press.LookAgain)
        assertEquals("no-reader", hands.page.name)
        hands.equipment = hands.equipment.copy(hasReader = true)
        session.equipmentChanged()
        assertEquals("terms", hands.page.name)
    }
}
