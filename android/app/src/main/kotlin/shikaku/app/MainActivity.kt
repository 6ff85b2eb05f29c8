package shikaku.app

import android.Manifest
import android.app.Activity
import android.app.KeyguardManager
import android.content.ActivityNotFoundException
import android.content.BroadcastReceiver
import android.content.Context
import android.content.Intent
import android.content.IntentFilter
import android.content.pm.PackageManager
import android.content.res.Configuration
import android.hardware.usb.UsbManager
import android.nfc.NfcAdapter
import android.os.Build
import android.os.Bundle
import android.os.Handler
import android.os.Looper
import android.provider.Settings
import android.view.KeyEvent
import android.view.WindowManager
import android.window.OnBackInvokedDispatcher
import shikaku.app.presenter.Desk
import shikaku.app.presenter.Item
import shikaku.app.presenter.Page
import shikaku.app.presenter.Palette
import shikaku.app.presenter.Presenter
import shikaku.app.presenter.Press
import shikaku.app.presenter.Session
import shikaku.app.presenter.Word
import shikaku.app.view.PageView
import shikaku.core.Act
import shikaku.core.Screen

/** The one activity: draws pages, forwards what is pressed, and lends what only an activity has. */
class MainActivity : Activity(), PageView.Forward {
    private val app get() = application as ShikakuApplication
    private val words = ResourceWords(this)
    private val presenter = Presenter(words)
    private val main = Handler(Looper.getMainLooper())
    private lateinit var view: PageView
    private var session: Session? = null
    private var page: Page? = null
    private var touchedAt = 0L
    private var isStarted = false

    /** What reads cards while this activity is there. */
    var readers: CardReaders? = null
        private set

    private val changes = object : BroadcastReceiver() {
        override fun onReceive(context: Context, intent: Intent) {
            session?.equipmentChanged()
        }
    }

    private val ticking = object : Runnable {
        override fun run() {
            main.removeCallbacks(this)
            session?.act(Act.Tick)
            if (isStarted || page?.name != "locked") main.postDelayed(this, TICK_MS)
        }
    }

