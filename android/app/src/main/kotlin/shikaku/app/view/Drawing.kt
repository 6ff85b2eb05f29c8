package shikaku.app.view

import android.content.Context
import android.graphics.drawable.GradientDrawable
import android.graphics.Typeface
import android.util.TypedValue
import android.view.View
import android.view.ViewGroup
import android.widget.LinearLayout
import android.widget.TextView
import shikaku.app.presenter.Ink
import shikaku.app.presenter.Palette

/** What all views of a page draw with. */
class Drawing(val context: Context, val palette: Palette) {
    /** [dp] in pixels of this display. */
    fun px(dp: Int): Int = (dp * context.resources.displayMetrics.density + 0.5f).toInt()

    /** [sp] follows the letter size that the person chose. */
    fun text(text: String, sp: Float, ink: Ink = palette.page, isBold: Boolean = false) = TextView(context).apply {
        this.text = text
        setTextSize(TypedValue.COMPLEX_UNIT_SP, sp)
        setTextColor(ink.text)
        if (isBold) setTypeface(typeface, Typeface.BOLD)
        setLineSpacing(0f, LINE)
    }

    /** Views one below the other, or side by side. */
    fun stack(isAcross: Boolean = false, gap: Int = 0) = LinearLayout(context).apply {
        orientation = if (isAcross) LinearLayout.HORIZONTAL else LinearLayout.VERTICAL
        if (gap > 0) {
            showDividers = LinearLayout.SHOW_DIVIDER_MIDDLE
            dividerDrawable = GradientDrawable().apply { setSize(px(gap), px(gap)) }
        }
    }

    /** A ground with round corners and room inside. */
    fun <V : View> on(ink: Ink, view: V, room: Int = 16): V = view.apply {
        background = GradientDrawable().apply {
            setColor(ink.ground)
            cornerRadius = px(12).toFloat()
        }
        setPadding(px(room), px(room), px(room), px(room))
    }

    companion object {
        private const val LINE = 1.2f
        const val TITLE = 24f
        const val LEAD = 22f
        const val HEADING = 18f
        const val BODY = 16f
        const val SMALL = 14f
        const val WORD = 40f
        const val SYMBOL = 64f
    }
}

internal fun wide(height: Int = ViewGroup.LayoutParams.WRAP_CONTENT, weight: Float = 0f) =
    LinearLayout.LayoutParams(ViewGroup.LayoutParams.MATCH_PARENT, height, weight)

/** A share of what is there across. */
internal fun share(weight: Float, height: Int = ViewGroup.LayoutParams.WRAP_CONTENT) =
    LinearLayout.LayoutParams(0, height, weight)
