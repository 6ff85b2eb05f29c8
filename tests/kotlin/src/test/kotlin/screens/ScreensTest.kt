package shikaku.app.view

import android.app.Activity
import android.graphics.Bitmap
import android.graphics.Canvas
import android.graphics.RectF
import android.graphics.drawable.BitmapDrawable
import android.os.Looper
import android.view.View
import android.view.ViewGroup
import android.widget.Button
import android.widget.EditText
import android.widget.TextView
import java.nio.file.Files
import java.nio.file.Path
import java.time.Duration
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertSame
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.Robolectric
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config
import org.robolectric.annotation.GraphicsMode
import shikaku.app.presenter.Desk
import shikaku.app.presenter.Field
import shikaku.app.presenter.Item
import shikaku.app.presenter.Page
import shikaku.app.presenter.Palette
import shikaku.app.presenter.Place
import shikaku.app.presenter.Presenter
import shikaku.app.presenter.Press
import shikaku.app.presenter.Screens
import shikaku.app.presenter.Texts
import shikaku.app.presenter.Word
import shikaku.app.presenter.Words
import shikaku.core.Act
import shikaku.core.Screen
import shikaku.core.Stage

/** Every page drawn by Android's own framework, on devices of several kinds. */
@RunWith(RobolectricTestRunner::class)
@Config(sdk = [35], manifest = Config.NONE)
@GraphicsMode(GraphicsMode.Mode.NATIVE)
class ScreensTest {
    private class Forwarded : PageView.Forward {
        val presses = mutableListOf<Press>()
        val entries = mutableListOf<Pair<Field, String>>()

        override fun pressed(press: Press) {
            presses += press
        }

        override fun entered(field: Field, text: String) {
            entries += field to text
        }

        override fun scanned(text: String) = error("there is no camera")

        override fun cameraFailed() = Unit

        override fun mayUseCamera() = false
    }

    /** A device: its qualifiers, letter size, theme, language. */
    private class Device(val qualifiers: String, val letters: Float, val isNight: Boolean, val words: Words)

    private val phone = Device("w411dp-h891dp-port-xhdpi", 1f, false, Texts.JAPANESE)
    private val tablet = Device("w1280dp-h800dp-land-mdpi", 1f, false, Texts.JAPANESE)
    private val devices = listOf(
        phone,
        tablet,
        Device("w360dp-h640dp-port-mdpi", 2f, true, Texts.ENGLISH),
        Device("w360dp-h640dp-port-mdpi", 2f, false, Texts.JAPANESE),
        Device("w1024dp-h600dp-land-mdpi", 1.5f, true, Texts.ENGLISH),
    )
    private val places = listOf(Place.Typed, Place.Help("pin-blocked"), Place.History, Place.Facts, Place.Connection, Place.Wiping)
    private val forwarded = Forwarded()

    private companion object {
        val SETTLED: Duration = Duration.ofMillis(400)
    }

    /** What the virtual card has in its chip: a face that is nobody's. */
    private fun photo() = Item.Photo(Files.readAllBytes(Path.of(System.getProperty("photo"))))

    private fun view(device: Device): PageView {
        RuntimeEnvironment.setQualifiers(device.qualifiers)
        RuntimeEnvironment.setFontScale(device.letters)
        val activity = Robolectric.buildActivity(Activity::class.java).setup().get()
        activity.setTheme(
            if (device.isNight) android.R.style.Theme_Material_NoActionBar else android.R.style.Theme_Material_Light_NoActionBar,
        )
        return PageView(activity, forwarded).also(activity::setContentView)
    }

    private fun PageView.draw(page: Page, device: Device): PageView = apply {
        show(page, if (device.isNight) Palette.DARK else Palette.LIGHT)
        val metrics = resources.displayMetrics
        measure(exactly(metrics.widthPixels), exactly(metrics.heightPixels))
        layout(0, 0, metrics.widthPixels, metrics.heightPixels)
        // Long enough for whoever looks before they touch.
        shadowOf(Looper.getMainLooper()).idleFor(SETTLED)
    }

    private fun exactly(size: Int) = View.MeasureSpec.makeMeasureSpec(size, View.MeasureSpec.EXACTLY)

    private fun page(screen: Screen, device: Device = phone, desk: Desk = Screens.DESK) =
        Presenter(device.words).page(screen, desk)

    private fun pages(device: Device): List<Page> = Screens.ALL.map { page(it, device) } +
        places.map { page(Screens.HOME, device, Screens.DESK.copy(place = it)) } +
        page(Screens.LOOK_CHIP, device, Screens.DESK.copy(photo = photo())) + Presenter(device.words).noService(Screens.GUIDE)

