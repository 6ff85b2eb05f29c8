package shikaku.camera

import com.google.zxing.BarcodeFormat
import com.google.zxing.qrcode.QRCodeWriter
import java.util.Random
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Test

class QrCodeTest {
    /** As long as user settings are. */
    private val settings = "eyJhbGciOiJFUzI1NiJ9." + "A1b2C3d4".repeat(80) + "." + "x_-9".repeat(21)
    private val width = 1280
    private val height = 720
    private val stride = 1344

    /** A camera's picture: grey, uneven, noisy, with the code somewhere in it, turned by quarters. */
    private fun picture(text: String, turned: Int = 0, noise: Int = 20): ByteArray {
        val code = QRCodeWriter().encode(text, BarcodeFormat.QR_CODE, 620, 620)
        val random = Random(7)
        return ByteArray(stride * height) { at ->
            val (x, y) = at % stride - 300 to at / stride - 50
            val (column, row) = when (turned) {
                0 -> x to y
                1 -> y to 619 - x
                2 -> 619 - x to 619 - y
                else -> 619 - y to x
            }
            val isDark = column in 0..619 && row in 0..619 && code[column, row]
            val light = (if (isDark) 60 else 190) + x / 40 + random.nextInt(noise) - noise / 2
            light.toByte()
        }
    }

    @Test
    fun userSettingsAreReadHoweverThePaperLies() {
        for (turned in 0..3) {
            assertEquals(settings, QrCode.read(picture(settings, turned), width, height, stride), "$turned")
        }
    }

    @Test
    fun aPictureWithoutACodeHasNone() {
        assertNull(QrCode.read(ByteArray(stride * height), width, height, stride))
        val random = Random(1)
        repeat(5) {
            val noise = ByteArray(stride * height).also(random::nextBytes)
            assertNull(QrCode.read(noise, width, height, stride))
        }
    }

    @Test
    fun aCodeThatIsHalfCoveredIsNoneOfAnotherText() {
        val covered = picture(settings)
        covered.fill(120, stride * 200, stride * 500)
        assertNull(QrCode.read(covered, width, height, stride))
    }
}
