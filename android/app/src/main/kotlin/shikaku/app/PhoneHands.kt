package shikaku.app

import android.app.KeyguardManager
import android.content.Context
import android.os.Build
import android.os.Handler
import android.os.Looper
import shikaku.app.presenter.Desk
import shikaku.app.presenter.Equipment
import shikaku.app.presenter.Hands
import shikaku.core.ExportForm
import shikaku.core.Screen

/**
 * Hands on from the session's thread to the main thread, and there to the activity, if one is there. What the session
 * draws is remembered for an activity that comes later.
 */
class PhoneHands(private val context: Context) : Hands {
    private val main = Handler(Looper.getMainLooper())
    private val handover by lazy { Handover(context) }
    private val chosen = context.getSharedPreferences("chosen", Context.MODE_PRIVATE)
    private var activity: MainActivity? = null
    private var drawn: Pair<Screen, Desk>? = null

    /** The activity that is there from now on. On the main thread. */
    fun attach(activity: MainActivity) {
        this.activity = activity
        drawAgain()
    }

    fun detach(activity: MainActivity) {
        if (this.activity === activity) this.activity = null
    }

    /** After the language, the theme or the size has changed. On the main thread. */
    fun drawAgain() {
        drawn?.let { (screen, desk) -> activity?.draw(screen, desk) }
    }

    override fun draw(screen: Screen, desk: Desk) = onMain {
        drawn = screen to desk
        drawAgain()
    }

    override fun awaitCard() = onMain { activity?.readers?.await() }

    override fun letCardsGo() = onMain { activity?.readers?.letGo() }

    override fun copy(text: String) = onMain { handover.copy(text) }

    override fun share(form: ExportForm, text: String) = onMain { activity?.let { handover.share(it, form, text) } }

    override fun wipePerson() = onMain { handover.wipe() }

    override fun unlock() = onMain { activity?.unlock() }

    override fun openNfcSettings() = onMain { activity?.openNfcSettings() }

    override fun equipment(): Equipment = shikaku.app.equipment(context)

    override fun isLockedByDevice() = context.getSystemService(KeyguardManager::class.java)?.isDeviceSecure == true

    override var isShuffled: Boolean
        get() = chosen.getBoolean(SHUFFLED, false)
        set(value) = chosen.edit().putBoolean(SHUFFLED, value).apply()

    override val deviceName: String = Build.MODEL.orEmpty()

    private fun onMain(what: () -> Unit) {
        main.post(what)
    }

    private companion object {
        const val SHUFFLED = "shuffled"
    }
}
