package shikaku.app.view

import android.annotation.SuppressLint
import android.graphics.Canvas
import android.graphics.Paint
import android.graphics.RectF
import android.view.View
import shikaku.app.presenter.Item

/** Where the card goes: behind the device, on the reader, or either. */
@SuppressLint("ViewConstructor")
internal class HoldView(private val drawing: Drawing) : View(drawing.context) {
    private val line = Paint(Paint.ANTI_ALIAS_FLAG).apply {
        style = Paint.Style.STROKE
        strokeWidth = drawing.px(3).toFloat()
        color = drawing.palette.page.text
    }
    private val filled = Paint(Paint.ANTI_ALIAS_FLAG).apply { color = drawing.palette.first.ground }
    private var hold: Item.Hold? = null

    fun show(hold: Item.Hold) {
        this.hold = hold
        contentDescription = hold.spoken
        invalidate()
    }

    override fun onMeasure(width: Int, height: Int) {
        setMeasuredDimension(MeasureSpec.getSize(width), drawing.px(HIGH))
    }

    override fun onDraw(canvas: Canvas) {
        val hold = hold ?: return
        val shares = listOf(hold.atBack to ::phone, hold.atReader to ::reader).filter { it.first }
        shares.forEachIndexed { at, (_, draw) -> draw(canvas, width * (2 * at + 1f) / (2 * shares.size)) }
    }

    /** A device from behind, the card over its middle. */
    private fun phone(canvas: Canvas, middle: Float) {
        round(canvas, middle, HIGH / 2f, 90f, HIGH - 8f, line)
        round(canvas, middle, HIGH / 2f, 124f, 78f, filled)
    }

    /** A reader from above, the card half in it. */
    private fun reader(canvas: Canvas, middle: Float) {
        round(canvas, middle, 60f, 78f, 112f, filled)
        round(canvas, middle, 120f, 120f, 64f, line)
    }

    /** A rectangle about a point; all in dp but [middle]. */
    private fun round(canvas: Canvas, middle: Float, centre: Float, wide: Float, high: Float, paint: Paint) {
        val dp = resources.displayMetrics.density
        val box = RectF(middle - wide * dp / 2, (centre - high / 2) * dp, middle + wide * dp / 2, (centre + high / 2) * dp)
        canvas.drawRoundRect(box, CORNER * dp, CORNER * dp, paint)
    }

    private companion object {
        const val HIGH = 180
        const val CORNER = 10f
    }
}