    private fun all(view: View): List<View> =
        listOf(view) + (view as? ViewGroup)?.run { (0 until childCount).flatMap { all(getChildAt(it)) } }.orEmpty()

    @Test
    fun everythingCanBeReadAndTouchedOnEveryDevice() {
        for (device in devices) {
            val root = view(device)
            val least = 48 * root.resources.displayMetrics.density
            for (page in pages(device)) {
                val views = all(root.draw(page, device))
                val where = "${page.name} on ${device.qualifiers} at ${device.letters}"
                for (text in views.filterIsInstance<TextView>().filter { it.isShown && it.text.isNotEmpty() }) {
                    val layout = checkNotNull(text.layout) { where }
                    assertTrue("$where: “${text.text}” is cut", layout.height <= text.height)
                    assertTrue("$where: “${text.text}” is cut", (0 until layout.lineCount).none { layout.getEllipsisCount(it) > 0 })
                    val wide = (0 until layout.lineCount).maxOf(layout::getLineMax)
                    assertTrue("$where: “${text.text}” is too wide", wide <= text.width + 1)
                }
                for (view in views.filter { it.isShown && it.isClickable && it !is EditText }) {
                    assertTrue("$where: too small to touch: $view", view.height >= least && view.width >= least)
                    val spoken = view.contentDescription ?: (view as? TextView)?.text
                    assertFalse("$where: TalkBack has no word for $view", spoken.isNullOrBlank())
                }
                for (view in views.filter { it.isShown && it.parent is View && it !== root }) {
                    assertTrue("$where: $view sticks out", view.right <= (view.parent as View).width && view.left >= 0)
                }
            }
        }
    }

    @Test
    fun everyPageHasAHeadingAndANameForTalkBack() {
        val root = view(phone)
        for (page in pages(phone)) {
            val views = all(root.draw(page, phone))
            assertTrue(page.name, views.any { it.isAccessibilityHeading && (it as TextView).text == page.title })
            assertEquals(page.title, root.getChildAt(0).accessibilityPaneTitle)
        }
    }

    @Test
    fun whatIsPressedIsForwardedAndWhatIsClosedIsNot() {
        val root = view(phone)
        for (page in pages(phone)) {
            root.draw(page, phone)
            for (button in page.buttons) {
                forwarded.presses.clear()
                val view = all(root).filterIsInstance<android.widget.Button>().first { it.text == button.label }
                view.performClick().takeIf { view.isEnabled }
                assertEquals(page.name, button.isOpen, view.isEnabled)
                assertEquals(page.name, listOf(button.press), forwarded.presses)
            }
        }
    }

    @Test
    fun aPadForwardsItsDigitsAndShowsHowManyWereTyped() {
        val root = view(phone)
        val page = page(Screens.PIN, desk = Screens.DESK.copy(typed = 2, pad = listOf(3, 1, 4, 5, 9, 2, 6, 8, 7, 0)))
        val keys = all(root.draw(page, phone)).filterIsInstance<android.widget.Button>().filter { it.parent.parent.parent is PadView }
        keys.forEach(View::performClick)
        val digits = forwarded.presses.filterIsInstance<Press.Digit>().map(Press.Digit::digit)
        assertEquals(listOf(3, 1, 4, 5, 9, 2, 6, 8, 7, 0), digits)
        assertEquals(Press.Erase, forwarded.presses.last())
        assertTrue(all(root).filterIsInstance<TextView>().any { it.text.toString() == "●●○○" })
    }

    @Test
    fun aStageChangesTheTextThatTalkBackReadsAndNotTheViewItIsIn() {
        val root = view(phone)
        fun live() = all(root).filterIsInstance<TextView>().first { it.accessibilityLiveRegion != View.ACCESSIBILITY_LIVE_REGION_NONE }
        root.draw(page(Screens.holding(Stage.CERTIFICATE)), phone)
        val before = live()
        root.draw(page(Screens.holding(Stage.PIN)), phone)
        assertSame(before, live())
        assertEquals(Texts.JAPANESE.say(shikaku.app.presenter.Word.STAGE_PIN), before.text)
    }

    @Test
    fun whatIsTypedIsForwardedAndStays() {
        val root = view(phone)
        val desk = Screens.DESK.copy(place = Place.Typed)
        val edit = all(root.draw(page(Screens.SETTINGS, desk = desk), phone)).filterIsInstance<EditText>().first()
        edit.setText("1312345678")
        assertEquals(Field.INSTITUTION to "1312345678", forwarded.entries.last())
        val later = desk.copy(entries = mapOf(Field.INSTITUTION to "1312345678"))
        root.draw(page(Screens.SETTINGS, desk = later), phone)
        assertSame(edit, all(root).filterIsInstance<EditText>().first())
        assertEquals("1312345678", edit.text.toString())
    }

