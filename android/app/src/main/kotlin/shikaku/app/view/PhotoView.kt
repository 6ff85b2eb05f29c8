package shikaku.app.view

import android.annotation.SuppressLint
import android.graphics.Bitmap
import android.graphics.BitmapFactory
import android.graphics.Color
import android.widget.ImageView

/** The photo in the chip; painted over as soon as it leaves the screen. */
@SuppressLint("ViewConstructor", "AppCompatCustomView")
internal class PhotoView(drawing: Drawing, octets: ByteArray) : ImageView(drawing.context) {
    private val picture: Bitmap? =
        BitmapFactory.decodeByteArray(octets, 0, octets.size, BitmapFactory.Options().apply { inMutable = true })

    init {
        setImageBitmap(picture)
        adjustViewBounds = true
        maxHeight = drawing.px(HIGH)
        // A text above it says what it is; nobody can read it aloud.
        unspoken()
    }

    override fun onDetachedFromWindow() {
        super.onDetachedFromWindow()
        setImageDrawable(null)
        picture?.eraseColor(Color.TRANSPARENT)
    }

    private companion object {
        const val HIGH = 320
    }
}
