package shikaku.app.view

import android.annotation.SuppressLint
import android.content.Context
import android.os.Build
import android.view.View
import android.view.ViewGroup
import android.view.WindowInsets
import android.widget.FrameLayout
import android.widget.LinearLayout
import android.widget.ScrollView
import shikaku.app.presenter.Button
import shikaku.app.presenter.Field
import shikaku.app.presenter.Item
import shikaku.app.presenter.Page
import shikaku.app.presenter.Palette
import shikaku.app.presenter.Press

/**
 * Draws pages. Of a page that only changed, it draws only what changed: what TalkBack reads, or a finger is on, stays.
 *
 * Held upright, the first button stays below what scrolls, with the others in it; on a tablet across, pad and buttons
 * stand on the right.
 */
@SuppressLint("ViewConstructor")
class PageView(context: Context, private val forward: Forward) : FrameLayout(context) {
    /** What becomes of what is done on a page. */
    interface Forward {
        fun pressed(press: Press)

        fun entered(field: Field, text: String)

        fun scanned(text: String)

        fun cameraFailed()

        fun mayUseCamera(): Boolean
    }

    private var page: Page? = null
    private var palette: Palette? = null
    private var items: ItemViews? = null
    private val drawn = mutableListOf<View>()

    /** Where the first button is, and where the others are. */
    private var first: ViewGroup? = null
    private var others: ViewGroup? = null

    init {
        isSaveEnabled = false
        isSaveFromParentEnabled = false
        importantForAutofill = IMPORTANT_FOR_AUTOFILL_NO_EXCLUDE_DESCENDANTS
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.R) {
            importantForContentCapture = IMPORTANT_FOR_CONTENT_CAPTURE_NO_EXCLUDE_DESCENDANTS
        }
        // A window of another app over this one takes no touches for it.
        filterTouchesWhenObscured = true
    }

    fun show(next: Page, palette: Palette) {
        val last = page
        if (last == next && this.palette == palette) return
        page = next
        val isSame = last?.name == next.name && last.marking == next.marking && last.title == next.title
        if (isSame && this.palette == palette && change(last, next)) return
        this.palette = palette
        build(next, Drawing(context, palette))
    }

    /** The next page is drawn from the ground up. */
    fun forget() {
        page = null
    }

    /** Changes what is there; false if the page has other things on it than before. */
    private fun change(last: Page, next: Page): Boolean {
        val items = items ?: return false
        if (last.items.map { it.javaClass } != next.items.map { it.javaClass }) return false
        for ((at, item) in next.items.withIndex()) {
            val before = last.items[at]
            if (before == item || items.change(drawn[at], before, item)) continue
            val parent = drawn[at].parent as ViewGroup
            val place = parent.indexOfChild(drawn[at])
            val layout = drawn[at].layoutParams
            parent.removeViewAt(place)
            drawn[at] = items.make(item)
            parent.addView(drawn[at], place, layout)
        }
        if (last.buttons != next.buttons) fill(next.buttons, items)
        return true
    }

    private fun build(page: Page, drawing: Drawing) {
        val items = ItemViews(drawing, forward)
        this.items = items
        drawn.clear()
        page.items.mapTo(drawn, items::make)
        val root = drawing.stack()
        root.setBackgroundColor(drawing.palette.page.ground)
        page.marking?.let { root.addView(items.marking(it), wide()) }
        val isAcross = resources.configuration.run { screenWidthDp >= ACROSS_DP && screenWidthDp > screenHeightDp }
        val body = if (isAcross) across(page, drawing, items) else upright(page, drawing, items)
        root.addView(body, wide(0, 1f))
        root.setOnApplyWindowInsetsListener { view, insets -> insets.also { keepClear(view, it) } }
        removeAllViews()
        addView(root, LayoutParams(LayoutParams.MATCH_PARENT, LayoutParams.MATCH_PARENT))
        root.requestApplyInsets()
        root.accessibilityPaneTitle = page.title
    }

    private fun upright(page: Page, drawing: Drawing, items: ItemViews): View {
        val below = column(drawing).also { first = it }
        val after = drawing.stack(gap = GAP).also { others = it }
        val things = column(drawing, listOf(items.title(page.title)) + drawn + after)
        fill(page.buttons, items)
        return drawing.stack().apply {
            addView(scroll(things), wide(0, 1f))
            addView(below, wide())
        }
    }

    private fun across(page: Page, drawing: Drawing, items: ItemViews): View {
        val (right, left) = drawn.zip(page.items).partition { (_, item) -> item is Item.Pad }
        val top = drawing.stack().also { first = it }
        val below = drawing.stack(gap = GAP).also { others = it }
        fill(page.buttons, items)
        val aside = column(drawing, right.map { it.first } + top + below)
        val things = column(drawing, listOf(items.title(page.title)) + left.map { it.first })
        return drawing.stack(isAcross = true).apply {
            addView(scroll(things), share(LEFT, FILL))
            addView(scroll(aside), share(RIGHT, FILL))
        }
    }

    private fun fill(buttons: List<Button>, items: ItemViews) {
        for ((into, some) in listOf(first to buttons.take(1), others to buttons.drop(1))) {
            into?.removeAllViews()
            some.forEach { into?.addView(items.button(it), wide()) }
            into?.visibility = if (some.isEmpty()) GONE else VISIBLE
        }
    }

    private fun column(drawing: Drawing, views: List<View> = emptyList()): LinearLayout =
        drawing.stack(gap = GAP).apply {
            setPadding(drawing.px(ROOM), drawing.px(ROOM), drawing.px(ROOM), drawing.px(ROOM))
            views.forEach { addView(it, wide()) }
        }

    private fun scroll(view: View) = ScrollView(context).apply {
        isFillViewport = true
        addView(view)
    }

    /** Off the bars of the system, the keyboard, and holes in the display. */
    private fun keepClear(view: View, insets: WindowInsets) {
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.R) {
            val kinds = WindowInsets.Type.systemBars() or WindowInsets.Type.displayCutout() or WindowInsets.Type.ime()
            val edges = insets.getInsets(kinds)
            view.setPadding(edges.left, edges.top, edges.right, edges.bottom)
        } else {
            @Suppress("DEPRECATION")
            insets.run {
                view.setPadding(systemWindowInsetLeft, systemWindowInsetTop, systemWindowInsetRight, systemWindowInsetBottom)
            }
        }
    }

    private companion object {
        const val ACROSS_DP = 720
        const val GAP = 12
        const val ROOM = 16
        const val LEFT = 3f
        const val RIGHT = 2f
        const val FILL = ViewGroup.LayoutParams.MATCH_PARENT
    }
}
