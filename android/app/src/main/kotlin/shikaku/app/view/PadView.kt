package shikaku.app.view

import android.annotation.SuppressLint
import android.content.res.ColorStateList
import android.graphics.drawable.RippleDrawable
import android.view.Gravity
import android.view.View
import android.widget.Button
import android.widget.LinearLayout
import shikaku.app.presenter.Item
import shikaku.app.presenter.Press

/** The PIN pad: shows how many digits were typed, never which; what is typed stays nowhere in it. */
@SuppressLint("ViewConstructor")
internal class PadView(private val drawing: Drawing, private val forward: PageView.Forward) :
    LinearLayout(drawing.context) {
    private val dots = drawing.text("", Drawing.WORD, isBold = true).apply {
        gravity = Gravity.CENTER
        accessibilityLiveRegion = ACCESSIBILITY_LIVE_REGION_POLITE
    }
    private val keys = drawing.stack(gap = GAP)
    private var shown: Item.Pad? = null

    init {
        orientation = VERTICAL
        addView(dots, wide())
        addView(keys, wide())
    }

    fun show(pad: Item.Pad) {
        val last = shown
        shown = pad
        dots.text = "●".repeat(pad.typed) + "○".repeat(pad.length - pad.typed)
        dots.contentDescription = pad.spoken
        if (last?.keys == pad.keys && last.isOpen == pad.isOpen) return
        keys.removeAllViews()
        val digits = pad.keys.map { key(it.toString(), it.toString(), pad.isOpen, Press.Digit(it)) }
        val erase = key("⌫", pad.erase, pad.isOpen, Press.Erase)
        // As on a telephone: the tenth key below the eighth.
        val all = digits.dropLast(1) + View(context) + digits.takeLast(1) + erase
        all.chunked(COLUMNS).forEach { row -> keys.addView(across(row), wide()) }
    }

    private fun across(row: List<View>) = drawing.stack(isAcross = true, gap = GAP).apply {
        row.forEach { addView(it, share(1f, drawing.px(KEY))) }
    }

    private fun key(label: String, spoken: String, isOpen: Boolean, press: Press): View {
        val ink = if (isOpen) drawing.palette.other else drawing.palette.closed
        return drawing.on(ink, Button(context), room = 0).apply {
            background = RippleDrawable(ColorStateList.valueOf(ink.text and RIPPLE), background, null)
            text = label
            textSize = Drawing.LEAD
            contentDescription = spoken
            isEnabled = isOpen
            setTextColor(ink.text)
            stateListAnimator = null
            setOnClickListener { forward.pressed(press) }
        }
    }

    private companion object {
        const val COLUMNS = 3
        const val GAP = 8
        const val KEY = 64
        const val RIPPLE = 0x33FFFFFF
    }
}
