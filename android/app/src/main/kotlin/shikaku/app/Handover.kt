package shikaku.app

import android.app.Activity
import android.content.ClipData
import android.content.ClipboardManager
import android.content.Context
import android.content.Intent
import android.os.Handler
import android.os.Looper
import android.os.PersistableBundle
import shikaku.core.ExportForm

/** What leaves the app by staff's hands, and is taken back. On the main thread. */
class Handover(context: Context) {
    private val clipboard: ClipboardManager? = context.getSystemService(ClipboardManager::class.java)
    private val handler = Handler(Looper.getMainLooper())
    private val clearing = Runnable(::clear)
    private var isCopied = false

    /** Into the clipboard, which shows it nowhere and loses it after a minute. */
    fun copy(text: String) {
        val clip = ClipData.newPlainText("", text)
        clip.description.extras = PersistableBundle().apply { putBoolean(SENSITIVE, true) }
        clipboard?.setPrimaryClip(clip)
        isCopied = true
        handler.removeCallbacks(clearing)
        handler.postDelayed(clearing, CLIP_MS)
    }

    /** Text as text, the rest as a file that lies in memory alone. */
    fun share(activity: Activity, form: ExportForm, text: String) {
        val intent = Intent(Intent.ACTION_SEND)
        if (form == ExportForm.TEXT) {
            intent.setType("text/plain").putExtra(Intent.EXTRA_TEXT, text)
        } else {
            val uri = EvidenceProvider.share(text.toByteArray())
            intent.setType(EvidenceProvider.TYPE).putExtra(Intent.EXTRA_STREAM, uri)
            intent.clipData = ClipData.newRawUri("", uri)
            intent.addFlags(Intent.FLAG_GRANT_READ_URI_PERMISSION)
        }
        activity.startActivity(Intent.createChooser(intent, null))
    }

    /** The person is gone: so is what was copied and shared. */
    fun wipe() {
        EvidenceProvider.wipe()
        clear()
    }

    private fun clear() {
        handler.removeCallbacks(clearing)
        if (isCopied) clipboard?.clearPrimaryClip()
        isCopied = false
    }

    private companion object {
        /** `ClipDescription.EXTRA_IS_SENSITIVE`, which has a name since API 33 and is heeded by some before. */
        const val SENSITIVE = "android.content.extra.IS_SENSITIVE"
        const val CLIP_MS = 60_000L
    }
}
