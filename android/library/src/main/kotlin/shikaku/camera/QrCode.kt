package shikaku.camera

import com.google.zxing.BarcodeFormat
import com.google.zxing.BinaryBitmap
import com.google.zxing.DecodeHintType
import com.google.zxing.PlanarYUVLuminanceSource
import com.google.zxing.ReaderException
import com.google.zxing.common.HybridBinarizer
import com.google.zxing.qrcode.QRCodeReader

/** Finds a QR code in a picture. */
object QrCode {
    private val HINTS = mapOf(
        DecodeHintType.TRY_HARDER to true,
        DecodeHintType.POSSIBLE_FORMATS to listOf(BarcodeFormat.QR_CODE),
    )

    /**
     * The text of a QR code in a picture of [width] × [height] pixels; null if there is none that can be read.
     * [luminance] has one octet for each pixel, rows [stride] octets apart: [stride] × [height] octets.
     */
    fun read(luminance: ByteArray, width: Int, height: Int, stride: Int): String? = try {
        val source = PlanarYUVLuminanceSource(luminance, stride, height, 0, 0, width, height, false)
        QRCodeReader().decode(BinaryBitmap(HybridBinarizer(source)), HINTS).text
    } catch (_: ReaderException) {
        null
    } catch (_: IllegalArgumentException) {
        // So does ZXing end, now and then, with what only looks like a code.
        null
    } catch (_: IndexOutOfBoundsException) {
        null
    }
}
