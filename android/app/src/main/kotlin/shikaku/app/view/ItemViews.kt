package shikaku.app.view

import android.content.res.ColorStateList
import android.graphics.drawable.RippleDrawable
import android.os.SystemClock
import android.text.InputType
import android.view.Gravity
import android.view.View
import android.view.ViewConfiguration
import android.view.inputmethod.EditorInfo
import android.widget.CompoundButton
import android.widget.EditText
import android.widget.LinearLayout
import android.widget.ProgressBar
import android.widget.RadioButton
import android.widget.Switch
import android.widget.TextView
import shikaku.app.presenter.Button
import shikaku.app.presenter.Field
import shikaku.app.presenter.Ink
import shikaku.app.presenter.Item
import shikaku.app.presenter.Look
import shikaku.app.presenter.Row

/** A view for each kind of thing on a page. */
internal class ItemViews(private val drawing: Drawing, private val forward: PageView.Forward) {
    private val context = drawing.context
    private val palette = drawing.palette

    /** Until then a touch may be the second of a double tap, meant for what the last page had in the same place. */
    private val settledAt = SystemClock.uptimeMillis() + ViewConfiguration.getDoubleTapTimeout()

    fun make(item: Item): View = when (item) {
        is Item.Text -> text(item)
        is Item.Note -> note(item)
        is Item.Verdict -> verdict(item)
        is Item.Rows -> rows(item)
        is Item.Choice -> checkable(RadioButton(context), item.label, item.isChosen) { forward.pressed(item.press) }
        is Item.Switch -> checkable(Switch(context), item.label, item.isOn) { forward.pressed(item.press) }
        is Item.Link -> link(item)
        is Item.Entry -> entry(item)
        is Item.Pad -> PadView(drawing, forward).apply { show(item) }
        is Item.Progress -> progress(item)
        is Item.Hold -> HoldView(drawing).apply { show(item) }
        is Item.Photo -> PhotoView(drawing, item.octets)
        is Item.Camera -> CameraView(context, forward).apply { contentDescription = item.spoken }
    }

    /** Changes [view] from [last] to [next]; false if it has to be made anew. */
    fun change(view: View, last: Item, next: Item): Boolean = when {
        view is PadView && next is Item.Pad -> view.show(next).let { true }
        view is HoldView && next is Item.Hold -> view.show(next).let { true }
        view is TextView && last is Item.Text && next is Item.Text && last.look == next.look -> {
            view.text = next.text
            true
        }
        // What stands there was typed since.
        last is Item.Entry && next is Item.Entry -> last.field == next.field
        else -> false
    }

    fun title(title: String): View = drawing.text(title, Drawing.TITLE, isBold = true).apply {
        isAccessibilityHeading = true
    }

    fun marking(marking: String): View = drawing.text(marking, Drawing.HEADING, palette.marking, isBold = true).apply {
        setBackgroundColor(palette.marking.ground)
        gravity = Gravity.CENTER
        setPadding(drawing.px(8), drawing.px(8), drawing.px(8), drawing.px(8))
    }

    fun button(button: Button): View {
        val ink = if (button.isOpen) palette.of(button.rank) else palette.closed
        val press = { if (SystemClock.uptimeMillis() >= settledAt) forward.pressed(button.press) }
        return pressable(android.widget.Button(context), ink, press).apply {
            text = button.label
            textSize = Drawing.HEADING
            isAllCaps = false
            isEnabled = button.isOpen
            setTextColor(ink.text)
            stateListAnimator = null
        }
    }

    private fun text(item: Item.Text): View = when (item.look) {
        Look.HEADING -> drawing.text(item.text, Drawing.HEADING, isBold = true).apply { isAccessibilityHeading = true }
        Look.LEAD -> drawing.text(item.text, Drawing.LEAD)
        Look.BODY -> drawing.text(item.text, Drawing.BODY)
        Look.SMALL -> drawing.text(item.text, Drawing.SMALL, palette.faint)
    }.apply { if (item.isLive) accessibilityLiveRegion = View.ACCESSIBILITY_LIVE_REGION_POLITE }

    private fun note(item: Item.Note): View {
        val ink = palette.of(item.tone)
        val texts = drawing.stack(gap = 4).apply {
            addView(drawing.text(item.cause, Drawing.HEADING, ink, isBold = true))
            addView(drawing.text(item.remedy, Drawing.BODY, ink))
            item.code?.let { addView(drawing.text(it, Drawing.SMALL, ink)) }
        }
        return drawing.on(ink, drawing.stack(isAcross = true, gap = 12)).apply {
            addView(drawing.text(item.symbol, Drawing.LEAD, ink, isBold = true).apply { unspoken() })
            addView(texts, share(1f))
            asOne("${item.cause} ${item.remedy}")
            accessibilityLiveRegion = View.ACCESSIBILITY_LIVE_REGION_POLITE
        }
    }