    /** The state that was saved is let go: nothing of a person is put by. */
    override fun onCreate(state: Bundle?) {
        super.onCreate(null)
        protect()
        view = PageView(this, this)
        setContentView(view)
        val session = app.session
        this.session = session
        if (session == null) return show(presenter.noService(shikaku.core.guide()))
        readers = CardReaders(this, session)
        watchEquipment()
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.TIRAMISU) {
            val priority = OnBackInvokedDispatcher.PRIORITY_DEFAULT
            onBackInvokedDispatcher.registerOnBackInvokedCallback(priority, ::goBack)
        }
        app.hands.attach(this)
    }

    override fun onStart() {
        super.onStart()
        isStarted = true
        // First of all: whoever comes back late finds the device locked. Behind other apps it goes on until then, so that
        // nothing of a person outlasts the time that the institution set.
        ticking.run()
    }

    override fun onStop() {
        isStarted = false
        super.onStop()
    }

    override fun onResume() {
        super.onResume()
        readers?.resume()
        session?.equipmentChanged()
    }

    override fun onPause() {
        readers?.pause()
        super.onPause()
    }

    override fun onDestroy() {
        main.removeCallbacks(ticking)
        app.hands.detach(this)
        if (readers != null) unregisterReceiver(changes)
        readers?.close()
        super.onDestroy()
    }

    override fun onConfigurationChanged(configuration: Configuration) {
        super.onConfigurationChanged(configuration)
        view.forget()
        app.hands.drawAgain()
    }

    override fun onUserInteraction() {
        val now = System.currentTimeMillis()
        if (now - touchedAt < TICK_MS) return
        touchedAt = now
        session?.act(Act.Touch)
    }

    @Deprecated("called below API 33 alone")
    override fun onBackPressed() = goBack()

    /** A keyboard's digits go where those of the pad go. */
    override fun onKeyDown(code: Int, event: KeyEvent): Boolean {
        val pad = page?.items.orEmpty().filterIsInstance<Item.Pad>().firstOrNull()?.takeIf { it.isOpen }
        val pressed = when (code) {
            in KeyEvent.KEYCODE_0..KeyEvent.KEYCODE_9 -> Press.Digit(code - KeyEvent.KEYCODE_0)
            in KeyEvent.KEYCODE_NUMPAD_0..KeyEvent.KEYCODE_NUMPAD_9 -> Press.Digit(code - KeyEvent.KEYCODE_NUMPAD_0)
            KeyEvent.KEYCODE_DEL -> Press.Erase
            KeyEvent.KEYCODE_ENTER, KeyEvent.KEYCODE_NUMPAD_ENTER -> Press.PadDone
            else -> null
        }
        if (pad == null || pressed == null) return super.onKeyDown(code, event)
        pressed(pressed)
        return true
    }

    override fun pressed(press: Press) {
        session?.press(press)
    }

    override fun entered(field: shikaku.app.presenter.Field, text: String) {
        session?.entered(field, text)
    }

    override fun scanned(text: String) {
        session?.scanned(text)
    }

    override fun cameraFailed() {
        session?.cameraFailed()
    }

    /** Whether the camera may be used; asks if nobody has been asked yet. */
    override fun mayUseCamera(): Boolean {
        val isPermitted = checkSelfPermission(Manifest.permission.CAMERA) == PackageManager.PERMISSION_GRANTED
        if (!isPermitted) requestPermissions(arrayOf(Manifest.permission.CAMERA), CAMERA)
        return isPermitted
    }

    override fun onRequestPermissionsResult(request: Int, permissions: Array<String>, results: IntArray) {
        if (request != CAMERA) return
        if (results.firstOrNull() != PackageManager.PERMISSION_GRANTED) return cameraFailed()
        view.forget()
        app.hands.drawAgain()
    }

    fun draw(screen: Screen, desk: Desk) = show(presenter.page(screen, desk))

    // The newer way is one of AndroidX; this one serves from API 28 on.
    @Suppress("DEPRECATION")
    fun unlock() {
        val keyguard = getSystemService(KeyguardManager::class.java)
        val question = keyguard?.createConfirmDeviceCredentialIntent(words.say(Word.UNLOCK), words.say(Word.UNLOCK_HOW))
        // A device without a lock of its own asks nobody; 端末情報 says so.
        if (question == null) session?.unlocked() else startActivityForResult(question, UNLOCKING)
    }

    override fun onActivityResult(request: Int, result: Int, data: Intent?) {
        if (request == UNLOCKING && result == RESULT_OK) session?.unlocked()
    }

    fun openNfcSettings() = try {
        startActivity(Intent(Settings.ACTION_NFC_SETTINGS))
    } catch (_: ActivityNotFoundException) {
        // Some makers put it elsewhere.
        startActivity(Intent(Settings.ACTION_SETTINGS))
    }

    private fun show(next: Page) {
        val last = page
        page = next
        val isNight = resources.configuration.uiMode and Configuration.UI_MODE_NIGHT_MASK == Configuration.UI_MODE_NIGHT_YES
        view.show(next, if (isNight) Palette.DARK else Palette.LIGHT)
        val flag = WindowManager.LayoutParams.FLAG_KEEP_SCREEN_ON
        if (next.staysOn) window.addFlags(flag) else window.clearFlags(flag)
        val cue = next.cue
        if (cue != null && (last?.name != next.name || last.cue != cue)) app.cues.play(cue)
    }

    private fun goBack() {
        if (page?.name == "home") moveTaskToBack(true) else pressed(Press.Back)
    }

    /** No picture of the screen anywhere, and nothing over it. */
    private fun protect() {
        window.addFlags(WindowManager.LayoutParams.FLAG_SECURE)
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.S) window.setHideOverlayWindows(true)
    }

    private fun watchEquipment() {
        val usb = IntentFilter(UsbManager.ACTION_USB_DEVICE_ATTACHED).apply {
            addAction(UsbManager.ACTION_USB_DEVICE_DETACHED)
        }
        val nfc = IntentFilter(NfcAdapter.ACTION_ADAPTER_STATE_CHANGED)
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.TIRAMISU) {
            registerReceiver(changes, usb, RECEIVER_NOT_EXPORTED)
            // Sent by the process of NFC, which is none of the system's own; nobody else may send it.
            registerReceiver(changes, nfc, RECEIVER_EXPORTED)
        } else {
            registerReceiver(changes, usb)
            registerReceiver(changes, nfc)
        }
    }

    private companion object {
        const val TICK_MS = 1_000L
        const val CAMERA = 1
        const val UNLOCKING = 2
    }
}
