package shikaku.app

import android.app.Application
import android.content.pm.ApplicationInfo
import java.io.File
import java.io.IOException
import java.util.concurrent.Executors
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.SupervisorJob
import shikaku.app.presenter.Session
import shikaku.core.AppFacts
import shikaku.core.OpenException
import shikaku.core.Platform
import shikaku.core.Terminal
import shikaku.core.guide
import shikaku.store.DeviceKeys
import shikaku.store.FileStorage
import shikaku.store.KeyStoreWrapping

/** One start of the app; screens come and go meanwhile. */
class ShikakuApplication : Application() {
    /** What does for the core what only Android can. */
    val hands: PhoneHands by lazy { PhoneHands(this) }

    /** One for all activities: each holds a track of the system's sound, of which there are few. */
    val cues: Cues by lazy { Cues(this) }

    /** Null if this build names no service that may be believed, or has no terms of use. */
    val session: Session? by lazy(::open)

    private fun open(): Session? {
        val storage = FileStorage(File(noBackupFilesDir, "sealed"), KeyStoreWrapping(this))
        val terms = asset("terms.md").ifBlank { return null }
        val terminal = try {
            Terminal.open(facts(terms), DeviceKeys(this), storage)
        } catch (_: OpenException) {
            return null
        }
        val work = Executors.newSingleThreadExecutor { Thread(it, "session") }
        val network = CoroutineScope(SupervisorJob() + Dispatchers.IO)
        return Session(terminal, guide(), hands, work, network).apply { begin() }
    }

    private fun facts(terms: String) = AppFacts(
        version = packageManager.getPackageInfo(packageName, 0).versionName.orEmpty(),
        platform = Platform.ANDROID,
        trust = asset("trust.json"),
        testServices = applicationInfo.flags and ApplicationInfo.FLAG_DEBUGGABLE != 0,
        termsVersion = resources.getInteger(id("terms_version", "integer")).toUInt(),
        terms = terms,
    )

    private fun id(name: String, kind: String) = resources.getIdentifier(name, kind, packageName)

    private fun asset(name: String): String = try {
        assets.open(name).use { it.readBytes().decodeToString() }
    } catch (_: IOException) {
        // An empty trust list the core refuses.
        ""
    }
}