    private fun verdict(item: Item.Verdict): View {
        val ink = palette.of(item.tone)
        return drawing.on(ink, drawing.stack(isAcross = true, gap = 16)).apply {
            gravity = Gravity.CENTER
            addView(drawing.text(item.symbol, Drawing.SYMBOL, ink, isBold = true))
            addView(drawing.text(item.word, Drawing.WORD, ink, isBold = true))
            asOne(item.word)
            accessibilityLiveRegion = View.ACCESSIBILITY_LIVE_REGION_ASSERTIVE
        }
    }

    private fun rows(item: Item.Rows): View = drawing.on(palette.card, drawing.stack(gap = 8)).apply {
        item.heading?.let { addView(drawing.text(it, Drawing.HEADING, palette.card, isBold = true)) }
        item.rows.forEach { addView(row(it), wide()) }
    }

    /** Side by side; one below the other where the letters are large. */
    private fun row(row: Row): View {
        val isAcross = context.resources.configuration.fontScale < LARGE
        val value = drawing.text(row.value, if (isAcross) Drawing.BODY else Drawing.LEAD, palette.card, isBold = true)
        return drawing.stack(isAcross, gap = 8).apply {
            addView(drawing.text(row.label, Drawing.BODY, palette.card), if (isAcross) share(2f) else wide())
            addView(value, if (isAcross) share(3f) else wide())
            asOne("${row.label} ${row.value}")
        }
    }

    private fun <V : CompoundButton> checkable(view: V, label: String, isOn: Boolean, press: () -> Unit): V = view.apply {
        text = label
        textSize = Drawing.BODY
        setTextColor(palette.page.text)
        buttonTintList = ColorStateList.valueOf(palette.other.text)
        minimumHeight = drawing.px(TOUCH)
        isChecked = isOn
        setOnClickListener { press() }
    }

    private fun link(item: Item.Link): View {
        val detail = item.detail.takeIf(String::isNotEmpty)
        return pressable(drawing.stack(), palette.card) { forward.pressed(item.press) }.apply {
            addView(drawing.text(item.label, Drawing.BODY, palette.card, isBold = true))
            detail?.let { addView(drawing.text(it, Drawing.SMALL, palette.card)) }
            asOne(listOfNotNull(item.label, detail).joinToString(" "))
            accessibilityDelegate = AsButton
        }
    }

    private fun entry(item: Item.Entry): View = drawing.stack(gap = 4).apply {
        val edit = EditText(context).apply {
            id = View.generateViewId()
            hint = item.hint
            setText(item.text)
            textSize = Drawing.BODY
            setTextColor(palette.page.text)
            setHintTextColor(palette.faint.text)
            isSaveEnabled = false
            minimumHeight = drawing.px(TOUCH)
            inputType = kind(item.field)
            imeOptions = EditorInfo.IME_FLAG_NO_PERSONALIZED_LEARNING or EditorInfo.IME_FLAG_NO_EXTRACT_UI
            addTextChangedListener(Typed { forward.entered(item.field, it) })
        }
        addView(drawing.text(item.label, Drawing.BODY, isBold = true).apply { labelFor = edit.id })
        addView(edit, wide())
    }

    private fun kind(field: Field): Int = InputType.TYPE_CLASS_TEXT or InputType.TYPE_TEXT_FLAG_NO_SUGGESTIONS or
        when (field) {
            Field.DEVICE_NAME -> InputType.TYPE_TEXT_VARIATION_NORMAL
            Field.SERVICE -> InputType.TYPE_TEXT_VARIATION_URI
            // Shown as typed, for it is copied from paper, but learnt by no keyboard.
            Field.INSTITUTION, Field.ACCOUNT, Field.CODE -> InputType.TYPE_TEXT_VARIATION_VISIBLE_PASSWORD
        }

    private fun progress(item: Item.Progress): View = drawing.stack(gap = 8).apply {
        val bar = ProgressBar(context, null, android.R.attr.progressBarStyleHorizontal).apply {
            isIndeterminate = item.done == null
            max = item.of
            progress = item.done ?: 0
            progressTintList = ColorStateList.valueOf(palette.other.text)
            indeterminateTintList = progressTintList
            unspoken()
        }
        addView(bar, wide())
        // With steps to count, a text of its own says which one it is.
        if (item.done == null) addView(text(Item.Text(item.spoken, Look.LEAD, isLive = true)))
    }

    private fun <V : View> pressable(view: V, ink: Ink, press: () -> Unit): V = drawing.on(ink, view).apply {
        minimumHeight = drawing.px(TOUCH)
        background = RippleDrawable(ColorStateList.valueOf(ink.text and RIPPLE), background, null)
        isClickable = true
        isFocusable = true
        setOnClickListener { press() }
    }

    private companion object {
        /** Height of what is pressed, in dp. */
        const val TOUCH = 56
        const val LARGE = 1.3f
        const val RIPPLE = 0x33FFFFFF
    }
}

/** TalkBack reads it as one thing. */
internal fun LinearLayout.asOne(spoken: String) {
    contentDescription = spoken
    isScreenReaderFocusable = true
    for (at in 0 until childCount) getChildAt(at).unspoken()
}

internal fun View.unspoken() {
    importantForAccessibility = View.IMPORTANT_FOR_ACCESSIBILITY_NO_HIDE_DESCENDANTS
}