    @Test
    fun theSecondTouchOfADoubleTapPressesNothingOnTheNextPage() {
        val root = view(phone)
        root.draw(page(Screens.PIN, desk = Screens.DESK.copy(typed = 4, isTyped = true)), phone)
        fun press(word: Word) = all(root).filterIsInstance<Button>().single { it.text == Texts.JAPANESE.say(word) }.performClick()
        press(Word.PIN_DONE)
        assertEquals(listOf<Press>(Press.PadDone), forwarded.presses)
        root.show(page(Screens.HOLD), Palette.LIGHT)
        press(Word.CANCEL)
        assertEquals(1, forwarded.presses.size)
        shadowOf(Looper.getMainLooper()).idleFor(SETTLED)
        press(Word.CANCEL)
        assertEquals(Press.Do(Act.Cancel), forwarded.presses.last())
    }

    @Test
    fun anOperationalTestIsMarkedAboveEverything() {
        val root = view(phone)
        root.draw(page(Screens.TESTED), phone)
        val marking = all(root).filterIsInstance<TextView>().first { it.isShown && it.text.isNotEmpty() }
        assertEquals("運用テスト（参考情報）", marking.text)
    }

    @Test
    fun theChipsPhotoStandsWholeBelowWhatToCompareAndIsPaintedOverWhenItGoes() {
        for (device in devices) {
            val root = view(device)
            val views = all(root.draw(page(Screens.LOOK_CHIP, device, Screens.DESK.copy(photo = photo())), device))
            val shown = views.filterIsInstance<PhotoView>().single()
            val picture = (shown.drawable as BitmapDrawable).bitmap
            assertEquals(378 to 472, picture.width to picture.height)
            val drawn = RectF(0f, 0f, 378f, 472f).also(shown.imageMatrix::mapRect)
            val where = "on ${device.qualifiers}: $drawn in ${shown.width}×${shown.height}"
            assertTrue(where, drawn.left >= 0 && drawn.top >= 0 && drawn.right <= shown.width + 1 && drawn.bottom <= shown.height + 1)
            assertTrue(where, drawn.height() >= 160 * root.resources.displayMetrics.density)
            root.draw(page(Screens.NAME, device), device)
            val pixels = IntArray(picture.width * picture.height).also { picture.getPixels(it, 0, 378, 0, 0, 378, 472) }
            assertTrue("it is painted over", pixels.all { it == 0 })
            assertTrue(all(root).none { it is PhotoView })
        }
    }

    /** Draws what docs/ shows, where a folder is named; and sees that something is on every picture. */
    @Test
    fun everyPageLeavesAPicture() {
        val folder = System.getProperty("screenshots")?.takeIf(String::isNotEmpty)?.let(Path::of)
        val night = Device(phone.qualifiers, 1f, true, Texts.ENGLISH)
        val waiting = Screens.DESK.copy(typed = 2)
        val pictures = listOf(
            Triple("home", phone, Screens.HOME), Triple("pin", phone, Screens.PIN), Triple("hold", phone, Screens.holding(Stage.PIN)),
            Triple("valid", phone, Screens.GOOD), Triple("invalid-dark", night, Screens.BAD),
            Triple("multiple", phone, Screens.MULTIPLE), Triple("problem", phone, Screens.PROBLEM), Triple("down", phone, Screens.DOWN),
            Triple("photo", phone, Screens.LOOK_CHIP), Triple("photo-dark", night, Screens.LOOK_CHIP),
            Triple("tablet-photo", tablet, Screens.LOOK_CHIP), Triple("tablet-pin", tablet, Screens.PIN), Triple("tablet-test", tablet, Screens.TESTED),
        )
        for ((name, device, screen) in pictures) {
            val desk = if (screen == Screens.LOOK_CHIP) waiting.copy(photo = photo()) else waiting
            val root = view(device).draw(page(screen, device, desk), device)
            val picture = Bitmap.createBitmap(root.width, root.height, Bitmap.Config.ARGB_8888)
            root.draw(Canvas(picture))
            val pixels = IntArray(picture.width * picture.height)
            picture.getPixels(pixels, 0, picture.width, 0, 0, picture.width, picture.height)
            assertTrue(name, pixels.distinct().size > 50)
            folder?.resolve("$name.png")?.let(Files::newOutputStream)?.use { picture.compress(Bitmap.CompressFormat.PNG, 100, it) }
        }
    }
}
